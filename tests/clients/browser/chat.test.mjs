// The chat example in a browser: several tabs against one running server.
//
// CHAT_URL is the server's address. Every test has people of its own, so that none hears the last ones
// of another leave.

import assert from 'node:assert/strict';
import {test} from 'node:test';
import {CLIENTS, LIMIT, LOOKS, address, fits, newPage, only, see, shoot} from './browser.mjs';

// Tells apart those who may stay in the room for a while after their page is gone.
const RUN = process.pid;

/** Opens the page, with the current client or another, in a tab that shares nothing with others; it closes with
 * the test. */
async function open(t, {prepare, client = '4', ...options} = {}) {
  const page = await newPage(t, options);
  await prepare?.(page);
  await page.goto(`${address('CHAT_URL')}/?client=${client}`);
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
async function enterByLink(t, name, client) {
  let link;
  const page = await enter(t, name, {
    client,
    prepare: page => page.routeWebSocket(/\/socket\.io\//, route => {
      const server = route.connectToServer();
      for (const end of [route, server]) end.onClose(() => {});
      link ??= {page: route, server};
    }),
  });
  await see(page, '#status', 'Online over websocket');
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

for (const client of CLIENTS) test(`a lost connection shows, and the page rejoins under its name (${client})`, LIMIT, async t => {
  const jane = await enter(t, `Jane ${client}`);
  const name = `Kurt ${client}`;
  const [kurt, link] = await enterByLink(t, name, client);
  await kurt.fill('#text', 'half a sen');
  await kurt.route('**/socket.io/**', route => route.abort());
  await Promise.all([link.page.close(), link.server.close()]);
  await see(kurt, '#status', 'Offline, reconnecting…');
  await seeNotice(kurt, 'You are offline.');
  await seeNotice(jane, `${name} left.`);
  assert(await kurt.locator('#send').isDisabled());
  await shoot(kurt, 'chat-offline');
  await kurt.unrouteAll();
  await seeNotice(kurt, 'You are back.');
  await see(kurt, '#status', 'Online over websocket');
  assert.equal(await kurt.inputValue('#text'), 'half a sen');
  await kurt.click('#send');
  await seeTheirs(jane, 'half a sen');
});

for (const client of CLIENTS) test(`a page waits for its name while its lost connection holds it (${client})`, LIMIT, async t => {
  const quinn = await enter(t, `Quinn ${client}`);
  const name = `Rosa ${client} ${RUN}`;
  const [rosa, link] = await enterByLink(t, name, client);
  await link.page.close();
  await see(rosa, '#status', 'Coming back…');
  assert(await rosa.locator('#send').isDisabled());
  await link.server.close();
  await seeNotice(quinn, `${name} left.`);
  await seeNotice(rosa, 'You are back.');
  await see(rosa, '#status', 'Online over websocket');
  await quinn.locator('.notice', {hasText: `${name} joined.`}).nth(1).waitFor();
});

for (const [client, polling] of [['4', 'polling'], ['2', 'polling'], ['0.9', 'xhr-polling']]) {
  test(`somebody on polling is in the same room as somebody on WebSocket (${client})`, LIMIT, async t => {
    const lena = await enter(t, `Lena ${client}`, {client});
    await see(lena, '#status', 'Online over websocket');
    const name = `Mark ${client} ${RUN}`;
    const mark = await enter(t, name, {client, prepare: page => only(page, [polling])});
    await see(mark, '#status', `Online over ${polling}`);
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
}

test('people with clients of three generations see the same room', LIMIT, async t => {
  const names = CLIENTS.map(client => `Tab ${client}`);
  const tabs = [];
  for (const [i, client] of CLIENTS.entries()) {
    tabs.push(await enter(t, names[i], {client}));
    await see(tabs[i], '#status', 'Online over websocket');
    for (const tab of tabs.slice(0, i)) await seeNotice(tab, `${names[i]} joined.`);
  }
  for (const tab of tabs) for (const name of names) await seePerson(tab, name);

  for (const [i, tab] of tabs.entries()) {
    const others = tabs.filter(other => other !== tab);
    await tab.fill('#text', 'so');
    for (const other of others) await seeTyping(other, `${names[i]} is typing…`);
    await tab.fill('#text', '');
    for (const other of others) await seeTyping(other, '');
  }

  // One after another all see them in the same order; those that two people send at once may cross.
  const said = [];
  for (let round = 1; round <= 3; round++) for (const [i, tab] of tabs.entries()) {
    said.push(`${round} by ${names[i]} 😀 <b>`);
    await say(tab, said.at(-1));
    for (const each of tabs) await each.locator('.message:not(.pending) .text', {hasText: said.at(-1)}).waitFor();
  }
  for (const tab of tabs) {
    assert.deepEqual(await tab.locator('.message:not(.failed) .text').allTextContents(), said);
  }

  // Each speaks at once with the others: everybody gets all of it, and each other's in that one's order.
  const burst = names.map(name => Array.from({length: 20}, (_, n) => `${name}: ${n}`));
  await Promise.all(tabs.map((tab, i) => tab.evaluate(async texts => {
    for (const said of texts) {
      text.value = said;
      write.requestSubmit();
    }
  }, burst[i])));
  for (const tab of tabs) {
    for (const texts of burst) await tab.locator('.message:not(.pending) .text', {hasText: texts.at(-1)}).waitFor();
    const seen = await tab.locator('.message:not(.failed) .text').allTextContents();
    for (const [i, texts] of burst.entries()) {
      assert.deepEqual(seen.filter(text => text.startsWith(`${names[i]}: `)), texts);
    }
  }
  for (const [i, tab] of tabs.entries()) await shoot(tab, `chat-generations-${CLIENTS[i]}`);

  await tabs.pop().close();
  for (const tab of tabs) await seeNotice(tab, `${names.at(-1)} left.`);
});

test('the server holds to its limits, whatever the page does', LIMIT, async t => {
  const page = await open(t);
  await page.evaluate(() => { globalThis.socket = connect(); });
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
