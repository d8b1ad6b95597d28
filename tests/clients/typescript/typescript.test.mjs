// What the server says of its events, as TypeScript: the official client's types take it, and the chat page, which is
// written against it, does not compile with a mistake.

import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {test} from 'node:test';
import {fileURLToPath} from 'node:url';

const path = of => fileURLToPath(new URL(of, import.meta.url));
const PAGES = path('../../../examples/pages/');
const LIMIT = {timeout: 120_000};

/** Runs the compiler; gives what it prints, which is nothing if it has nothing to say. */
const tsc = (...args) => new Promise(resolve =>
  execFile(process.execPath, [path('../node_modules/typescript/bin/tsc'), ...args], (_, printed) => resolve(printed)));

/** A folder that is gone after the test. */
async function folder(t) {
  const made = await mkdtemp(join(tmpdir(), 'typescript-'));
  t.after(() => rm(made, {recursive: true}));
  return made;
}

test('the official client’s types take every kind of event, and refuse every mistake', LIMIT, async () => {
  assert.equal(await tsc('-p', path('.')), '');
});

test('chat.js is what the compiler makes of the chat page, without a complaint', LIMIT, async t => {
  const out = await folder(t);
  assert.equal(await tsc('-p', PAGES, '--outDir', out), '');
  const [made, kept] = await Promise.all([out, PAGES].map(dir => readFile(join(dir, 'chat.js'), 'utf8')));
  assert(made === kept, 'chat.js is stale: run `npm run chat` in tests/clients');
});

test('a mistake in the chat page does not compile', LIMIT, async t => {
  const page = await readFile(join(PAGES, 'chat.ts'), 'utf8');
  const mistakes = [
    [`socket.emit('say', words,`, `socket.emit('say', 1,`, 'TS2345'],
    [`{name: wanted}`, `{nmae: wanted}`, 'TS2345'],
    [`socket.emit('typing', true)`, `socket.emit('tyipng', true)`, 'TS2345'],
    [`socket.on('people', names`, `socket.on('people', (names: number[])`, 'TS2345'],
    [`answer.text_max`, `answer.textMax`, 'TS2551'],
  ];
  const dir = await folder(t);
  const files = await Promise.all(mistakes.map(async ([right, wrong], i) => {
    assert(page.includes(right), `the page has no ${right}`);
    const file = join(dir, `${i}.ts`);
    const imported = `from '${join(PAGES, 'chat.events')}'`;
    await writeFile(file, page.replace(`from './chat.events'`, imported).replace(right, wrong));
    return file;
  }));
  await writeFile(join(dir, 'tsconfig.json'), JSON.stringify({
    extends: join(PAGES, 'tsconfig.json'),
    compilerOptions: {noEmit: true},
    files: [...files, join(PAGES, 'page.d.ts')],
  }));
  const printed = await tsc('-p', dir, '--pretty', 'false');
  for (const [i, [, wrong, code]] of mistakes.entries()) {
    const [, first] = printed.match(new RegExp(`\\b${i}\\.ts\\(.*: error (TS\\d+)`)) ?? [];
    assert.equal(first, code, `${wrong}:\n${printed}`);
  }
});
