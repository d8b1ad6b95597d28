// The official client 0.9 as the tests use it: one test per transport, each with connections of its
// own to the server at TEST_URL, which end with the test.

import test from 'node:test';
import io from 'socket.io-client';

const TRANSPORTS = ['websocket', 'xhr-polling'];
const TIMEOUT = 10_000;

/**
 * Declares that a claim holds over each transport. The body gets `connect(path, base)`, which opens a
 * connection, and `end(fn)`, which calls `fn` when the test is over.
 */
export function claim(name, body) {
  for (const transport of TRANSPORTS) {
    test(`${name} (${transport})`, { timeout: TIMEOUT }, async (t) => {
      const connect = (path = '', base = process.env.TEST_URL) => {
        // The `transports` option is merged into this list, so only the list itself restricts.
        io.transports = [transport];
        const socket = io.connect(base + path, {
          'force new connection': true,
          'reconnection delay': 10,
        });
        // A client that was refused has no transport, and can't disconnect without one.
        t.after(() => socket.socket.transport && socket.socket.disconnect());
        return socket;
      };
      await body({ connect, transport, end: (fn) => t.after(fn) });
    });
  }
}

/** The arguments of the next event of this name. */
export function next(socket, event) {
  return new Promise((resolve) => socket.once(event, (...args) => resolve(args)));
}

/** The first arguments of the next `count` events of this name. */
export function several(socket, event, count) {
  return new Promise((resolve) => {
    const values = [];
    socket.on(event, (value) => {
      if (values.push(value) === count) resolve(values);
    });
  });
}

/** Emits an event and gives the values that it is acknowledged with. */
export function call(socket, event, ...args) {
  return new Promise((resolve) => socket.emit(event, ...args, (...values) => resolve(values)));
}

/**
 * Waits until the client has nothing under way: what it sends while a POST is unanswered it holds back,
 * and drops if it disconnects then.
 */
export async function idle(socket) {
  while (socket.socket.doBuffer) await new Promise(setImmediate);
}
