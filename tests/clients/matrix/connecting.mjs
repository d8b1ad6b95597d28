// Who gets in, who does not, and what both sides know of each other.

import assert from 'node:assert/strict';
import { call, first, next } from './clients.mjs';
import { claim } from './table.mjs';

claim('connects, with query and auth', async ({ client, transport, connect }) => {
  const socket = connect('', { query: { who: 'Zoë & co=' }, auth: { token: 'ünsafe', more: [1] } });
  const auth = first(socket, 'auth');
  await next(socket, 'connect');
  // Those that have no `auth` say in the query who they are.
  const { who, token, more } = await auth;
  if (client.isNew) assert.deepEqual([token, more], ['ünsafe', [1]]);
  else assert.equal(who, 'Zoë & co=');
  assert.deepEqual(await call(socket, 'query', 'who'), ['Zoë & co=']);
  if (transport !== 'upgrade') assert.equal(client.carrier(socket), transport);
});

claim('upgrades, and goes on', async ({ client, transport, connect, lacks }) => {
  if (transport !== 'upgrade') lacks('for those that begin with polling and go on with websocket');
  const socket = connect();
  assert.equal(client.carrier(socket), 'polling');
  await client.ready(socket, transport);
  assert.equal(client.carrier(socket), 'websocket');
  assert.deepEqual(await call(socket, 'message-with-ack', 1), [1]);
});

claim('is refused, and told why', async ({ client, connect }) => {
  const refusal = await client.refusal(connect('', { query: { refuse: 1 } }));
  const message = 'the client asks to be refused';
  const expected = ['handshake unauthorized', message, message, message, message];
  assert.equal(refusal[0], expected[client.generation]);
});

claim('is refused at an endpoint, with data', async ({ client, connect }) => {
  const root = connect();
  await next(root, 'connect');
  const refusal = await client.refusal(client.endpoint(root, '/refused'));
  // Clients before 3.0 get one value: 0.9 the reference server's word, the others the data.
  const old = [client.generation ? ['because', 7] : 'unauthorized'];
  assert.deepEqual(refusal, client.isNew ? ['not here', ['because', 7]] : old);
  assert.deepEqual(await call(root, 'message-with-ack', 1), [1]);
});

claim('asks for an endpoint that there is not', async ({ client, connect }) => {
  const root = connect();
  await next(root, 'connect');
  const nowhere = client.endpoint(root, '/nowhere');
  nowhere.on('connect', () => assert.fail('connected to nowhere'));
  // The reference server of 0.9 is silent, and so is this one.
  if (client.generation) assert.equal((await client.refusal(nowhere))[0], 'Invalid namespace');
  assert.deepEqual(await call(root, 'message-with-ack', 1), [1]);
});

claim('knows its id as the server does', async ({ client, connect, lacks }) => {
  if (!client.generation) lacks('0.9 knows no socket ids');
  const root = connect();
  await next(root, 'connect');
  const custom = client.endpoint(root, '/custom');
  await next(custom, 'connect');
  assert.deepEqual(await call(root, 'id'), [root.id]);
  // 1.x leaves the endpoint out of what it computes.
  const id = client.generation === 1 ? `/custom#${custom.id}` : custom.id;
  assert.deepEqual(await call(custom, 'id'), [id]);
  assert.notEqual(root.id, id);
  assert.equal(root.id === root.io.engine.id, !client.isNew);
});

claim('joins several endpoints', async ({ client, connect }) => {
  const root = connect();
  const [custom, seven, eight] =
    ['/custom', '/room/7', '/room/8'].map((path) => client.endpoint(root, path));
  await Promise.all([root, custom, seven, eight].map((socket) => next(socket, 'connect')));
  const answers = [root, custom].map((socket, number) => call(socket, 'message-with-ack', number));
  assert.deepEqual(await Promise.all(answers), [[0], [1]]);
  assert.deepEqual(await call(seven, 'which'), ['7', null]);
  assert.deepEqual(await call(eight, 'which'), ['8', null]);
  custom.emit('message', 'only there');
  root.on('message-back', () => assert.fail('on the wrong endpoint'));
  assert.deepEqual(await next(custom, 'message-back'), ['only there']);
});

claim('joins an endpoint with a query', async ({ connect }) => {
  // Clients of 1.x and 2.x send it with the endpoint's name, the others with the handshake.
  const room = connect('/room/7?x=y');
  await next(room, 'connect');
  assert.deepEqual(await call(room, 'which'), ['7', 'y']);
});
