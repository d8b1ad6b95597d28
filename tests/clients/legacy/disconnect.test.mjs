// Disconnects by either side, of one endpoint and of all. The server tells everybody on its root who
// has left which endpoint.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { call, claim, idle, next } from './client.mjs';

/** Connects to the root, `/chat` and `/ping`; gives the sockets and who watches them. */
async function company(connect) {
  const name = randomUUID();
  const witness = connect();
  await next(witness, 'connect');
  const chat = connect(`/chat?name=${name}`);
  const [root, ping] = [chat.of(''), chat.of('/ping')];
  await Promise.all([root, chat, ping].map((socket) => next(socket, 'connect')));
  await idle(root);
  const left = (count) =>
    new Promise((resolve) => {
      const endpoints = [];
      witness.on('left', ({ endpoint, name: who }) => {
        if (who === name && endpoints.push(endpoint) === count) resolve(endpoints.sort());
      });
    });
  return { name, root, chat, ping, left };
}

claim('the server disconnects a client for good', async ({ connect }) => {
  const { root, chat, ping, left } = await company(connect);
  root.on('reconnecting', () => assert.fail('reconnecting'));
  const gone = left(3);
  const told = Promise.all([root, chat, ping].map((socket) => next(socket, 'disconnect')));
  root.emit('leave');
  assert.deepEqual(await told, [['booted'], ['booted'], ['booted']]);
  assert.deepEqual(await gone, ['', '/chat', '/ping']);
  assert.equal(root.socket.reconnecting ?? false, false);
});

claim('the server closes one endpoint, and the others go on', async ({ connect }) => {
  const { name, root, chat, ping, left } = await company(connect);
  [root, chat].forEach((socket) => socket.on('disconnect', () => assert.fail('disconnected')));
  const gone = left(1);
  const told = next(ping, 'disconnect');
  ping.emit('leave');
  await told;
  assert.deepEqual(await gone, ['/ping']);
  assert.deepEqual(await call(chat, 'say', 'hi'), [`${name}: hi`]);
  await idle(root);
  [root, chat].forEach((socket) => socket.removeAllListeners('disconnect'));
});

claim('a client leaves one endpoint, and the others go on', async ({ connect }) => {
  const { root, ping, left } = await company(connect);
  const gone = left(1);
  ping.disconnect();
  assert.deepEqual(await gone, ['/ping']);
  assert.deepEqual(await call(root, 'add', 2, 3), [5]);
});

claim('a client disconnects', async ({ connect }) => {
  const { root, left } = await company(connect);
  const gone = left(3);
  root.disconnect();
  assert.deepEqual(await gone, ['', '/chat', '/ping']);
});
