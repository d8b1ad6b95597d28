// The client's script with some transports, in a browser: it connects by them and knows no others.
//
// TEST_URL is the test server's address.

import assert from 'node:assert/strict';
import {test} from 'node:test';
import {LIMIT, address, newPage} from './browser.mjs';

const TEST_URL = address('TEST_URL');
for (const [name, transports] of [
  ['socket.io+websocket.js', ['websocket']],
  ['socket.io+xhr-polling.v0.9.17.js', ['xhr-polling']],
  // The latter comes with the former.
  ['socket.io+jsonp-polling.js', ['xhr-polling', 'jsonp-polling']],
  ['socket.io+flashsocket+htmlfile.js', ['websocket', 'flashsocket', 'htmlfile']],
]) {
  test(`${name} connects by the first of ${transports}`, LIMIT, async t => {
    const page = await newPage(t);
    // A page of the same origin without a client.
    await page.goto(`${TEST_URL}/socket.io/`);
    await page.addScriptTag({url: `${TEST_URL}/socket.io/${name}`});
    const [known, used, sum] = await page.evaluate(() => new Promise((resolve, reject) => {
      const socket = io.connect(location.origin, {reconnect: false});
      for (const event of ['connect_failed', 'error']) {
        socket.on(event, why => reject(new Error(`${event}: ${why}`)));
      }
      socket.on('connect', () => socket.emit('add', 1, 2, sum => {
        resolve([io.transports, socket.socket.transport.name, sum]);
      }));
    }));
    assert.deepEqual([known, used, sum], [transports, transports[0], 3]);
  });
}
