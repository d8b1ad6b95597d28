// Claims that are tried with every client over every transport, and the table of what came out.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { CLIENTS } from './clients.mjs';

const { INTEROP_URL } = process.env;
const LIMIT = 60_000;

const cells = CLIENTS.flatMap((client) => client.transports.map((transport) => ({ client, transport })));
const rows = [];
const notes = [];

/** Says that a client has no such thing; the cell tells so. */
class Lacking extends Error {}

/**
 * Declares that a claim holds for each client over each transport. The body gets `client`, `transport`,
 * `connect(path, options, base)` and `end(fn)`, which calls `fn` in the end; `lacks(why)` leaves a client
 * out that has no such thing, and `defect(why)` marks one that does otherwise, which the body has checked.
 */
export function claim(name, body) {
  test(name, { timeout: LIMIT + 5_000 }, async () => {
    const row = { name, marks: [] };
    rows.push(row);
    const outcomes = await Promise.all(cells.map((cell) => attempt(cell, body)));
    row.marks = outcomes.map(({ mark }) => mark);
    const failures = outcomes.flatMap(({ error }, at) => {
      const { client, transport } = cells[at];
      return error ? [`${client.version} over ${transport}: ${told(error)}`] : [];
    });
    assert.equal(failures.length, 0, failures.join('\n'));
  });
}

async function attempt({ client, transport }, body) {
  const ends = [];
  const end = (fn) => ends.push(fn);
  const connect = (path = '', options = {}, base = INTEROP_URL) => {
    const socket = client.connect(base + path, transport, options);
    end(() => client.close(socket));
    return socket;
  };
  const lacks = (why) => {
    throw new Lacking(why);
  };
  let mark = '✓';
  const defect = (why) => (mark = note(why));
  let clock;
  const overdue = new Promise((_, reject) => {
    clock = setTimeout(() => reject(new Error('nothing came of it in time')), LIMIT);
  });
  try {
    await Promise.race([body({ client, transport, connect, end, lacks, defect }), overdue]);
    return { mark };
  } catch (error) {
    return error instanceof Lacking ? { mark: note(error.message) } : { mark: '✗', error };
  } finally {
    clearTimeout(clock);
    for (const fn of ends.reverse()) await fn();
  }
}

/** An error and where it comes from. */
function told({ message, stack = '' }) {
  const place = stack.split('\n').find((line) => line.includes('/matrix/')) ?? '';
  return `${message}\n${place}`;
}

/** The letter of a note, which is below the table. */
function note(text) {
  if (!notes.includes(text)) notes.push(text);
  return 'abcdefghijklmnopqrstuvwxyz'[notes.indexOf(text)];
}

after(() => {
  const width = Math.max(...rows.map(({ name }) => name.length)) + 2;
  const heads = CLIENTS.map(({ version }) => version.padEnd(8));
  const columns = CLIENTS.map(({ transports }) => transports.map(([letter]) => letter).join(' ').padEnd(8));
  const lines = rows.map(({ name, marks }) => {
    let at = 0;
    const groups = CLIENTS.map(({ transports }) => marks.slice(at, (at += transports.length)));
    return name.padEnd(width) + groups.map((group) => group.join(' ').padEnd(8)).join('');
  });
  console.log([
    '',
    ' '.repeat(width) + heads.join(''),
    ' '.repeat(width) + columns.join(''),
    ...lines,
    '',
    'p: polling, w: websocket, u: polling, then upgraded to websocket; ✓ holds, ✗ fails',
    ...notes.map((text) => `${note(text)}: ${text}`),
    '',
  ].join('\n'));
});
