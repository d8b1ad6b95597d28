// The login example in a browser: several windows against one running server.
//
// WHOAMI_URL is the server's address.

import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {CLIENTS, LIMIT, LOOKS, address, fits, newPage, see, shoot} from './browser.mjs';

const PASSWORDS = {ann: 'tulip', ben: 'harbor', cleo: 'maple'};

/** Tells apart what is said in one test from what is said in others. */
const words = t => `Tea is ready, says ${t.name} 😀 <b>`;

/** Opens the page in a window that shares nothing with others. */
async function open(t, {client = '4', prepare, ...options} = {}) {
  const page = await newPage(t, options);
  await prepare?.(page);
  await page.goto(`${address('WHOAMI_URL')}/?client=${client}`);
  return page;
}

/** Fills in the form by keyboard alone. */
async function tryLogin(page, name, password) {
  await page.fill('#name', '');
  await page.keyboard.type(name);
  await page.keyboard.press('Tab');
  await page.keyboard.type(password);
  await page.keyboard.press('Enter');
}

/** Opens the page and logs in; for good, unless it is to expire. */
async function enter(t, name, {expires = false, ...options} = {}) {
  const page = await open(t, options);
  await tryLogin(page, name, PASSWORDS[name]);
  await see(page, '#me', name);
  if (!expires) await page.check('#auto');
  return page;
}

const seeLine = (page, text) => see(page, '#messages li', text);
const announce = async (page, text) => {
  await page.fill('#text', text);
  await page.keyboard.press('Enter');
};

