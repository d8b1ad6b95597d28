// The example pages in a browser, each with the example that serves it: its main thing done, on a
// desktop and on a phone, in light and in dark.
//
// ACK_PING_URL and the like are the addresses of the running examples.

import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {LIMIT, LOOKS, address, fits, newPage, see, shoot} from './browser.mjs';

/** Texts that a page which took them for anything but text would trip over. */
const HOSTILE = [
  '</script><script>document.body.textContent = ""</script><b onclick="x">&amp;',
  'one\ntwo \u2028 three \t "double" \'single\' \\ 😀',
];

const EXAMPLES = ['chat', 'ack_ping', 'rpc_ping', 'multiplexed', 'transports', 'cross_site', 'tls', 'stats'];

/** The address of an example. */
const at = example => address(`${example.toUpperCase()}_URL`);

/** Opens the page of an example and waits until it is connected. */
async function open(t, example, options) {
  const page = await newPage(t, {ignoreHTTPSErrors: true, ...options});
  page.sockets = 0;
  page.on('websocket', () => page.sockets += 1);
  await page.goto(at(example));
  await see(page, '#status', 'Online over websocket');
  return page;
}

/** Waits until a line of the messages has exactly this text, spaces included. */
const seeLine = (page, text) =>
  page.waitForFunction(text => [...messages.children].some(item => item.textContent === text), text);

/** Declares that a claim about an example's page holds in every look; ends with a picture of it. */
function claim(example, what, body) {
  describe(`${example}: ${what}`, {concurrency: true}, () => {
    for (const [look, options] of Object.entries(LOOKS)) {
      test(look, LIMIT, async t => {
        const page = await open(t, example, options);
        await body(page, t);
        await page.evaluate(() => scrollTo(0, 0));
        await fits(page, 'header');
        await shoot(page, `${example}-${look}`, {fullPage: true});
      });
    }
  });
}

claim('ack_ping', 'eleven messages are acknowledged by either side', async page => {
  await page.click('#ten');
  for (const title of ['By the server', 'By this page']) {
    await page.locator('.gauge', {hasText: title}).locator('.sum', {hasText: /\b1\d in all/}).waitFor();
  }
  assert.equal(await page.textContent('#waiting'), '');
});

claim('rpc_ping', 'calls by position and by keyword return what the server made of them', async page => {
  for (const title of ['By position', 'By keyword']) {
    await page.locator('.gauge', {hasText: title}).locator('.sum', {hasText: 'in all'}).waitFor();
  }
  await page.click('#pause');
  await page.fill('#text', 'Hello 😀');
  for (const button of ['#position', '#keyword', '#back', '#wrong']) await page.click(button);
  const answers = page.locator('#calls code:nth-of-type(2), #calls span code');
  await answers.nth(3).waitFor();
  const [position, keyword, back, wrong] = (await answers.allTextContents()).map(JSON.parse);
  for (const {number, ...rest} of [position, keyword]) {
    assert.deepEqual(rest, {text: 'Hello 😀', chars: 7});
  }
  assert.equal(keyword.number, position.number + 1);
  assert.equal(back, '😀 olleH');
  assert.match(wrong, /`text`/);
  for (const [i, text] of HOSTILE.entries()) {
    await page.evaluate(text => show('ping', 1, text), text);
    await answers.nth(4 + i).waitFor();
    assert.equal(JSON.parse(await answers.nth(4 + i).textContent()).text, text);
  }
});

claim('multiplexed', 'endpoints are joined and left one by one, over one connection', async (page, t) => {
  const other = await open(t, 'multiplexed');
  await see(other, '#chat .state', 'Joined');
  await see(page, '#ping .state', 'Joined');
  await page.locator('#ping .sum', {hasText: 'in all'}).waitFor();
  const youAre = page.locator('#messages li', {hasText: /^You are /});
  const nameIn = line => line.match(/^You are (.*)\.$/)[1];
  const name = nameIn(await youAre.first().textContent());

  await page.fill('#text', 'Hello 😀');
  await page.keyboard.press('Enter');
  for (const each of [page, other]) await see(each, '#messages li', `${name}: Hello 😀`);
  for (const text of HOSTILE) {
    await page.evaluate(text => chat.send(text), text);
    await seeLine(other, `${name}: ${text}`);
  }

  await page.click('#chat .row button');
  await see(page, '#chat .state', 'Left');
  await see(other, '#messages li', `${name} left.`);
  assert(await page.locator('#form button').isDisabled());
  const pings = () => page.evaluate(() => gauge.count);
  const before = await pings();
  await page.waitForFunction(before => gauge.count > before, before);
  await page.click('#chat .row button');
  await see(page, '#chat .state', 'Joined');
  const newName = nameIn(await youAre.nth(1).textContent());

  await page.click('#ping .row button');
  await see(page, '#ping .state', 'Left');
  await page.fill('#text', 'Still here');
  await page.keyboard.press('Enter');
  await see(page, '#messages li', `${newName}: Still here`);
  await page.click('#ping .row button');
  await see(page, '#ping .state', 'Joined');
  assert.equal(page.sockets, 1);
});

