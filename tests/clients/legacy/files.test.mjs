// The client's files, as pages get them: put together from the package's sources as its own builder
// does it.

import assert from 'node:assert/strict';
import {createRequire} from 'node:module';
import {readFile} from 'node:fs/promises';
import test from 'node:test';
import {promisify} from 'node:util';

const {TEST_URL} = process.env;
const require = createRequire(import.meta.url);
const build = promisify(require('socket.io-client/bin/builder.js'));

// In what order the server puts them, and what each brings along.
const TRANSPORTS = ['websocket', 'flashsocket', 'htmlfile', 'xhr-polling', 'jsonp-polling'];

/** What stands between the wrappers, less the lines in which the builder hides ActiveXObject. */
function body(script) {
  const from = script.indexOf('\n/**');
  const to = script.lastIndexOf('\nif (typeof define');
  assert(from > 0 && to > from, script.slice(0, 200));
  return script.slice(from, to).split('\n').filter(line => !/active|ac\.\.\.ex/i.test(line));
}

test('each set of transports gives the script that the client\'s own builder makes', async () => {
  for (let bits = 1; bits < 1 << TRANSPORTS.length; bits++) {
    const transports = TRANSPORTS.filter((_, place) => bits & 1 << place);
    const answer = await fetch(`${TEST_URL}/socket.io/socket.io+${transports.join('+')}.js`);
    assert.equal(answer.status, 200, transports);
    assert.deepEqual(body(await answer.text()), body(await build(transports, {minify: false})));
  }
});

test('the files of the package arrive as they are', async () => {
  for (const [url, file] of [
    ['socket.io.js', 'socket.io.js'],
    ['socket.io.v0.9.17.js', 'socket.io.js'],
    ['static/flashsocket/WebSocketMain.swf', 'WebSocketMain.swf'],
    ['static/flashsocket/WebSocketMainInsecure.swf', 'WebSocketMainInsecure.swf'],
  ]) {
    const answer = await fetch(`${TEST_URL}/socket.io/${url}`);
    const expected = await readFile(require.resolve(`socket.io-client/dist/${file}`));
    assert.deepEqual(Buffer.from(await answer.arrayBuffer()), expected);
    const immutable = answer.headers.get('cache-control').includes('immutable');
    assert.equal(immutable, url.includes('.v'), url);
  }
});
