// The official client in a browser over each transport: from a page of the server's own origin, and from
// one of another where the client does that.
//
// TEST_URL is the test server's address.

import assert from 'node:assert/strict';
import {test} from 'node:test';
import {LIMIT, address, newPage} from './browser.mjs';

const TEST_URL = address('TEST_URL');
// The same server under another name is another origin.
const ELSEWHERE = TEST_URL.replace('127.0.0.1', 'localhost');
const WAYS = {
  'websocket from its own origin': {transport: 'websocket', from: TEST_URL},
  'websocket from another origin': {transport: 'websocket', from: ELSEWHERE},
  'xhr-polling from its own origin': {transport: 'xhr-polling', from: TEST_URL},
  'xhr-polling from another origin': {transport: 'xhr-polling', from: ELSEWHERE},
  'jsonp-polling from its own origin': {transport: 'jsonp-polling', from: TEST_URL},
  'jsonp-polling from another origin': {transport: 'jsonp-polling', from: ELSEWHERE},
  // Without CORS the handshake is a script, too.
  'jsonp-polling from another origin, without CORS':
    {transport: 'jsonp-polling', from: ELSEWHERE, hasCors: false},
  // The client takes the backslash out of this wherever it comes from.
  'htmlfile': {transport: 'htmlfile', from: TEST_URL, garble: text => text.replaceAll('\\/', '/')},
};
const TEXTS = [
  'plain',
  '</script><script>window.broken = true</script><!--',
  'a\nb\r\nc\rd\te',
  '"double" \'single\' \\ \\" \\n \\/ // /',
  '\u2028\u2029\u0000\u001f\ufeff',
  '😀 ☃ é \ufffd5\ufffd',
  '%22+%2B&d=3:::x;=',
  '\');alert(1)//"',
  ' ',
  '😀'.repeat(20_000),
];

/** Opens a page whose `socket` is connected over this transport; it closes with the test. */
async function connect(t, {transport, from, hasCors = true}) {
  const page = await newPage(t);
  await page.goto(from);
  await page.evaluate(([url, transport, hasCors]) => {
    // The `transports` option is merged into this list, so only the list itself restricts.
    io.transports = [transport];
    if (!hasCors) io.util.ua.hasCORS = false;
    if (transport === 'htmlfile') {
      // Stand-ins for what Internet Explorer has: a document of its own, and a way to be rid of it.
      window.ActiveXObject = function () {
        const frame = document.body.appendChild(document.createElement('iframe'));
        frame.contentDocument.parentWindow = frame.contentWindow;
        return frame.contentDocument;
      };
      window.CollectGarbage = () => {};
    }
    window.socket = io.connect(url, {reconnect: false});
    return new Promise((resolve, reject) => {
      for (const event of ['connect_failed', 'error']) {
        socket.on(event, why => reject(new Error(`${event}: ${why}`)));
      }
      socket.on('connect', resolve);
    });
  }, [TEST_URL, transport, hasCors]);
  assert.equal(await page.evaluate(() => socket.socket.transport.name), transport);
  return page;
}

for (const [way, options] of Object.entries(WAYS)) {
  const {garble = text => text} = options;

  test(`${way}: text arrives as it was sent`, LIMIT, async t => {
    const page = await connect(t, options);
    const echoes = await page.evaluate(texts => new Promise(resolve => {
      const echoes = [];
      socket.on('message', text => {
        if (echoes.push(text) === texts.length) resolve(echoes);
      });
      for (const text of texts) socket.send(text);
    }), TEXTS);
    assert.deepEqual(echoes, TEXTS.map(garble));
    for (const text of TEXTS) {
      const [swapped, burst] = await page.evaluate(text => new Promise(resolve => {
        const burst = [];
        socket.removeAllListeners('message');
        socket.on('message', part => {
          if (burst.push(part) === 3) {
            socket.emit('swap', {[text]: text}, [text], (...swapped) => resolve([swapped, burst]));
          }
        });
        socket.emit('burst', text);
      }), text);
      assert.deepEqual(swapped, [[garble(text)], {[garble(text)]: garble(text)}]);
      assert.deepEqual(burst, [1, 2, 3].map(number => `${number} ${garble(text)}`));
    }
    assert.equal(await page.evaluate(() => window.broken), undefined);
  });

  test(`${way}: the server's goodbye arrives`, LIMIT, async t => {
    const page = await connect(t, options);
    const reason = await page.evaluate(() => new Promise(resolve => {
      socket.on('disconnect', resolve);
      socket.emit('leave');
    }));
    assert.equal(reason, 'booted');
  });
}
