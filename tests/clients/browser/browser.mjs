// The browser as the tests of pages use it: one for all tests of a file, with tabs that share nothing.
//
// CHROMIUM is the browser (default /usr/bin/chromium), and SCREENSHOTS, if set, a folder for pictures.

import assert from 'node:assert/strict';
import {mkdir} from 'node:fs/promises';
import {join} from 'node:path';
import {after, before} from 'node:test';
import {chromium} from 'playwright-core';

const {CHROMIUM = '/usr/bin/chromium', SCREENSHOTS} = process.env;
const FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync',
  '--disable-background-networking', '--disable-component-update',
];

/** How long one test may take. */
export const LIMIT = {timeout: 60_000};

/** The ways in which a page is looked at. */
export const LOOKS = {
  light: {colorScheme: 'light'},
  dark: {colorScheme: 'dark'},
  phone: {colorScheme: 'light', viewport: {width: 390, height: 844}, hasTouch: true},
  'phone-dark': {colorScheme: 'dark', viewport: {width: 390, height: 844}, hasTouch: true},
};

/** The generations of the client that every example's page can use, as its address names them. */
export const CLIENTS = ['4', '2', '0.9'];

/** The address of a running server, from the environment. */
export function address(variable) {
  assert(process.env[variable], `${variable} must be the address of a running server`);
  return process.env[variable];
}

let browser;

before(async () => {
  browser = await chromium.launch({executablePath: CHROMIUM, args: FLAGS});
  if (SCREENSHOTS) await mkdir(SCREENSHOTS, {recursive: true});
});

after(() => browser?.close());

/** Opens a tab, which closes with the test. An error in its page fails the test, unless it may fail. */
export async function newPage(t, {mayFail, ...options} = {}) {
  const context = await browser.newContext({viewport: {width: 1280, height: 800}, ...options});
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  const errors = [];
  page.on('pageerror', error => errors.push(String(error)));
  page.on('dialog', dialog => {
    errors.push(dialog.message());
    dialog.dismiss();
  });
  t.after(async () => {
    await context.close();
    if (!mayFail) assert.deepEqual(errors, [], 'errors of the page');
  });
  return page;
}

/** Waits until an element of this selector has exactly this text. */
export async function see(page, selector, text) {
  const literal = text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  await page.locator(selector, {hasText: new RegExp(`^${literal}$`)}).last().waitFor();
}

/** Takes a picture of the page, if pictures are wanted. */
export async function shoot(page, name, options) {
  if (SCREENSHOTS) await page.screenshot({path: join(SCREENSHOTS, `${name}.png`), ...options});
}

/** Asserts that the page is not wider than the window, and that these parts of it are in full view. */
export async function fits(page, ...parts) {
  const [inner, scroll] =
    await page.evaluate(() => [innerWidth, document.documentElement.scrollWidth]);
  assert(scroll <= inner, `the page is ${scroll} px wide in a window of ${inner}`);
  const viewport = page.viewportSize();
  for (const part of parts) {
    const {x, y, width, height} = await page.locator(part).boundingBox();
    assert(x >= 0 && y >= 0 && x + width <= viewport.width && y + height <= viewport.height, part);
  }
}

/** Lets the clients of an example's page use these transports only. */
export function only(page, transports) {
  return page.route('**/page.js', async route => {
    const response = await route.fetch();
    const restricted = `PATIENT.transports = ${JSON.stringify(transports)};`;
    await route.fulfill({response, body: `${await response.text()}\n${restricted}`});
  });
}
