// Disconnects by either side, and what each says of it.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { call, next } from './clients.mjs';
import { claim } from './table.mjs';

/** Connects to the root and to `/custom`, and a second client that is told who left. */
async function company({ client, connect }) {
  const name = randomUUID();
  const witness = connect('', { query: { watch: name } });
  await next(witness, 'connect');
  const root = connect('', { query: { name } });
  await next(root, 'connect');
  const custom = client.endpoint(root, '/custom');
  await next(custom, 'connect');
  const left = (count) =>
    new Promise((resolve) => {
      const all = [];
      witness.on('left', (...why) => all.push(why) === count && resolve(all.sort()));
    });
  return { root, custom, left };
}

/** The reason that a client gives for the end: of its own doing, and of the server's. */
const reasons = ({ generation }) =>
  generation ? ['io client disconnect', 'io server disconnect'] : ['booted', 'booted'];

claim('the client disconnects', async (way) => {
  const { root, custom, left } = await company(way);
  // A client holds back what it sends while a POST is unanswered, and drops it if it disconnects then.
  while (root.socket?.doBuffer) await new Promise(setImmediate);
  const [gone, told] = [left(2), next(root, 'disconnect')];
  if (way.client.generation) custom.disconnect();
  root.disconnect();
  assert.equal((await told)[0], reasons(way.client)[0]);
  const expected = ['', '/custom'].map((endpoint) => [endpoint, 'client disconnect']);
  assert.deepEqual(await gone, expected);
});

claim('the client leaves one endpoint', async (way) => {
  const { root, custom, left } = await company(way);
  const gone = left(1);
  custom.disconnect();
  assert.deepEqual(await gone, [['/custom', 'client disconnect']]);
  assert.deepEqual(await call(root, 'message-with-ack', 1), [1]);
});

claim('the server disconnects it from one endpoint', async (way) => {
  const { root, custom, left } = await company(way);
  const [gone, told] = [left(1), next(custom, 'disconnect')];
  custom.emit('leave');
  const [reason] = await told;
  assert.equal(reason, way.client.generation ? reasons(way.client)[1] : undefined);
  assert.deepEqual(await gone, [['/custom', 'server disconnect']]);
  assert.deepEqual(await call(root, 'message-with-ack', 1), [1]);
});

claim('the server disconnects it for good', async (way) => {
  const { root, custom, left } = await company(way);
  const gone = left(2);
  const told = Promise.all([root, custom].map((socket) => next(socket, 'disconnect')));
  root.emit('leave-all');
  const [[reason]] = await told;
  assert.equal(reason, reasons(way.client)[1]);
  const expected = ['', '/custom'].map((endpoint) => [endpoint, 'server disconnect']);
  assert.deepEqual(await gone, expected);
});
