// The example pages in a browser, each with the example that serves it: its main thing done with every
// client, and with the current one on a desktop and on a phone, in light and in dark.
//
// ACK_PING_URL and the like are the addresses of the running examples.

import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {CLIENTS, LIMIT, LOOKS, address, fits, newPage, only, see, shoot} from './browser.mjs';

/** Texts that a page which took them for anything but text would trip over. */
const HOSTILE = [
  '</script><script>document.body.textContent = ""</script><b onclick="x">&amp;',
  'one\ntwo \u2028 three \t "double" \'single\' \\ 😀',
];

const EXAMPLES = [
  'chat', 'board', 'ack_ping', 'rpc_ping', 'multiplexed', 'transports', 'cross_site', 'tls', 'stats', 'queued',
];

/** The address of an example. */
const at = example => address(`${example.toUpperCase()}_URL`);

/** What the clients call long polling. */
const POLLING = {4: 'polling', 2: 'polling', 0.9: 'xhr-polling'};

/** Opens the page of an example with a client and waits until it is connected. */
async function open(t, example, client, options) {
  const page = await newPage(t, {ignoreHTTPSErrors: true, ...options});
  page.sockets = 0;
  page.on('websocket', () => page.sockets += 1);
  await page.goto(`${at(example)}/?client=${client}`);
  await see(page, '#status', 'Online over websocket');
  return page;
}

/** Waits until a line of the messages has exactly this text, spaces included. */
const seeLine = (page, text) =>
  page.waitForFunction(text => [...messages.children].some(item => item.textContent === text), text);

/** Declares that a claim about an example's page holds with every client, and with the current one in every
 * look, in so many pages at a time; ends with a picture of it. */
function claim(example, what, body, concurrency = true) {
  const ways = CLIENTS.flatMap(client =>
    Object.keys(LOOKS).slice(0, client === '4' ? undefined : 1).map(look => [client, look]));
  describe(`${example}: ${what}`, {concurrency}, () => {
    for (const [client, look] of ways) test(`${client}, ${look}`, LIMIT, async t => {
      const page = await open(t, example, client, LOOKS[look]);
      assert.equal(await page.textContent('footer [aria-current]'), client);
      await body(page, t, client);
      await page.evaluate(() => scrollTo(0, 0));
      await fits(page, 'header');
      await shoot(page, `${example}-${client}-${look}`, {fullPage: true});
    });
  });
}

test('links choose the client, which is the current one if the address does not say', LIMIT, async t => {
  const page = await newPage(t);
  await page.goto(at('ack_ping'));
  // What the scripts call their protocol: 4.x says nothing.
  for (const [client, protocol] of [['4', undefined], ['0.9', 1], ['2', 4], ['4', undefined]]) {
    if (page.url().includes('client=') || client !== '4') await page.click(`footer a:text-is("${client}")`);
    await see(page, 'footer [aria-current]', client);
    await see(page, '#status', 'Online over websocket');
    assert.equal(await page.evaluate(() => io.protocol), protocol);
  }
});

claim('ack_ping', 'eleven messages are acknowledged by either side', async page => {
  await page.click('#ten');
  for (const title of ['By the server', 'By this page']) {
    await page.locator('.gauge', {hasText: title}).locator('.sum', {hasText: /\b1\d in all/}).waitFor();
  }
  // One is sent every second: that it is none for a moment shows that none is left over.
  await page.waitForFunction(() => document.querySelector('#waiting').textContent === '');
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
    await page.evaluate(text => show('echo', 1, text), text);
    await answers.nth(4 + i).waitFor();
    assert.equal(JSON.parse(await answers.nth(4 + i).textContent()).text, text);
  }
});

