// The page that shows a contract, in a browser.
//
// BOARD_URL is the address of the example that serves it; tests/it/asyncapi/everything.json is the document of
// a contract with everything in it.

import assert from 'node:assert/strict';
import {readFile} from 'node:fs/promises';
import {describe, test} from 'node:test';
import {LIMIT, LOOKS, address, fits, newPage, shoot} from './browser.mjs';

const everything = JSON.parse(
  await readFile(new URL('../../it/asyncapi/everything.json', import.meta.url), 'utf8'));

/** Opens the page; with a document, it shows that instead of the example's. */
async function open(t, {document, hash = '', ...options} = {}) {
  const page = await newPage(t, options);
  if (document) await page.route('**/asyncapi.json', route => route.fulfill({json: document}));
  await page.goto(`${address('BOARD_URL')}/api${hash}`);
  await page.locator('main > section').first().waitFor();
  return page;
}

/** The text of an article, on one line. */
async function article(page, id) {
  const text = await page.locator(`[id="${id}"]`).innerText();
  return text.replace(/\s+/g, ' ').trim();
}

describe('the page of a contract', {concurrency: 4}, () => {
  test('it shows what the example says, and is linked from there', LIMIT, async t => {
    const page = await newPage(t);
    await page.goto(address('BOARD_URL'));
    await page.click('#api');
    await page.locator('main > section').first().waitFor();
    assert.equal(await page.title(), 'Board');
    assert.match(await article(page, 'event-root.stroke'), /^stroke .*mark integer line Line Acknowledged: integer or \{error: string\}$/);
    await page.click('[id="event-root.stroke"] td a');
    assert.match(await article(page, 'type-Line'), /^Line A stroke as it is drawn\. /);
    assert.match(page.url(), /#type-Line$/);
    const answer = await page.request.get(await page.locator('#source').evaluate(link => link.href));
    assert.equal((await answer.json()).asyncapi, '3.0.0');
  });

  for (const [id, text] of [
    ['event-root.add', 'add Adds two numbers. Both are whole: socket.emit(\'add\', 1, 2, sum => …) '
      + 'In this order, or as one object with these keys: a integer b integer Acknowledged: integer'],
    ['event-root.find', 'find it In this order, or as one object with these keys: '
      + 'query string limit integer optional from integer optional …more Kind any number Acknowledged: string, integer'],
    ['event-root.old', 'olddeprecated Does as before. Deprecated: use add As one object with these keys: '
      + 'form Form note string optional Acknowledged: any'],
    ['event-root.pair', 'pairdeprecated In this order: 1 [integer, integer] bytes binary Acknowledged: binary'],
    ['event-root.save', 'save In this order, or as one object with these keys: form Form '
      + 'Acknowledged: Form (as sent) or {error: Refusal}'],
    ['event-root.try', 'try Acknowledged: without a value or {error: string}'],
    ['event-root.Guest.new_form', 'new form Somebody filled it in. In this order: by string form Form (as sent) '
      + 'note string optional'],
    ['event-root.Guest.confirm', 'confirmdeprecated Deprecated: nobody asks In this order: form Form (as sent) '
      + 'Acknowledged: Form'],
    ['type-Refusal', 'Refusal "name_taken"'],
    ['type-Kind', 'Kind "Plain" | {Coloured: {red: integer}}'],
  ]) {
    test(`${id} is told in full`, LIMIT, async t => {
      assert.equal(await article(await open(t, {document: everything}), id), text);
    });
  }

  test('what is searched for is shown alone', LIMIT, async t => {
    const page = await open(t, {document: everything});
    const shown = () => page.locator('article:visible').evaluateAll(all => all.map(one => one.id));
    const all = await shown();
    for (const [words, expected] of [
      ['numbers', ['event-root.add']],
      ['form  refusal', ['event-root.save']],
      ['/chat', ['event-chat.talk']],
      ['no such thing', []],
      ['', all],
    ]) {
      await page.fill('#search', words);
      assert.deepEqual(await shown(), expected, words);
      assert.equal(await page.locator('#count').innerText(), words && `${expected.length} found`);
    }
  });

  test('no name and no comment becomes markup', LIMIT, async t => {
    const evil = '</script><img src=x onerror="document.body.dataset.broken = 1">`<b>`**<i>**';
    const text = JSON.stringify(everything);
    const words = /"(?:title|name|summary|description|version|host|address)":"[^"\\]*"/g;
    const document = JSON.parse(text.replace(words, pair => `${pair.slice(0, -1)}${JSON.stringify(evil).slice(1)}`));
    const page = await open(t, {document});
    assert.equal(await page.locator('main img, main b, main i, header img').count(), 0);
    assert.equal(await page.locator('body').getAttribute('data-broken'), null);
    assert((await page.locator('#title').innerText()).endsWith(evil));
  });

  test('without its document it says why', LIMIT, async t => {
    const page = await newPage(t, {mayFail: true});
    await page.route('**/asyncapi.json', route => route.fulfill({status: 503}));
    await page.goto(`${address('BOARD_URL')}/api`);
    await page.getByText('The document could not be read: status 503').waitFor();
  });

  for (const [look, options] of Object.entries(LOOKS)) {
    test(`it fits the window and is whole without other hosts (${look})`, LIMIT, async t => {
      const page = await open(t, {document: everything, ...options});
      await fits(page, '#title', '#search');
      const hosts = await page.evaluate(() => performance.getEntriesByType('resource').map(one => new URL(one.name).host));
      assert.deepEqual([...new Set(hosts)], [new URL(address('BOARD_URL')).host]);
      await shoot(page, `asyncapi-${look}`, {fullPage: true});
    });
  }
});
