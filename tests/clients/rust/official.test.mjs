// The Rust client against the reference server: what it sends arrives there, what that sends arrives here.
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {createServer} from 'node:http';
import {createInterface} from 'node:readline';
import {after, before, test} from 'node:test';
import {Server} from 'socket.io';

const http = createServer();
const io = new Server(http, {connectionStateRecovery: {}, pingInterval: 300, pingTimeout: 300});
let url;

io.of('/lobby').use((socket, next) => {
  const {token} = socket.handshake.auth;
  next(token === 'right' ? undefined : Object.assign(new Error('wrong token'), {data: {token}}));
});

io.of('/lobby').on('connection', socket => {
  socket.on('add', (a, b, answer) => answer(a + b));
  socket.on('reverse', (bytes, answer) => answer(Buffer.from(bytes).reverse(), bytes.length));
  socket.on('ask', async answer => answer(await socket.emitWithAck('confirm', 'sure?')));
  socket.on('transport', answer => answer(socket.conn.transport.name));
  socket.on('break', () => {
    socket.conn.transport.name === 'websocket' ? socket.conn.transport.socket._socket.destroy() : socket.conn.close();
    setTimeout(() => [1, 2, 3].forEach(n => io.of('/lobby').emit('missed', n)), 20);
  });
  socket.on('recovered', answer => answer(socket.recovered));
  socket.emit('welcome', {name: 'é\u{1f600}'});
});

before(async () => {
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  url = `http://127.0.0.1:${http.address().port}/lobby`;
});
after(() => io.close());

/** What the program says it went through, a line each. */
async function run(transports, token) {
  const program = spawn(process.env.RUST_CLIENT, [url, transports, token], {stdio: ['ignore', 'pipe', 'inherit']});
  const lines = [];
  for await (const line of createInterface({input: program.stdout})) lines.push(JSON.parse(line));
  return lines;
}

for (const [transports, carrier] of [['websocket', 'websocket'], ['polling', 'polling'], ['both', 'websocket']]) {
  test(`calls, events and answers go both ways over ${transports}`, {timeout: 60_000}, async () => {
    const lines = await run(transports, 'right');
    assert.deepEqual(lines.slice(0, 5), [
      ['welcome', {name: 'é\u{1f600}'}],
      ['add', 3],
      ['reverse', [3, 2, 1], 3],
      ['ask', 'sure? yes'],
      ['transport', carrier],
    ]);
    const rest = lines.slice(5);
    if (transports !== 'polling') assert.deepEqual(rest, [['missed', 1], ['missed', 2], ['missed', 3], ['recovered', true]]);
  });
}

test('who is refused is told why', {timeout: 60_000}, async () => {
  assert.deepEqual(await run('both', 'wrong'), [['refused', 'wrong token', {token: 'wrong'}]]);
});