claim('transports', 'each transport that is chosen is the one in use, and is measured', async page => {
  const result = name => page.locator('#choices label', {hasText: new RegExp(`^${name}`)}).locator('output');
  await result('automatic').filter({hasText: / ms$/}).waitFor();
  for (const name of ['flashsocket', 'htmlfile']) {
    assert(await page.locator(`input[value=${name}]`).isDisabled(), name);
  }
  for (const name of ['xhr-polling', 'jsonp-polling', 'websocket']) {
    await page.check(`input[value=${name}]`);
    await see(page, '#status', `Online over ${name}`);
    await result(name).filter({hasText: /^[\d.]+ ms$/}).waitFor();
    assert.match(await page.textContent('#seen'), new RegExp(`The server says it is ${name}\\.`));
    assert.equal(await page.evaluate(() => gauge.count), 20);
  }
});

test('transports: a choice that comes before the last is connected leaves no connection behind', LIMIT, async t => {
  const page = await open(t, 'transports');
  await page.evaluate(() => {
    for (const name of ['xhr-polling', 'websocket', 'jsonp-polling', 'xhr-polling']) {
      (window.made ??= []).push(inUse);
      document.querySelector(`input[value=${name}]`).click();
    }
  });
  await see(page, '#status', 'Online over xhr-polling');
  await page.waitForFunction(() => made.every(old => !old.socket.connected && !old.socket.connecting));
  await see(page, '#status', 'Online over xhr-polling');
  assert.equal(await page.evaluate(() => gauge.count > 20), false);
});

claim('cross_site', 'the server that names the page lets it in, the other does not', async (page, t) => {
  const {origin} = new URL(page.url());
  await see(page, '#messages li', `You come from a page of ${origin}.`);
  await see(page, '#stranger .state', 'Not let in');
  for (const text of HOSTILE) {
    await page.evaluate(text => socket.send(text), `${t.name}: ${text}`);
    await seeLine(page, `${t.name}: ${text}`);
  }
  await page.fill('#text', `Hello from ${t.name} 😀`);
  await page.keyboard.press('Enter');
  await seeLine(page, `Hello from ${t.name} 😀`);
  await page.click('#again');
  await see(page, '#stranger .state', 'Not let in');
});

test('cross_site: the same by requests, whose answers the browser guards', LIMIT, async t => {
  const page = await newPage(t);
  await page.route('**/socket.io.js', async route => {
    const client = await route.fetch();
    await route.fulfill({response: client, body: `${await client.text()};io.transports = ['xhr-polling'];`});
  });
  await page.goto(at('cross_site').replace('127.0.0.1', 'localhost'));
  await see(page, '#status', 'Online over xhr-polling');
  await see(page, '#messages li', `You come from a page of ${new URL(page.url()).origin}.`);
  await see(page, '#stranger .state', 'Not let in');
});

claim('tls', 'messages arrive over wss and over https', async (page, t) => {
  assert.equal(new URL(page.url()).protocol, 'https:');
  const requests = [];
  page.on('websocket', socket => requests.push(socket.url()));
  page.on('request', request => requests.push(request.url()));
  for (const [transport, scheme] of [['xhr-polling', 'https:'], ['websocket', 'wss:']]) {
    await page.check(`input[value=${transport}]`);
    await see(page, '#status', `Online over ${transport}`);
    for (const text of [...HOSTILE, `Hello over ${scheme}`]) {
      await page.evaluate(text => inUse.send(text), `${t.name}: ${text}`);
      await seeLine(page, `${t.name}: ${text}`);
    }
    const used = requests.filter(url => url.includes(`/${transport}/`)).map(url => new URL(url).protocol);
    assert.deepEqual([...new Set(used)], [scheme]);
  }
});

claim('stats', 'clients that come and go show in the figures', async page => {
  const now = transport =>
    page.locator('#transports tr', {hasText: transport}).locator('td').first().textContent().then(Number);
  const clients = () => page.evaluate(() => clients.values.at(-1));
  await page.waitForFunction(() => clients.values.length);
  const before = await clients();
  await page.locator('#websocket').fill('20');
  await page.locator('#xhr-polling').fill('2');
  await page.waitForFunction(least => clients.values.at(-1) >= least, before + 10);
  await page.waitForFunction(() => received.values.at(-1) >= 2);
  assert(await now('websocket') >= 10);
  await shoot(page, 'stats-moving', {fullPage: true});
  await page.locator('#websocket').fill('0');
  await page.locator('#xhr-polling').fill('0');
  await page.waitForFunction(() => clients.values.at(-1) < Math.max(...clients.values) - 10);
});

describe('a page says when it has no client or no server, or lost it', {concurrency: true}, () => {
  for (const example of EXAMPLES) test(example, LIMIT, async t => {
    const page = await newPage(t, {mayFail: true, ignoreHTTPSErrors: true});
    const client = '**/socket.io.js';
    const server = '**/socket.io/1/**';
    let link;
    await page.routeWebSocket(/\/socket\.io\//, route => {
      link = route;
      route.connectToServer();
    });
    await page.route(client, route => route.abort());
    await page.goto(at(example));
    await see(page, '#status.offline', 'The Socket.IO client did not load');

    await page.unroute(client);
    await page.route(server, route => route.abort());
    await page.reload();
    await see(page, '#status.offline', 'Can’t connect, trying again…');
    await page.unroute(server);
    await see(page, '#status.online', 'Online over websocket');

    await page.route(server, route => route.abort());
    await link.close();
    await see(page, '#status.offline', 'Offline, reconnecting…');
    await page.unroute(server);
    await see(page, '#status.online', 'Online over websocket');
  });
});
