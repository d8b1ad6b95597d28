// What a client finds when it comes back after its transport was cut.

import assert from 'node:assert/strict';
import { call, claim, next } from './client.mjs';
import { cuttable } from './cuttable.mjs';

/** Connects to `/chat` and cuts the connection. */
async function lost(connect, end) {
  const wire = await cuttable();
  const chat = connect('/chat?name=Joes', wire.url);
  end(wire.close);
  await next(chat, 'welcome');
  const disconnected = next(chat, 'disconnect');
  wire.cut();
  await disconnected;
  return chat;
}

claim('a client that was cut off comes back to its endpoints', async ({ connect, transport, end }) => {
  const chat = await lost(connect, end);
  const [reconnected] = await Promise.all([next(chat, 'reconnect'), next(chat, 'welcome')]);
  assert.equal(reconnected[0], transport);
  assert.deepEqual(await call(chat, 'say', 'back'), ['Joes: back']);
});

// The client sends what it has kept before it connects its endpoints again.
claim('what a client sends to an endpoint while it is away is handled', async ({ connect, end }) => {
  const chat = await lost(connect, end);
  const echo = next(chat, 'message');
  chat.send('first');
  assert.deepEqual(await call(chat, 'say', 'then'), ['Joes: then']);
  assert.deepEqual(await echo, ['Joes: first']);
});
