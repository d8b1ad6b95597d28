// Connecting, and messages in both directions.

import assert from 'node:assert/strict';
import { claim, next, several } from './client.mjs';

const ASTRAL = '😀 and ☃';

claim('a client connects', async ({ connect, transport }) => {
  const socket = connect();
  await next(socket, 'connect');
  assert.equal(socket.socket.transport.name, transport);
});

claim('a refused handshake is an error', async ({ connect }) => {
  const socket = connect('/?refuse=yes');
  assert.deepEqual(await next(socket, 'error'), ['handshake unauthorized']);
});

claim('text comes back as it was sent', async ({ connect }) => {
  const socket = connect();
  for (const text of ['hello', '', '5:1+:/a:{"name":"b"}', 'two\nlines', '"quoted"', ASTRAL]) {
    const echo = next(socket, 'message');
    socket.send(text);
    assert.deepEqual(await echo, [text]);
  }
});

claim('JSON comes back as it was sent', async ({ connect }) => {
  const socket = connect();
  for (const value of [{ a: [1, { b: null }] }, [1, 'two', ASTRAL], 1.5, true, null]) {
    const echo = next(socket, 'message');
    socket.json.send(value);
    assert.deepEqual(await echo, [value]);
  }
});

claim('a message with a callback is acknowledged', async ({ connect }) => {
  const socket = connect();
  const echo = next(socket, 'message');
  assert.deepEqual(await new Promise((resolve) => {
    socket.send('hello', (...values) => resolve(values));
  }), []);
  assert.deepEqual(await echo, ['hello']);
});

claim("the client's acknowledgement of a message arrives", async ({ connect }) => {
  const socket = connect();
  const message = next(socket, 'message');
  const delivered = next(socket, 'delivered');
  socket.emit('deliver', 'hello');
  assert.deepEqual(await message, ['hello']);
  assert.deepEqual(await delivered, []);
});

claim('messages sent at once arrive whole and in order', async ({ connect }) => {
  const socket = connect();
  const texts = Array.from({ length: 9 }, (_, i) => `${i} ${ASTRAL} �`);
  const echoes = several(socket, 'message', texts.length);
  texts.forEach((text) => socket.send(text));
  assert.deepEqual(await echoes, texts);
});

claim('messages that the server sends at once arrive whole and in order', async ({ connect }) => {
  const socket = connect();
  const messages = several(socket, 'message', 3);
  socket.emit('burst', ASTRAL);
  assert.deepEqual(await messages, [`1 ${ASTRAL}`, `2 ${ASTRAL}`, `3 ${ASTRAL}`]);
});
