// The whiteboard example in a browser: several windows against one running server.
//
// BOARD_URL is the server's address. Every test has a board of its own.

import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {CLIENTS, LIMIT, LOOKS, address, fits, newPage, see, shoot} from './browser.mjs';

/** A board's name: of one test alone, and of one run. */
const boardOf = t => [...t.name].reduce((sum, char) => (sum * 31 + char.codePointAt(0)) % 1e9, process.pid).toString(36);

/** Opens a test's board in a window that shares nothing with others, with a key or without. */
async function open(t, {client = '4', key = '', prepare, ...options} = {}) {
  const page = await newPage(t, options);
  await prepare?.(page);
  const query = new URLSearchParams({client, board: boardOf(t)});
  await page.goto(`${address('BOARD_URL')}/?${query}#${key}`);
  await see(page, '#status', 'Online over websocket');
  await page.waitForFunction(() => loaded);
  return page;
}

/** Opens a board in one more window with the same key. */
const join = async (t, page, options) => open(t, {key: await page.evaluate(() => ticket.key), ...options});

/** Draws a line with the mouse, through points in parts of the sheet. */
async function draw(page, ...points) {
  await press(page, ...points);
  await page.mouse.up();
}

/** The same, and leaves the pen down. */
async function press(page, first, ...others) {
  const {x, y, width, height} = await page.locator('#canvas').boundingBox();
  const at = ([h, v]) => [x + h * width, y + v * height];
  await page.mouse.move(...at(first));
  await page.mouse.down();
  for (const point of others) await page.mouse.move(...at(point), {steps: 8});
}

/** How many strokes the server has, as far as the page knows. */
const seeStrokes = (page, count) =>
  page.waitForFunction(count => strokes.length === count && pending.size === 0, count);

/** Whether something is drawn there: the page's own ink, not what it knows. */
const seeInk = (page, [h, v], is = true) => page.waitForFunction(([h, v, is]) => {
  const {width, height} = canvas;
  return view.getImageData(Math.round(h * width), Math.round(v * height), 1, 1).data[3] > 0 === is;
}, [h, v, is]);

const seeNotice = (page, text) => see(page, '#notice', text);
const seePeople = (page, count) => page.waitForFunction(count => people.childElementCount === count, count);

