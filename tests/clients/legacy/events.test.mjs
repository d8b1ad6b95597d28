// Events with their arguments, and acknowledgements in both directions.

import assert from 'node:assert/strict';
import { call, claim, next } from './client.mjs';

for (const [form, argument] of [['position', 'Joes 😀'], ['keyword', { name: 'Joes 😀' }]]) {
  claim(`arguments go to parameters by ${form}`, async ({ connect }) => {
    const socket = connect();
    const answers = Promise.all([next(socket, 'thanks'), next(socket, 'hello')]);
    socket.emit('hello', argument);
    assert.deepEqual(await answers, [[{ name: 'Joes 😀' }], ['Joes 😀', 'foobar']]);
  });
}

claim('what a handler returns is the acknowledgement', async ({ connect }) => {
  const socket = connect();
  assert.deepEqual(await call(socket, 'add', 2, 3), [5]);
  assert.deepEqual(await call(socket, 'add', { b: 3, a: -2 }), [1]);
  assert.deepEqual(await call(socket, 'swap', 'a+b', ['☃', null]), [['☃', null], 'a+b']);
  assert.deepEqual(await call(socket, 'nothing'), []);
});

claim('an error is acknowledged as one object with the key `error`', async ({ connect }) => {
  const socket = connect();
  assert.deepEqual(await call(socket, 'fail', 'no luck'), [{ error: 'no luck' }]);
});

claim('arguments that do not fit are acknowledged as an error', async ({ connect }) => {
  const socket = connect();
  for (const [args, problem] of [
    [['two', 3], /`a`/],
    [[2], /`b`/],
    [[2, 3, 4], /more than 2/],
  ]) {
    const [answer, ...more] = await call(socket, 'add', ...args);
    assert.deepEqual([Object.keys(answer), more], [['error'], []]);
    assert.match(answer.error, problem);
  }
  assert.deepEqual(await call(socket, 'add', 2, 3), [5]);
});

for (const [values, answer] of [[['a+b'], 'a+b'], [[1, { 'c+d': '😀' }], [1, { 'c+d': '😀' }]]]) {
  const shown = JSON.stringify(values);
  claim(`the client's acknowledgement ${shown} arrives`, async ({ connect }) => {
    const socket = connect();
    const answered = next(socket, 'answer');
    socket.on('question', (question, acknowledge) => {
      assert.equal(question, 'which?');
      acknowledge(...values);
    });
    socket.emit('ask', 'which?');
    assert.deepEqual(await answered, [answer]);
  });
}

claim('an event that nobody handles is not acknowledged', async ({ connect }) => {
  const socket = connect();
  let acknowledged = false;
  socket.emit('unheard of', 1, () => (acknowledged = true));
  assert.deepEqual(await call(socket, 'add', 2, 3), [5]);
  assert.equal(acknowledged, false);
});
