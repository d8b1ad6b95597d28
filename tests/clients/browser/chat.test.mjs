// The chat example in a browser: several tabs against one running server.
//
// CHAT_URL is the server's address. Every test has people of its own, so that none hears the last ones
// of another leave.

import assert from 'node:assert/strict';
import {test} from 'node:test';
import {LIMIT, LOOKS, address, fits, newPage, see, shoot} from './browser.mjs';

// Tells apart those who may stay in the room for a while after their page is gone.
const RUN = process.pid;

/** Opens the page in a tab that shares nothing with others; it closes with the test. */
async function open(t, {prepare, ...options} = {}) {
  const page = await newPage(t, options);
  await prepare?.(page);
  await page.goto(address('CHAT_URL'));
  await page.locator('#status.online').waitFor();
  return page;
}

/** Opens the page and joins, by keyboard alone. */
async function enter(t, name, options) {
  const page = await open(t, options);
  await page.keyboard.type(name);
  await page.keyboard.press('Enter');
  await see(page, '#messages .notice', `Welcome, ${name}.`);
  return page;
}

/** Joins over a WebSocket whose two ends can be closed one by one. */
async function enterByLink(t, name) {
  let link;
  const page = await enter(t, name, {
    prepare: page => page.routeWebSocket(/\/socket\.io\//, route => {
      const server = route.connectToServer();
      for (const end of [route, server]) end.onClose(() => {});
      link ??= {page: route, server};
    }),
  });
  return [page, link];
}

async function say(page, text) {
  await page.fill('#text', text);
  await page.click('#send');
}

const seeNotice = (page, text) => see(page, '#messages .notice', text);
const seeMine = (page, text) => see(page, '.message.mine:not(.pending):not(.failed) .text', text);
const seeTheirs = (page, text) => see(page, '.message:not(.mine) .text', text);
const seePerson = (page, name) => see(page, '#people bdi', name);
const seeTyping = (page, words) =>
  page.waitForFunction(words => document.querySelector('#typing').textContent === words, words);

test('two people see each other come, talk and go', LIMIT, async t => {
  const ann = await enter(t, 'Ann');
  const bob = await enter(t, 'Bob');
  await seeNotice(ann, 'Bob joined.');
  for (const page of [ann, bob]) {
    await seePerson(page, 'Ann');
    await seePerson(page, 'Bob');
  }
  assert.equal(await bob.locator('#people .me').innerText(), 'B\nBob');

  await say(ann, 'Hello Bob');
  await seeMine(ann, 'Hello Bob');
  await seeTheirs(bob, 'Hello Bob');
  await bob.keyboard.type('Hello');
  await bob.keyboard.press('Shift+Enter');
  await bob.keyboard.type('Ann');
  await bob.keyboard.press('Enter');
  await seeMine(bob, 'Hello\nAnn');
  await seeTheirs(ann, 'Hello\nAnn');
  assert.match(await ann.locator('.message:not(.mine) .about').innerText(), /^Bob\s*\d{1,2}:\d\d/);

  await bob.close();
  await seeNotice(ann, 'Bob left.');
  await ann.locator('#people bdi', {hasText: /^Bob$/}).waitFor({state: 'detached'});
});

test('typing shows until it pauses, the text is emptied, or the message is there', LIMIT, async t => {
  const carl = await enter(t, 'Carl');
  const dora = await enter(t, 'Dora');
  for (const stop of [
    () => {},
    () => dora.fill('#text', ''),
    () => dora.keyboard.press('Enter'),
  ]) {
    await dora.fill('#text', 'so');
    await seeTyping(carl, 'Dora is typing…');
    await stop();
    await seeTyping(carl, '');
  }
  await seeTheirs(carl, 'so');
});

test('a taken name is refused with the reason, whatever its case, until it is free', LIMIT, async t => {
  const first = await enter(t, 'Emma');
  const finn = await enter(t, 'Finn');
  const third = await open(t);
  for (const taken of ['Emma', 'emma', ' EMMA ']) {
    await third.fill('#name', taken);
    await third.click('#join');
    await see(third, '#why', 'Somebody here has that name already.');
    assert(await third.locator('#room').isHidden());
  }
  await shoot(third, 'chat-refused');
  await first.close();
  await seeNotice(finn, 'Emma left.');
  await third.fill('#name', 'Emma');
  await third.click('#join');
  await seeNotice(third, 'Welcome, Emma.');
});

test('text and names arrive as text', LIMIT, async t => {
  const text = '<b>&"😀';
  const gail = await enter(t, 'Gail');
  const html = await enter(t, '<i>&amp;😀');
  await seeNotice(gail, '<i>&amp;😀 joined.');
  await seePerson(gail, '<i>&amp;😀');
  await say(html, text);
  await seeMine(html, text);
  await seeTheirs(gail, text);
  await say(gail, text);
  await seeTheirs(html, text);
  assert.equal(await gail.locator('#room :is(b, i)').count(), 0);
});