describe('whoami', {concurrency: 4}, () => {
  for (const client of CLIENTS) {
    test(`a wrong password or name is refused, the right one tells who one is (${client})`, LIMIT, async t => {
      const page = await open(t, {client});
      for (const [name, password] of [['ann', 'Tulip'], ['ann', 'maple'], ['nobody', 'tulip'], ['Ann', 'tulip']]) {
        await tryLogin(page, name, password);
        await see(page, '#why', 'Wrong name or password.');
        assert(await page.locator('#in').isHidden());
        await see(page, '#status', 'Not connected');
      }
      await tryLogin(page, 'ann', 'tulip');
      await see(page, '#me', 'ann');
      await see(page, '#role', 'Role: admin');
      await see(page, '#status', 'Online over websocket');
      await page.reload();
      await see(page, '#me', 'ann');
      await page.click('#logout');
      await see(page, '#why', 'You have logged out.');
      await page.reload();
      await page.locator('#login').waitFor();
      assert(await page.locator('#in').isHidden());
    });

    test(`each role may do what it says (${client})`, LIMIT, async t => {
      const ann = await enter(t, 'ann', {client});
      const ben = await enter(t, 'ben');
      const cleo = await enter(t, 'cleo', {client});
      await announce(cleo, words(t));
      await seeLine(cleo, 'Refused: that takes the role Editor');
      for (const page of [ben, cleo]) {
        await page.click('#people');
        await seeLine(page, 'Refused: that takes the role Admin');
      }
      for (const [page, name] of [[ben, 'ben'], [ann, 'ann']]) {
        await announce(page, words(t));
        for (const each of [ann, ben, cleo]) await seeLine(each, `${name}: ${words(t)}`);
      }
      await ann.click('#people');
      for (const who of ['ann', 'ben', 'cleo']) await ann.locator('.who span', {hasText: who}).first().waitFor();
      await shoot(cleo, `whoami-refused-${client}`);
      await shoot(ann, `whoami-people-${client}`);
    });

    test(`a login that is not refreshed expires, one that is goes on (${client})`, LIMIT, async t => {
      const ann = await enter(t, 'ann', {client, expires: true});
      const ben = await enter(t, 'ben', {client});
      // A token that ends is no good for a new connection, wherever it is kept.
      const token = await ann.evaluate(() => sessionStorage.getItem('token'));
      await ann.locator('#life.late').waitFor();
      await shoot(ann, `whoami-late-${client}`);
      await see(ann, '#why', 'Your login has expired: log in again.');
      await see(ann, '#status', 'Not connected');
      await shoot(ann, `whoami-expired-${client}`);
      assert.equal(await ann.evaluate(() => sessionStorage.getItem('token')), null);
      assert.equal(await ann.inputValue('#name'), 'ann');

      await announce(ben, words(t));
      await seeLine(ben, `ben: ${words(t)}`);
      assert(await ben.locator('#out').isHidden());

      await ann.evaluate(token => enter(token), token);
      await see(ann, '#why', 'Your login is over: log in again.');
      await ann.fill('#password', 'tulip');
      await ann.keyboard.press('Enter');
      await see(ann, '#me', 'ann');
    });
  }

  test('a connection that breaks comes back with the same login', LIMIT, async t => {
    let link;
    const ann = await enter(t, 'ann', {
      prepare: page => page.routeWebSocket(/\/socket\.io\//, route => {
        link = route;
        route.connectToServer();
      }),
    });
    await ann.route('**/socket.io/**', route => route.abort());
    await link.close();
    await see(ann, '#status', 'Offline, reconnecting…');
    await ann.unrouteAll();
    await see(ann, '#status', 'Online over websocket');
    await announce(ann, words(t));
    await seeLine(ann, `ann: ${words(t)}`);
  });

  test('the server asks for itself, whatever the page says', LIMIT, async t => {
    const page = await open(t);
    const post = (body, type = 'application/json') => page.evaluate(async ([body, type]) =>
      (await fetch('login', {method: 'POST', headers: {'content-type': type}, body})).status, [body, type]);
    assert.equal(await post('{"name": "ann", "password": "tulip"}'), 200);
    assert.equal(await post('{"name": "ann", "password": "tulip"}', 'text/plain'), 415);
    assert.equal(await post('{"name": "ann"}'), 422);
    assert.equal(await post('{'), 400);
    assert.equal(await post(JSON.stringify({name: 'ann', password: 'x'.repeat(2000)})), 413);
    for (const token of ['', 'x', '0'.repeat(32)]) {
      await page.evaluate(token => enter(token), token);
      await see(page, '#why', 'Your login is over: log in again.');
      await page.evaluate(() => why.textContent = '');
    }
    const cleo = await enter(t, 'cleo');
    const ask = (...event) => cleo.evaluate(event => new Promise(resolve => socket.emit(...event, resolve)), event);
    assert.match((await ask('announce')).error, /Editor/);
    assert.match((await ask('people', {token: 'x'})).error, /Admin/);
  });
});

describe('whoami: the page fits a desktop and a phone', {concurrency: 4}, () => {
  for (const [look, options] of Object.entries(LOOKS)) test(look, LIMIT, async t => {
    const ann = await open(t, options);
    await shoot(ann, `whoami-door-${look}`, {fullPage: true});
    await tryLogin(ann, 'ann', 'wrong');
    await see(ann, '#why', 'Wrong name or password.');
    await fits(ann, '#status', '#door', '#login', '#known');
    await shoot(ann, `whoami-wrong-${look}`, {fullPage: true});
    await ann.click('#known button:first-child');
    await ann.click('#login');
    await see(ann, '#me', 'ann');
    const ben = await enter(t, 'ben', options);
    const text = 'The night train is late: breakfast is at nine, not at eight.';
    await announce(ben, text);
    await seeLine(ann, `ben: ${text}`);
    await ann.click('#people');
    await ann.locator('.who').waitFor();
    await ben.click('#people');
    await seeLine(ben, 'Refused: that takes the role Admin');
    await fits(ann, '#status', '#logout', '#life', '#refresh', '#text', '#people');
    await shoot(ann, `whoami-${look}-ann`, {fullPage: true});
    await shoot(ben, `whoami-${look}-ben`, {fullPage: true});
  });
});
