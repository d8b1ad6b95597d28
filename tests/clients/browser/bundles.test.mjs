// The client's script with some transports, in a browser: it connects by them and knows no others.
//
// TEST_URL is the test server's address, CHROMIUM the browser (default /usr/bin/chromium).

import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {chromium} from 'playwright-core';

const {TEST_URL, CHROMIUM = '/usr/bin/chromium'} = process.env;
const FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync',
  '--disable-background-networking', '--disable-component-update',
];
const LIMIT = {timeout: 60_000};

let browser;

before(async () => {
  assert(TEST_URL, 'TEST_URL must be the address of a running test server');
  browser = await chromium.launch({executablePath: CHROMIUM, args: FLAGS});
});

after(() => browser?.close());

for (const [name, transports] of [
  ['socket.io+websocket.js', ['websocket']],
  ['socket.io+xhr-polling.v0.9.17.js', ['xhr-polling']],
  // The latter comes with the former.
  ['socket.io+jsonp-polling.js', ['xhr-polling', 'jsonp-polling']],
  ['socket.io+flashsocket+htmlfile.js', ['websocket', 'flashsocket', 'htmlfile']],
]) {
  test(`${name} connects by the first of ${transports}`, LIMIT, async t => {
    const page = await browser.newPage();
    t.after(() => page.close());
    const errors = [];
    page.on('pageerror', error => errors.push(String(error)));
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
    assert.deepEqual(errors, []);
  });
}