test('a reload leaves the room and frees the name', LIMIT, async t => {
  const hugo = await enter(t, 'Hugo');
  const iris = await enter(t, 'Iris');
  await seeNotice(hugo, 'Iris joined.');
  await iris.reload();
  await seeNotice(hugo, 'Iris left.');
  await see(iris, '#status', 'Online over websocket');
  await iris.fill('#name', 'Iris');
  await iris.keyboard.press('Enter');
  await seeNotice(iris, 'Welcome, Iris.');
  await hugo.locator('.notice', {hasText: 'Iris joined.'}).nth(1).waitFor();
});

test('a lost connection shows, and the page rejoins by itself under its name', LIMIT, async t => {
  const jane = await enter(t, 'Jane');
  const [kurt, link] = await enterByLink(t, 'Kurt');
  await kurt.fill('#text', 'half a sen');
  await kurt.route('**/socket.io/1/**', route => route.abort());
  await Promise.all([link.page.close(), link.server.close()]);
  await see(kurt, '#status', 'Offline, reconnecting…');
  await seeNotice(kurt, 'You are offline.');
  await seeNotice(jane, 'Kurt left.');
  assert(await kurt.locator('#send').isDisabled());
  await shoot(kurt, 'chat-offline');
  await kurt.unrouteAll();
  await seeNotice(kurt, 'You are back.');
  await see(kurt, '#status', 'Online over websocket');
  assert.equal(await kurt.inputValue('#text'), 'half a sen');
  await kurt.click('#send');
  await seeTheirs(jane, 'half a sen');
});

test('a page waits for its name while its lost connection still holds it', LIMIT, async t => {
  const quinn = await enter(t, 'Quinn');
  const name = `Rosa ${RUN}`;
  const [rosa, link] = await enterByLink(t, name);
  await link.page.close();
  await see(rosa, '#status', 'Coming back…');
  assert(await rosa.locator('#send').isDisabled());
  await link.server.close();
  await seeNotice(quinn, `${name} left.`);
  await seeNotice(rosa, 'You are back.');
  await see(rosa, '#status', 'Online over websocket');
  await quinn.locator('.notice', {hasText: `${name} joined.`}).nth(1).waitFor();
});

test('somebody on polling is in the same room as somebody on WebSocket', LIMIT, async t => {
  const lena = await enter(t, 'Lena');
  const name = `Mark ${RUN}`;
  const mark = await enter(t, name, {
    prepare: page => page.route('**/socket.io.js', async route => {
      const client = await route.fetch();
      const body = `${await client.text()};io.transports = ['xhr-polling'];`;
      await route.fulfill({response: client, body});
    }),
  });
  assert.equal(await mark.evaluate(() => socket.socket.transport.name), 'xhr-polling');
  assert.equal(await lena.evaluate(() => socket.socket.transport.name), 'websocket');
  await seeNotice(lena, `${name} joined.`);
  for (const text of ['1 😀', '2 😀', '3 😀']) {
    await say(mark, text);
    await say(lena, text);
  }
  for (const text of ['1 😀', '2 😀', '3 😀']) {
    await seeTheirs(lena, text);
    await seeTheirs(mark, text);
    await seeMine(mark, text);
  }
});

test('the server holds to its limits, whatever the page does', LIMIT, async t => {
  const page = await open(t);
  const ask = (event, argument) =>
    page.evaluate(([event, argument]) =>
      new Promise(resolve => socket.emit(event, argument, answer => resolve(answer))), [event, argument]);
  assert.deepEqual(await ask('say', 'hello'), {error: 'not_joined'});
  for (const name of ['', ' \t', '😀'.repeat(25)]) {
    assert.deepEqual(await ask('join', {name}), {error: 'name_length'});
  }
  assert.deepEqual(await ask('join', {name: ` ${'😀'.repeat(24)} `}), {name: '😀'.repeat(24), text_max: 1000});
  assert.deepEqual(await ask('join', {name: 'Nora'}), {error: 'already_joined'});
  for (const text of ['', ' \n', '😀'.repeat(1001)]) {
    assert.deepEqual(await ask('say', text), {error: 'text_length'});
  }
  assert.equal((await ask('say', '😀'.repeat(1000))).text, '😀'.repeat(1000));
});

test('the page fits a desktop and a phone, light and dark', LIMIT, async t => {
  const olga = await enter(t, 'Olga');
  for (const [look, options] of Object.entries(LOOKS)) {
    const door = await open(t, options);
    await shoot(door, `chat-door-${look}`);
    const page = await enter(t, `Paul ${look}`, options);
    await seeNotice(olga, `Paul ${look} joined.`);
    await say(olga, 'Good morning! Did the night train get you there in time?');
    await seeTheirs(page, 'Good morning! Did the night train get you there in time?');
    await say(page, 'Just about. ☕ first, then the talk.');
    await say(page, `https://example.org/${'a-very-long-path/'.repeat(8)}`);
    await seeTheirs(olga, `https://example.org/${'a-very-long-path/'.repeat(8)}`);
    await say(olga, 'Good luck :-)');
    await seeTheirs(page, 'Good luck :-)');
    await olga.fill('#text', 'I will');
    await seeTyping(page, 'Olga is typing…');
    await page.fill('#text', 'Thanks');
    await shoot(page, `chat-${look}`);
    await fits(page, '#status', '#people', '#messages', '#text', '#send');
    await olga.fill('#text', '');
  }
});
