// Endpoints: several connections on one transport.

import assert from 'node:assert/strict';
import { call, claim, next } from './client.mjs';

claim('two endpoints share a transport with the root', async ({ connect }) => {
  const chat = connect('/chat?name=Joes');
  const [root, ping] = [chat.of(''), chat.of('/ping')];
  await Promise.all([root, chat, ping].map((socket) => next(socket, 'connect')));

  const echoes = Promise.all([root, chat, ping].map((socket) => next(socket, 'message')));
  chat.send('to the chat');
  ping.json.send(['to the ping']);
  root.send('to the root');
  assert.deepEqual(await echoes, [['to the root'], ['Joes: to the chat'], [['to the ping']]]);

  // Each counts its acknowledgements for itself.
  assert.deepEqual(
    await Promise.all([call(root, 'add', 2, 3), call(chat, 'say', 'hi'), call(ping, 'ping')]),
    [[5], ['Joes: hi'], ['pong']],
  );
});

claim("an endpoint's query string reaches it", async ({ connect }) => {
  const chat = connect('/chat?name=J%C3%B6rg+%26+Co');
  assert.deepEqual(await next(chat, 'welcome'), [{ name: 'Jörg & Co' }]);
});

claim('a refused endpoint fails to connect, and the root goes on', async ({ connect }) => {
  const chat = connect('/chat');
  assert.deepEqual(await next(chat, 'connect_failed'), ['unauthorized']);
  assert.deepEqual(await call(chat.of(''), 'add', 2, 3), [5]);
});

claim('an endpoint that does not exist stays silent, and the root goes on', async ({ connect }) => {
  const nowhere = connect('/nowhere');
  nowhere.on('connect', () => assert.fail('connected to nowhere'));
  nowhere.send('hello');
  assert.deepEqual(await call(nowhere.of(''), 'add', 2, 3), [5]);
});

claim('paths that match a pattern or are chosen late are endpoints each', async ({ connect }) => {
  const seven = connect('/room/7');
  const [odd, late] = [seven.of('/room/a%2Fb'), seven.of('/late/one')];
  await Promise.all([seven, odd, late].map((socket) => next(socket, 'connect')));
  assert.deepEqual(
    await Promise.all([seven, odd, late].map((socket) => call(socket, 'which'))),
    [['/room/7', '7'], ['/room/a%2Fb', 'a%2Fb'], ['/late/one', null]],
  );
});