describe('board', {concurrency: 4}, () => {
  for (const client of CLIENTS) test(`what one draws the others see, and who comes later and after a reload (${client})`, LIMIT, async t => {
    const ann = await open(t);
    const bob = await join(t, ann, {client});
    for (const page of [ann, bob]) await seePeople(page, 2);

    await draw(ann, [.2, .2], [.5, .5]);
    await seeStrokes(bob, 1);
    await seeInk(bob, [.35, .35]);
    await draw(bob, [.2, .8], [.4, .8]);
    await seeStrokes(ann, 2);
    await seeInk(ann, [.3, .8]);
    await seeInk(ann, [.8, .8], false);

    for (const later of [await join(t, ann, {client}), bob]) {
      if (later === bob) await bob.reload();
      await seeStrokes(later, 2);
      await seeInk(later, [.35, .35]);
      await seeInk(later, [.3, .8]);
    }
    assert.deepEqual(await bob.evaluate(() => strokes), await ann.evaluate(() => strokes));

    await ann.close();
    await seePeople(bob, 2);
  });

  for (const client of CLIENTS) test(`a pen shows while it moves, and its line before it is done (${client})`, LIMIT, async t => {
    const ann = await open(t, {client});
    const bob = await join(t, ann);
    await press(ann, [.1, .1], [.6, .1]);
    await bob.locator('.cursor').waitFor();
    await seeInk(bob, [.3, .1]);
    assert.equal(await bob.evaluate(() => strokes.length), 0);
    assert.equal(await bob.locator('.cursor span').textContent(), 'Otter');
    await bob.waitForFunction(() => parseInt(document.querySelector('.cursor').style.getPropertyValue('--x')) === 60);
    await ann.mouse.up();
    await seeStrokes(bob, 1);
    await bob.waitForFunction(() => [...pens.values()].every(pen => pen.line === null));
    await ann.mouse.move(2, 2);
    await bob.locator('.cursor').waitFor({state: 'detached'});
  });

  for (const client of CLIENTS) test(`each takes back what is theirs, and no more (${client})`, LIMIT, async t => {
    const ann = await open(t, {client});
    const bob = await join(t, ann);
    await draw(ann, [.2, .2], [.4, .2]);
    await draw(ann, [.2, .4], [.4, .4]);
    await seeStrokes(ann, 2);
    await draw(bob, [.2, .6], [.4, .6]);
    await seeStrokes(ann, 3);

    await ann.keyboard.press('Control+z');
    for (const page of [ann, bob]) {
      await seeStrokes(page, 2);
      await seeInk(page, [.3, .4], false);
      await seeInk(page, [.3, .2]);
    }
    await ann.click('#undo');
    for (const page of [ann, bob]) await seeStrokes(page, 1);
    await ann.click('#undo');
    await seeNotice(ann, 'There is nothing of yours to take back');
    await seeInk(bob, [.3, .6]);
  });

  for (const client of CLIENTS) test(`who has no key looks on, whatever the page sends (${client})`, LIMIT, async t => {
    const ann = await open(t);
    const bob = await open(t, {client});
    await see(bob, '#watching', 'You are looking on: drawing takes a link with the key.');
    assert(await bob.locator('#inks').isHidden());
    await draw(bob, [.2, .2], [.4, .2]);
    await seeInk(bob, [.3, .2], false);

    // As a page would that did not know.
    await bob.evaluate(() => commit({ink: 1, width: 1, points: [0, 0, 800, 600]}));
    await seeNotice(bob, 'Not drawn: only those with the key draw here');
    await seeInk(bob, [.25, .25], false);
    const taken = await bob.evaluate(() => new Promise(resolve => socket.emit('undo', resolve)));
    assert(taken.error, 'undo is refused');
    await draw(ann, [.6, .6], [.8, .6]);
    await seeStrokes(bob, 1);
    assert.equal(await ann.evaluate(() => strokes.length), 1);
    await shoot(bob, `board-watching-${client}`);
  });

  test('the link for drawing draws, that for looking on does not, and a second tab is as the first', LIMIT, async t => {
    const ann = await open(t);
    await ann.click('#share');
    const [toDraw, toLook] = [await ann.inputValue('#drawlink'), await ann.inputValue('#looklink')];
    await shoot(ann, 'board-share');
    assert(!ann.url().includes('#'), 'the address holds no key');
    for (const [link, draws] of [[toDraw, true], [toLook, false]]) {
      const page = await newPage(t);
      await page.goto(link);
      await page.waitForFunction(() => loaded);
      assert.equal(await page.evaluate(() => me.draws), draws);
      await page.reload();
      await page.waitForFunction(() => loaded);
      assert.equal(await page.evaluate(() => me.draws), draws, 'after a reload');
    }
    const tab = await ann.context().newPage();
    await tab.goto(toLook);
    await tab.waitForFunction(() => loaded);
    assert.equal(await tab.evaluate(() => me.draws), true);
    await seePeople(ann, 4);
    await tab.close();
    await seePeople(ann, 3);
  });

  test('what is more than the server takes at once is sent again, and what is too large ends nobody else', LIMIT, async t => {
    const ann = await open(t);
    const bob = await join(t, ann);
    await ann.evaluate(() => {
      for (let i = 0; i < 105; i++) commit({ink: 0, width: 0, points: [10 * i, 10]});
    });
    for (const page of [ann, bob]) await seeStrokes(page, 105);

    await ann.evaluate(() => socket.emit('stroke', 1, {ink: 0, width: 0, points: Array(20_000).fill(1600)}));
    await seeNotice(ann, 'A new connection: loaded anew');
    await draw(bob, [.5, .5], [.6, .6]);
    for (const page of [ann, bob]) await seeStrokes(page, 106);
  });

  test('a line longer than one message goes on as the next', LIMIT, async t => {
    const ann = await open(t);
    const bob = await join(t, ann);
    await ann.evaluate(() => {
      const send = (type, x, y) => {
        const {left, top} = canvas.getBoundingClientRect();
        canvas.dispatchEvent(new PointerEvent(type, {pointerId: 1, button: 0, clientX: left + x, clientY: top + y}));
      };
      canvas.setPointerCapture = () => {};
      send('pointerdown', 0, 0);
      for (let i = 1; i <= 1500; i++) send('pointermove', i % 2 ? 300 : 10, i % 400);
      send('pointerup', 10, 10);
    });
    await seeStrokes(bob, 2);
    const [first, second] = await bob.evaluate(() => strokes.map(({line}) => line.points));
    assert.equal(first.length, 2000);
    assert.deepEqual(second.slice(0, 2), first.slice(-2));
  });
});

/** A picture in lines: ink, width, and points along a curve. */
const PICTURE = [
  [3, 1, t => [420 + 150 * Math.sin(6.4 * t), 330 - 150 * Math.cos(6.4 * t)]],
  ...Array.from({length: 9}, (_, i) => [4, 0, t => {
    const [far, angle] = [190 + 50 * t, .7 * i];
    return [420 + far * Math.sin(angle), 330 - far * Math.cos(angle)];
  }]),
  [2, 1, t => [60 + 1480 * t, 900 + 40 * Math.sin(22 * t)]],
  [6, 0, t => [60 + 1480 * t, 980 + 40 * Math.sin(22 * t + 1)]],
  [0, 1, t => [860 + 460 * t, 840 - 170 * Math.sin(3.14 * (1 - t)) ** .5 + 170]],
  [1, 2, t => [1090, 840 - 420 * t]],
  [5, 1, t => [1090 + 260 * Math.sin(3.14 * t), 420 + 340 * t]],
];

