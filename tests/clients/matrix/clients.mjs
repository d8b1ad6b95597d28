// The official clients of all generations behind one face, each over each of its transports.
//
// INTEROP_URL is the address of the server `interop`.

import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

const MODERN = {
  polling: ['polling'],
  websocket: ['websocket'],
  upgrade: ['polling', 'websocket'],
};

/** A client of Socket.IO 1.0 or later. */
class Modern {
  transports = Object.keys(MODERN);

  constructor(version) {
    this.generation = Number(version[0]);
    this.version = version;
    this.io = require(`socket.io-client-${this.generation}`);
  }

  /** Has `auth`, and errors that are objects; those before know refusals as `error`. */
  get isNew() {
    return this.generation >= 3;
  }

  connect(url, transport, { query, auth, ...more } = {}) {
    return this.io(url, {
      transports: MODERN[transport],
      forceNew: true,
      reconnectionDelay: 10,
      reconnectionDelayMax: 50,
      query,
      auth,
      ...more,
    });
  }

  /** Waits until a new connection is as its transport says: upgraded, where it is to be. */
  async ready(socket, transport) {
    const upgraded = transport === 'upgrade' && next(socket.io.engine, 'upgrade');
    await Promise.all([next(socket, 'connect'), upgraded]);
  }

  /** Another endpoint of the same connection. */
  endpoint(socket, path, options) {
    return socket.io.socket(path, options);
  }

  /** What carries the connection, as the client knows it. */
  carrier(socket) {
    return socket.io.engine.transport.name;
  }

  /** Why a connect was refused: the message, and the data where the client tells both. */
  async refusal(socket) {
    if (!this.isNew) return [await first(socket, 'error')];
    const error = await first(socket, 'connect_error');
    return [error.message, error.data];
  }

  close(socket) {
    socket.io.reconnection(false);
    socket.io.engine?.close();
    socket.disconnect();
  }
}

/** The client of Socket.IO 0.9. */
class Legacy {
  generation = 0;
  isNew = false;
  version = '0.9.17';
  transports = ['polling', 'websocket'];
  io = require('socket.io-client');

  connect(url, transport, { query } = {}) {
    // The `transports` option is merged into this list, so only the list itself restricts.
    this.io.transports = [transport === 'polling' ? 'xhr-polling' : transport];
    const search = new URLSearchParams(query).toString();
    return this.io.connect(search ? `${url}?${search}` : url, {
      'force new connection': true,
      'reconnection delay': 10,
      'reconnection limit': 50,
      'max reconnection attempts': Infinity,
    });
  }

  async ready(socket) {
    await next(socket, 'connect');
  }

  endpoint(socket, path) {
    return socket.socket.of(path);
  }

  carrier(socket) {
    return socket.socket.transport.name.replace('xhr-', '');
  }

  async refusal(socket) {
    return [await Promise.race([first(socket, 'error'), first(socket, 'connect_failed')])];
  }

  close({ socket }) {
    socket.options.reconnect = false;
    socket.reconnecting = false;
    try {
      // A client that was refused has no transport, and can't disconnect without one.
      if (socket.transport) socket.disconnect();
    } catch (error) {
      // Nor can one whose transport is not open yet.
      if (error.message !== 'not opened') throw error;
    }
  }
}

const MODERN_VERSIONS = ['1.7.4', '2.5.0', '3.1.3', '4.8.4'];

/** All of them, the oldest first. */
export const CLIENTS = [new Legacy(), ...MODERN_VERSIONS.map((version) => new Modern(version))];

/** The arguments of the next event of this name. */
export function next(socket, event) {
  return new Promise((resolve) => socket.once(event, (...args) => resolve(args)));
}

/** The first argument of the next event of this name. */
export async function first(socket, event) {
  return (await next(socket, event))[0];
}

/** Emits an event and gives the values that it is acknowledged with. */
export function call(socket, event, ...args) {
  return new Promise((resolve) => socket.emit(event, ...args, (...values) => resolve(values)));
}
