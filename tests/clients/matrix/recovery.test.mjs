// The official client 4.x, cut off and back again: what it missed, and when it gets a new connection.
//
// INTEROP is the program `interop`, of which each test starts one that lets clients come back.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { cuttable } from '../legacy/cuttable.mjs';
import { next } from './clients.mjs';
import { start } from './interop.mjs';

const io = createRequire(import.meta.url)('socket.io-client-4');

const TIMEOUT = 60_000;
const TRANSPORTS = {
  polling: ['polling'],
  websocket: ['websocket'],
  'polling, then websocket': ['polling', 'websocket'],
};

/** A server with this window, a client of it that can be cut off, and another that stays. */
async function talk(t, transports, window) {
  // Where nothing was under way that could be cut, the server notices by the heartbeat.
  const heartbeat = ['--ping-interval-ms', 1_000, '--ping-timeout-ms', 1_000];
  const { url, stop } = await start('--recovery-window-ms', window, ...heartbeat);
  t.after(stop);
  const wire = await cuttable(url);
  t.after(wire.close);
  const connect = async (base) => {
    const socket = io(`${base}/relay`, {
      transports,
      forceNew: true,
      reconnectionDelay: 10,
      reconnectionDelayMax: 50,
      autoConnect: false,
    });
    t.after(() => socket.disconnect());
    const hello = next(socket, 'hello');
    socket.connect();
    assert.equal((await hello)[0], false);
    return socket;
  };
  const [cut, other] = [await connect(wire.url), await connect(url)];
  return { cut, other, wire };
}

/** Cuts a client off for as long as `meanwhile` takes, which begins when the server knows. */
async function away({ cut, other, wire }, meanwhile) {
  cut.io.reconnection(false);
  const lost = [next(cut, 'disconnect'), next(other, 'left')];
  while (cut.connected) {
    wire.cut();
    await new Promise(setImmediate);
  }
  await Promise.all(lost);
  await meanwhile();
  const hello = next(cut, 'hello');
  cut.io.reconnection(true);
  cut.connect();
  return (await hello)[0];
}

for (const [name, transports] of Object.entries(TRANSPORTS)) {
  test(`a client that was cut off gets all that it missed, once (${name})`, { timeout: TIMEOUT }, async (t) => {
    const clients = await talk(t, transports, 120_000);
    const { cut, other } = clients;
    await cut.emitWithAck('join', 'room');
    const { id } = cut;
    const numbers = [];
    cut.on('number', (number) => numbers.push(number));
    const hundred = [...Array(100).keys()];
    for (const rooms of [[], ['room'], ['hall', 'room']]) {
      const recovered = await away(clients, async () => {
        await other.emitWithAck('count', 7, 'hall');
        await other.emitWithAck('count', 100, ...rooms);
      });
      assert.equal(recovered, true);
      assert.equal(cut.recovered, true);
      assert.equal(cut.id, id);
      assert.deepEqual(numbers.splice(0), hundred);
    }
  });

  test(`a client that is away too long gets a new connection (${name})`, { timeout: TIMEOUT }, async (t) => {
    const clients = await talk(t, transports, 1);
    const { cut, other } = clients;
    const { id } = cut;
    const recovered = await away(clients, () => other.emitWithAck('count', 100));
    assert.equal(recovered, false);
    assert.equal(cut.recovered, false);
    assert.notEqual(cut.id, id);
  });
}

test('a client that disconnects gets a new connection', { timeout: TIMEOUT }, async (t) => {
  const { cut } = await talk(t, ['websocket'], 120_000);
  const { id } = cut;
  const hello = next(cut, 'hello');
  cut.disconnect().connect();
  assert.equal((await hello)[0], false);
  assert.notEqual(cut.id, id);
});
