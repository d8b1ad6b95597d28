// The official clients that take a parser, with the one of MessagePack.
//
// INTEROP is the program `interop`.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { CLIENTS, call, next } from './clients.mjs';
import { start } from './interop.mjs';

const parser = createRequire(import.meta.url)('socket.io-msgpack-parser');

const LIMIT = { timeout: 60_000 };
const VALUES = [1, -2.5, 2 ** 40, 'é€😀', true, null, [], { a: { b: [null] } }];
const NESTED = { name: 'é', blob: Buffer.from([0, 255]), deeper: [[Buffer.from([1])], []] };

// The parser is made for clients since 3.0.
for (const client of CLIENTS.filter(({ isNew }) => isNew)) {
  for (const transport of client.transports) {
    test(`${client.version} speaks MessagePack over ${transport}`, LIMIT, async (t) => {
      const { url, stop } = await start('--parser', 'msgpack');
      const socket = client.connect(url, transport, { parser, auth: { token: 7 } });
      // First the client, or it would try to come back.
      t.after(() => {
        client.close(socket);
        return stop();
      });
      const auth = next(socket, 'auth');
      await client.ready(socket, transport);
      assert.deepEqual(await auth, [{ token: 7 }]);
      const back = next(socket, 'message-back');
      socket.emit('message', ...VALUES, NESTED);
      assert.deepEqual(await back, [...VALUES, NESTED]);
      assert.deepEqual(await call(socket, 'message-with-ack', NESTED), [NESTED]);
      socket.on('question', (question, answer) => answer(question));
      socket.emit('ask-binary', NESTED);
      assert.deepEqual(await next(socket, 'answered'), [NESTED]);
      const custom = client.endpoint(socket, '/custom');
      await next(custom, 'connect');
      assert.deepEqual(await call(custom, 'message-with-ack', 1), [1]);
      const refusal = await client.refusal(client.endpoint(socket, '/refused'));
      assert.deepEqual(refusal, ['not here', ['because', 7]]);
    });
  }
}
