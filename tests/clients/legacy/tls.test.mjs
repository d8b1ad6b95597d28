// The official client over https and wss: the `tls` example at TLS_URL, with the certificate that it
// made when it started.

import assert from 'node:assert/strict';
import https from 'node:https';
import { once } from 'node:events';
import { before } from 'node:test';
import tls from 'node:tls';
import { claim, next } from './client.mjs';

const { TLS_URL } = process.env;

// The one certificate that is trusted here, so that any other would be an error.
before(async () => {
  const { hostname, port } = new URL(TLS_URL);
  const socket = tls.connect({ host: hostname, port, rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const { raw } = socket.getPeerCertificate();
  socket.destroy();
  const lines = raw.toString('base64').match(/.{1,64}/g).join('\n');
  https.globalAgent.options.ca = `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
});

claim('messages arrive encrypted', async ({ connect, transport }) => {
  const socket = connect('', TLS_URL);
  await next(socket, 'connect');
  assert.equal(socket.socket.transport.name, transport);
  assert.equal(socket.socket.options.secure, true);
  for (const text of ['Hello 😀', 'x'.repeat(100_000)]) {
    socket.send(text);
    assert.deepEqual(await next(socket, 'message'), [text]);
  }
});
