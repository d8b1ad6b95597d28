// The official clients of Socket.IO 1 to 4 in a browser: from a page of the server's own origin, and from
// one of another; over polling, by XHR or by scripts, and over what that is upgraded to.
//
// INTEROP_URL is the address of the server `interop`.

import assert from 'node:assert/strict';
import {test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {LIMIT, address, newPage} from './browser.mjs';

const INTEROP_URL = address('INTEROP_URL');
// The same server under another name is another origin.
const ELSEWHERE = INTEROP_URL.replace('127.0.0.1', 'localhost');
const ORIGINS = {'its own origin': INTEROP_URL, 'another origin': ELSEWHERE};
const POLLING = {transports: ['polling']};
const WAYS = {
  'polling': POLLING,
  'websocket': {transports: ['websocket']},
  'polling with upgrade': {transports: ['polling', 'websocket']},
};
const CLIENTS = {
  // Where it polls it writes UTF-8 twice, as in Node.js.
  '1.7.4': {websocket: WAYS.websocket, 'polling with upgrade': WAYS['polling with upgrade']},
  '2.5.0': {...WAYS, 'polling by scripts': {...POLLING, forceJSONP: true}},
  '3.1.3': WAYS,
  '4.8.4': WAYS,
};
const TEXTS = [
  'plain',
  '</script><script>window.broken = true</script><!--',
  'a\nb\r\nc\rd\te',
  '"double" \'single\' \\ \\" \\n \\\\n \\/ // /',
  '\u2028\u2029\u0000\u001e\u001f\ufeff',
  '😀 ☃ é \ufffd5\ufffd',
  '%22+%2B&d=3:::x;=',
  '\');alert(1)//"',
  '',
];
const LONG = '😀'.repeat(20_000);

/** Opens a page with the client's bundle. */
async function open(t, version, from) {
  const page = await newPage(t);
  await page.goto(`${from}/socket.io/`);
  const bundle = `../node_modules/socket.io-client-${version[0]}/dist/socket.io.js`;
  await page.addScriptTag({path: fileURLToPath(new URL(bundle, import.meta.url))});
  return page;
}

/** Makes the page's `socket`, connected as its options say; gives what carries it, once it is upgraded. */
const connect = ([url, options]) => new Promise((resolve, reject) => {
  window.socket = io(url, {...options, forceNew: true, reconnection: false});
  const {engine} = socket.io;
  const upgraded = options.transports.length === 1 || new Promise(resolve => engine.on('upgrade', resolve));
  for (const event of ['connect_error', 'error']) {
    socket.on(event, why => reject(new Error(`${event}: ${why}`)));
  }
  socket.on('connect', async () => {
    await upgraded;
    resolve(engine.transport.name);
  });
});

/** Sends the texts and what is binary, at once, and gives what comes back of each. */
const talk = texts => {
  const call = (...args) => new Promise(resolve => socket.emit('message-with-ack', ...args, resolve));
  const list = async blob => [...new Uint8Array(await new Response(blob).arrayBuffer())];
  const echo = new Promise(resolve => socket.once('message-back', (...all) => resolve(all)));
  const bytes = new Uint8Array([0, 255, 10, 30]);
  socket.emit('message', ...texts);
  return Promise.all([
    echo,
    call(texts),
    call({deep: [bytes.buffer, {blob: new Blob([bytes, 'é'])}], text: '😀'})
      .then(async ({deep: [buffer, {blob}], text}) => [await list(buffer), await list(blob), text]),
    call(bytes.buffer).then(list),
  ]);
};

/** Has the server end the connection, and gives the reason that the client sees. */
const leave = () => new Promise(resolve => socket.once('disconnect', resolve).emit('leave-all'));

for (const [version, ways] of Object.entries(CLIENTS)) {
  // 1.x fails to read so much of one answer.
  const texts = version === '1.7.4' ? TEXTS : [...TEXTS, LONG];
  for (const [where, from] of Object.entries(ORIGINS)) {
    test(`${version} from ${where}: text and bytes arrive as they were sent`, LIMIT, async t => {
      const page = await open(t, version, from);
      for (const [way, options] of Object.entries(ways)) {
        const carrier = await page.evaluate(connect, [INTEROP_URL, options]);
        assert.equal(carrier, options.transports.at(-1), way);
        const [echo, answer, nested, bytes] = await page.evaluate(talk, texts);
        assert.deepEqual(echo, texts, way);
        assert.deepEqual(answer, texts, way);
        assert.deepEqual(nested, [[0, 255, 10, 30], [0, 255, 10, 30, 195, 169], '😀'], way);
        assert.deepEqual(bytes, [0, 255, 10, 30], way);
        assert.equal(await page.evaluate(leave), 'io server disconnect', way);
      }
      assert.equal(await page.evaluate(() => window.broken), undefined);
    });
  }
}