describe('board: the page fits a desktop and a phone', {concurrency: 4}, () => {
  for (const [look, options] of Object.entries(LOOKS)) test(look, LIMIT, async t => {
    const ann = await open(t);
    const bob = await join(t, ann, options);
    await see(bob, '#hint', 'Nothing here yet: draw something');
    await shoot(bob, `board-empty-${look}`);
    const cleo = await open(t, options);
    const lines = PICTURE.map(([ink, width, at]) =>
      ({ink, width, points: Array.from({length: 60}, (_, i) => at(i / 59).map(Math.round)).flat()}));
    await ann.evaluate(lines => lines.forEach(commit), lines);
    await seeStrokes(bob, lines.length);
    await press(ann, [.1, .15], [.15, .1], [.2, .16], [.25, .1]);
    await bob.locator('.cursor').waitFor();
    await press(bob, [.55, .15], [.7, .1], [.85, .16]);
    await ann.locator('.cursor').waitFor();
    await seeInk(bob, [.2, .16]);
    for (const [name, page] of Object.entries({ann, bob, cleo})) await shoot(page, `board-${look}-${name}`);
    for (const page of [bob, cleo]) await fits(page, '#status', '#people', '#sheet', '#tools', '#share', 'footer');
    await bob.mouse.up();
    await ann.mouse.up();
    await bob.click('#share');
    await shoot(bob, `board-share-${look}`);
    await fits(bob, '#links', '#drawlink', '#another button');
  });
});

describe('board: a connection that breaks', {concurrency: 3}, () => {
  /** Opens a board over a link that can be cut, and cuts it until `restore` is called. */
  async function cuttable(t, options) {
    let link;
    const page = await open(t, {
      ...options,
      prepare: page => page.routeWebSocket(/\/socket\.io\//, route => {
        const server = route.connectToServer();
        for (const end of [route, server]) end.onClose(() => {});
        link = {page: route, server};
      }),
    });
    const cut = async () => {
      await page.route('**/socket.io/**', route => route.abort());
      await Promise.all([link.page.close(), link.server.close()]);
      await see(page, '#status', 'Offline, reconnecting…');
    };
    return [page, cut, () => page.unrouteAll()];
  }

  for (const client of CLIENTS) test(`comes back with what was drawn on either side meanwhile (${client})`, LIMIT, async t => {
    const bob = await open(t);
    const key = await bob.evaluate(() => ticket.key);
    const [ann, cut, restore] = await cuttable(t, {client, key});
    await draw(ann, [.1, .1], [.3, .1]);
    await seeStrokes(bob, 1);
    await cut();
    await seePeople(bob, 1);
    await draw(ann, [.1, .3], [.3, .3]);
    await seeInk(ann, [.2, .3]);
    await draw(bob, [.1, .5], [.3, .5]);
    await seeStrokes(bob, 2);
    await bob.click('#undo');
    await draw(bob, [.1, .7], [.3, .7]);
    await seeStrokes(bob, 2);
    await shoot(ann, `board-offline-${client}`);
    await restore();
    await seeNotice(ann, client === '4' ? 'Back again, nothing missed' : 'A new connection: loaded anew');
    for (const page of [ann, bob]) {
      await seeStrokes(page, 3);
      for (const v of [.1, .3, .7]) await seeInk(page, [.2, v]);
      await seeInk(page, [.2, .5], false);
      await seePeople(page, 2);
    }
    assert.deepEqual(await ann.evaluate(() => strokes), await bob.evaluate(() => strokes));
    await shoot(ann, `board-back-${client}`);
    // Recovery keeps the name by which the server knows whose a stroke is.
    await ann.click('#undo');
    await seeStrokes(bob, 2);
    await ann.click('#undo');
    if (client === '4') await seeStrokes(bob, 1);
    else await seeNotice(ann, 'There is nothing of yours to take back');
  });

  test('a stroke whose answer was lost is there once', LIMIT, async t => {
    const bob = await open(t);
    const key = await bob.evaluate(() => ticket.key);
    const [ann, cut, restore] = await cuttable(t, {key});
    await ann.evaluate(() => {
      const {emit} = socket;
      // The answer gets lost on the way.
      socket.emit = (event, ...rest) => emit.call(socket, event, ...(event === 'stroke' ? rest.slice(0, 2) : rest));
      window.mend = () => socket.emit = emit;
    });
    await draw(ann, [.1, .1], [.3, .1]);
    await bob.waitForFunction(() => strokes.length === 1);
    await ann.evaluate(() => mend());
    assert.equal(await ann.evaluate(() => pending.size), 1);
    await cut();
    await restore();
    await seeNotice(ann, 'Back again, nothing missed');
    await seeStrokes(ann, 1);
    assert.equal(await bob.evaluate(() => strokes.length), 1);
  });
});
