// Events and acknowledgements in both directions, small, large and many.

import assert from 'node:assert/strict';
import { call, first, next } from './clients.mjs';
import { claim } from './table.mjs';

const MANY = [1, -2.5, 0, 'text', '', true, null, [], {}, [[1, [2]], { a: { b: [null] } }], 'last'];
const TEXTS = [
  'é€😀',
  '\u2028\u2029',
  '"\'\\/\n\r\t\u0000\u001f',
  '</script>',
  '\ufffd\ufeff',
  '1:2',
  '\x1e',
  'a'.repeat(200) + '😀',
];
const bytes = (...numbers) => Buffer.from(numbers);
// What 1.x does when it polls is seen with text alone: the name is ASCII.
const NESTED = { name: 'files', blob: bytes(0, 255, 10), deeper: [[bytes()], [bytes(1), bytes(2, 3)]] };

const connected = async (socket) => {
  await next(socket, 'connect');
  return socket;
};

claim('events with many arguments, both ways', async ({ connect }) => {
  const socket = await connected(connect());
  const back = next(socket, 'message-back');
  socket.emit('message', ...MANY);
  assert.deepEqual(await back, MANY);
  socket.emit('message');
  assert.deepEqual(await next(socket, 'message-back'), []);
});

claim('text of every kind', async ({ client, transport, connect, defect }) => {
  const socket = await connected(connect());
  // Before the upgrade, where there is one: this is about polling.
  const back = await call(socket, 'message-with-ack', ...TEXTS);
  const twice = (text) => Buffer.from(text).toString('latin1');
  if (client.generation !== 1 || transport === 'websocket') return assert.deepEqual(back, TEXTS);
  defect('1.x writes UTF-8 twice when it polls without binary payloads, as in Node.js');
  assert.deepEqual(back, TEXTS.map(twice));
  // What the server sends it is right.
  assert.deepEqual(await call(socket, 'foreign'), ['é€😀\u2028']);
});

claim('nested binary, both ways', async ({ client, connect, lacks }) => {
  if (!client.generation) lacks('0.9 has packets of text');
  const socket = await connected(connect());
  const back = next(socket, 'message-back');
  socket.emit('message', NESTED, 'between', [NESTED.blob]);
  assert.deepEqual(await back, [NESTED, 'between', [NESTED.blob]]);
  assert.deepEqual(await call(socket, 'message-with-ack', NESTED, NESTED.blob), [NESTED, NESTED.blob]);
});

claim('acknowledges, and is acknowledged', async ({ connect }) => {
  const socket = await connected(connect());
  assert.deepEqual(await call(socket, 'message-with-ack', ...MANY), MANY);
  assert.deepEqual(await call(socket, 'message-with-ack'), []);
  socket.on('question', (question, one, answer) => answer({ question, one }, [one]));
  socket.emit('ask', { who: 'you' });
  assert.deepEqual(await next(socket, 'answered'), [{ question: { who: 'you' }, one: 1 }, [1]]);
});

claim('acknowledges with nested binary', async ({ client, connect, lacks }) => {
  if (!client.generation) lacks('0.9 has packets of text');
  const socket = await connected(connect());
  socket.on('question', ({ name, blob, deeper }, answer) => {
    answer({ name: `${name}!`, blob: Buffer.concat([blob, bytes(7)]), deeper: deeper.reverse() });
  });
  socket.emit('ask-binary', NESTED);
  const { blob, deeper } = NESTED;
  const expected = { name: 'files!', blob: bytes(...blob, 7), deeper: deeper.toReversed() };
  assert.deepEqual(await next(socket, 'answered'), [expected]);
});

claim('an acknowledgement that takes too long', async ({ client, connect }) => {
  const socket = await connected(connect());
  let late;
  socket.on('question', (_question, _one, answer) => (late = answer));
  socket.emit('ask', 'anything', 1);
  assert.match(await first(socket, 'unanswered'), /time/);
  late('too', 'late');
  if (client.generation === 4) {
    // Nobody handles this, so nobody answers.
    const error = await new Promise((resolve) => socket.timeout(1).emit('nobody-answers', resolve));
    assert.equal(error.message, 'operation has timed out');
    assert.deepEqual(await socket.timeout(10_000).emitWithAck('message-with-ack', 1), 1);
  }
  assert.deepEqual(await call(socket, 'message-with-ack', 1), [1]);
});

claim('a megabyte of text, both ways', async ({ connect }) => {
  const socket = await connected(connect());
  const text = 'x'.repeat(999_900);
  const [back] = await call(socket, 'message-with-ack', text);
  assert(back === text, `${back?.length} came back`);
});

claim('a megabyte of bytes, both ways', async ({ client, connect, lacks }) => {
  if (!client.generation) lacks('0.9 has packets of text');
  const socket = await connected(connect());
  // As base64, which polling needs, these are just below the server's bound of 1,000,000.
  const blob = Buffer.alloc(749_000, 'binary');
  const [back] = await call(socket, 'message-with-ack', blob);
  assert(back.equals(blob), `${back.length} came back`);
});

claim('more than the server takes', async ({ connect }) => {
  const socket = await connected(connect());
  const [gone] = [next(socket, 'disconnect')];
  socket.emit('message', 'x'.repeat(1_000_001));
  await gone;
  // It may come back, for others are left alone.
  await next(socket, 'connect');
  assert.deepEqual(await call(socket, 'message-with-ack', 1), [1]);
});

claim('10,000 numbered events, once and in order', async ({ client, transport, connect, defect }) => {
  const COUNT = 10_000;
  const socket = connect();
  const upgraded = transport === 'upgrade' ? next(socket.io.engine, 'upgrade') : null;
  await next(socket, 'connect');
  const numbers = [];
  const all = new Promise((resolve) => {
    socket.on('number', (number) => numbers.push(number) === COUNT && resolve());
  });
  for (let number = 0; number < COUNT; number++) {
    socket.emit('number', number);
    // A few before the upgrade, most while it goes on, some after it.
    if (number === 9_000) await upgraded;
    else if (number % 50 === 0) await new Promise(setImmediate);
  }
  await all;
  if (!client.generation && transport === 'polling') {
    defect('0.9 has two POSTs under way at times, and they overtake each other: once, but not in order');
    numbers.sort((a, b) => a - b);
  }
  assert.deepEqual(numbers, Array.from({ length: COUNT }, (_, number) => number));
  await call(socket, 'message-with-ack');
  assert.equal(numbers.length, COUNT);
  assert.equal(client.carrier(socket), transport === 'polling' ? 'polling' : 'websocket');
});

claim('volatile events, and one that is not', async ({ connect }) => {
  const socket = await connected(connect());
  const numbers = [];
  socket.on('chatter', (number) => numbers.push(number));
  const silence = next(socket, 'silence');
  socket.emit('chatter', 1_000);
  await silence;
  assert.deepEqual(numbers, [...new Set(numbers)].sort((a, b) => a - b));
  // One is dropped that nothing carries just then; who asks again gets one.
  for (numbers.length = 0; !numbers.length; ) await call(socket, 'chatter', 1);
});

claim('what it says to nobody is not kept', async ({ client, connect, lacks }) => {
  if (!client.isNew) lacks('volatile in clients came with 3.0');
  const socket = connect();
  socket.on('message-back', (what) => assert.equal(what, 'kept'));
  socket.volatile.emit('message', 'dropped');
  socket.emit('message', 'kept');
  await next(socket, 'message-back');
  await call(socket, 'message-with-ack');
});
