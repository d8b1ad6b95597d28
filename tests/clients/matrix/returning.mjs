// Clients that lose their connection, or their server, and come back.

import assert from 'node:assert/strict';
import { cuttable } from '../legacy/cuttable.mjs';
import { call, next } from './clients.mjs';
import { start } from './interop.mjs';
import { claim } from './table.mjs';

/** The reasons that clients give for a connection that broke. */
const BROKEN = ['transport close', 'transport error', undefined];

const isConnected = (socket) => (socket.socket ?? socket).connected;

claim('comes back when the connection is cut', async ({ client, transport, connect, end }) => {
  const wire = await cuttable(process.env.INTEROP_URL);
  end(wire.close);
  const socket = connect('', {}, wire.url);
  const custom = client.endpoint(socket, '/custom');
  await Promise.all([client.ready(socket, transport), next(custom, 'connect')]);
  const lost = next(socket, 'disconnect');
  // Who polls may have nothing under way that could be cut.
  while (isConnected(socket)) {
    wire.cut();
    await new Promise(setImmediate);
  }
  const [reason] = await lost;
  assert(BROKEN.includes(reason), reason);
  custom.emit('message', 'kept');
  assert.deepEqual(await next(custom, 'message-back'), ['kept']);
  assert.deepEqual(await call(socket, 'message-with-ack', 1), [1]);
});

claim('comes back when the server is started anew', async ({ client, transport, connect, end }) => {
  const before = await start();
  end(before.stop);
  const socket = connect('', {}, before.url);
  await client.ready(socket, transport);
  const lost = next(socket, 'disconnect');
  await before.stop();
  const [reason] = await lost;
  assert(BROKEN.includes(reason), reason);
  const after = await start('--port', new URL(before.url).port);
  end(after.stop);
  await next(socket, 'connect');
  assert.deepEqual(await call(socket, 'message-with-ack', 1), [1]);
});

claim('stays through heartbeats', async ({ client, connect, end, lacks }) => {
  if (!client.generation) lacks('heartbeats of 0.9 are whole seconds');
  const server = await start('--ping-interval-ms', 50, '--ping-timeout-ms', 5_000);
  end(server.stop);
  const socket = connect('', {}, server.url);
  await next(socket, 'connect');
  socket.on('disconnect', (reason) => assert.fail(reason));
  // The client asks before 3.0, and the server since then.
  const [teller, told] =
    { 3: [socket.io.engine, 'pong'], 4: [socket.io, 'ping'] }[client.generation] ?? [socket, 'pong'];
  for (let beat = 0; beat < 3; beat++) await next(teller, told);
  assert.deepEqual(await call(socket, 'message-with-ack', 1), [1]);
  socket.removeAllListeners('disconnect');
});