claim('multiplexed', 'endpoints are joined and left one by one, over one connection', async (page, t, client) => {
  const other = await open(t, 'multiplexed', client);
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

/** By client: what it is to the server, and which transports there are to choose, and can't be chosen. */
const TRANSPORTS = {
  4: ['3 or 4', ['polling', 'websocket'], []],
  2: ['1 or 2', ['polling', 'websocket'], []],
  0.9: ['0.7 to 0.9', ['xhr-polling', 'jsonp-polling', 'websocket'], ['flashsocket', 'htmlfile']],
};

claim('transports', 'each transport that is chosen is the one in use, and is measured', async (page, t, client) => {
  const [version, transports, missing] = TRANSPORTS[client];
  const result = name => page.locator('#choices label', {hasText: new RegExp(`^${name}`)}).locator('output');
  await page.locator('#choices label:has(:checked) output', {hasText: / ms$/}).waitFor();
  await page.locator('#seen', {hasText: `The server says: websocket, by a client of Socket.IO ${version}.`}).waitFor();
  for (const name of missing) {
    assert(await page.locator(`input[value=${name}]`).isDisabled(), name);
  }
  for (const name of transports) {
    await page.check(`input[value=${name}]`);
    await see(page, '#status', `Online over ${name}`);
    await result(name).filter({hasText: /^[\d.]+ ms$/}).waitFor();
    assert.match(await page.textContent('#seen'), new RegExp(`The server says: ${name}, by`));
    assert.equal(await page.evaluate(() => gauge.count), 20);
  }
});

for (const client of CLIENTS) {
  test(`transports: a choice that comes before the last is connected leaves none behind (${client})`, LIMIT, async t => {
    const page = await open(t, 'transports', client);
    await page.evaluate(([first, ...others]) => {
      for (const name of [first, 'websocket', ...others, first]) {
        (window.made ??= []).push(inUse);
        document.querySelector(`input[value=${name}]`).click();
      }
    }, TRANSPORTS[client][1]);
    await see(page, '#status', `Online over ${POLLING[client]}`);
    await page.waitForFunction(() => made.every(old => !isConnected(old) && !(old.socket ?? old).connecting));
    await see(page, '#status', `Online over ${POLLING[client]}`);
    assert.equal(await page.evaluate(() => gauge.count > 20), false);
  });
}

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

for (const client of CLIENTS) {
  test(`cross_site: the same by requests, whose answers the browser guards (${client})`, LIMIT, async t => {
    const page = await newPage(t);
    await only(page, [POLLING[client]]);
    await page.goto(`${at('cross_site')}/?client=${client}`.replace('127.0.0.1', 'localhost'));
    await see(page, '#status', `Online over ${POLLING[client]}`);
    await see(page, '#messages li', `You come from a page of ${new URL(page.url()).origin}.`);
    await see(page, '#stranger .state', 'Not let in');
  });
}

claim('tls', 'messages arrive over wss and over https', async (page, t, client) => {
  assert.equal(new URL(page.url()).protocol, 'https:');
  const requests = [];
  page.on('websocket', socket => requests.push(socket.url()));
  page.on('request', request => requests.push(request.url()));
  for (const [choice, transport, scheme] of [
    ['polling', POLLING[client], 'https:'],
    ['websocket', 'websocket', 'wss:'],
  ]) {
    await page.check(`input[value=${choice}]`);
    await see(page, '#status', `Online over ${transport}`);
    for (const text of [...HOSTILE, `Hello over ${scheme}`]) {
      await page.evaluate(text => inUse.send(text), `${t.name}: ${text}`);
      await seeLine(page, `${t.name}: ${text}`);
    }
    const of = new RegExp(`/${transport}/|transport=${transport}`);
    const used = requests.filter(url => of.test(url)).map(url => new URL(url).protocol);
    assert.deepEqual([...new Set(used)], [scheme]);
  }
});

claim('stats', 'clients that come and go show in the figures', async (page, t, client) => {
  const now = transport =>
    page.locator('#transports tr', {hasText: transport}).locator('td').first().textContent().then(Number);
  await page.waitForFunction(() => clients.values.length);
  await page.locator('#websocket').fill('20');
  await page.locator(`#${POLLING[client]}`).fill('2');
  // Pages in other looks come and go meanwhile: all that is sure is that these are there.
  await page.waitForFunction(() => clients.values.at(-1) >= 20);
  await page.waitForFunction(() => received.values.at(-1) >= 2);
  assert(await now('websocket') >= 10);
  await shoot(page, 'stats-moving', {fullPage: true});
  await page.locator('#websocket').fill('0');
  await page.locator(`#${POLLING[client]}`).fill('0');
  await page.waitForFunction(() => clients.values.at(-1) < Math.max(...clients.values) - 10);
});

claim('queued', 'handlers wait for those of their queue, and for one that has the connection for itself', async page => {
  const run = async button => {
    await page.click(button);
    await page.locator('#sum', {hasText: /^[\d.]+ s of work done in [\d.]+ s\.$/}).waitFor();
    return page.evaluate(() => jobs.map(({event, started, done}) => ({event, started, done})));
  };
  const inTurn = (before, after) => assert(before.done <= after.started, `${before.event}, ${after.event}`);
  const sideBySide = jobs =>
    assert(Math.max(...jobs.map(job => job.started)) < Math.min(...jobs.map(job => job.done)));

  const jobs = await run('#all');
  assert.equal(jobs.length, 15);
  for (const queue of [['step'], ['load', 'save'], ['print']]) {
    const own = jobs.filter(job => queue.includes(job.event));
    own.slice(1).forEach((job, i) => inTurn(own[i], job));
  }
  const first = event => jobs.find(job => job.event === event);
  sideBySide([...jobs.filter(job => job.event === 'search'), ...['step', 'load', 'print'].map(first)]);

  const parted = await run('#reset');
  assert.equal(parted.length, 16);
  const at = parted.findIndex(job => job.event === 'reset');
  parted.slice(0, at).forEach(job => inTurn(job, parted[at]));
  parted.slice(at + 1).forEach(job => inTurn(parted[at], job));
}, 1); // One page at a time: what a busy browser sends apart does not run side by side.

describe('a page says when it has no client or no server, or lost it', {concurrency: 9}, () => {
  for (const example of EXAMPLES) for (const client of CLIENTS) test(`${example}, ${client}`, LIMIT, async t => {
    const page = await newPage(t, {mayFail: true, ignoreHTTPSErrors: true});
    const script = '**/client/*.js';
    const server = '**/socket.io/**';
    let link;
    let held;
    await page.routeWebSocket(/\/socket\.io\//, async route => {
      link = route;
      await held;
      route.connectToServer();
    });
    await page.route(script, route => route.abort());
    await page.goto(`${at(example)}/?client=${client}`);
    await see(page, '#status.offline', 'The Socket.IO client did not load');

    await page.unroute(script);
    await page.route(server, route => route.abort());
    await page.reload();
    // Since 1.0 a WebSocket needs no request before it, which is all that is held up here.
    const isUnhindered = example === 'tls' && client !== '0.9';
    if (isUnhindered) await page.check('input[value=polling]');
    await see(page, '#status.offline', 'Can’t connect, trying again…');
    await page.unroute(server);
    if (isUnhindered) await page.check('input[value=websocket]');
    await see(page, '#status.online', 'Online over websocket');

    let release;
    held = new Promise(resolve => release = resolve);
    await page.route(server, route => route.abort());
    await link.close();
    await see(page, '#status.offline', 'Offline, reconnecting…');
    await page.unroute(server);
    release();
    await see(page, '#status.online', 'Online over websocket');
  });
});
