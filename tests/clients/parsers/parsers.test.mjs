// The official parsers and this project's codecs read the same, of sound and of damaged packets.
//
// PACKETS is the program `packets`. What is read differently on purpose is in DIFFERENCES, each with its reason; each
// must be met, so that none stays that is none any more.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { damaged, legacyPackets, packet, packets, random } from './generate.mjs';
import { READ, body, ends } from './official.mjs';

const COUNT = 20_000;

/** What goes another way on purpose: in which grammars, what, why, and how it is known. */
const DIFFERENCES = [
  {
    of: ['sio4', 'sio5'],
    what: 'nothing, or space where the type is',
    why: 'JavaScript takes both for the number 0, which is a connect; no client sends them',
    is: (text, theirs, ours) => ours.error && /^\s|^$/.test(text),
  },
  {
    of: ['sio4', 'sio5'],
    what: 'an event, an acknowledgement or a refusal without data',
    why: 'a handler would be called that has no name',
    is: (text, theirs, ours) => ours.error && theirs.type > 1 && theirs.data === undefined,
  },
  {
    of: ['sio4', 'sio5'],
    what: 'an id of what nobody acknowledges',
    why: 'no client sends it',
    is: (text, theirs, ours) => ours.error && [0, 1, 4].includes(theirs.type) && theirs.id !== undefined,
  },
  {
    of: ['sio4', 'sio5'],
    what: 'an acknowledgement of nothing',
    why: 'it answers no event',
    is: (text, theirs, ours) => ours.error && theirs.type === 3 && theirs.id === undefined,
  },
  {
    of: ['sio4', 'sio5'],
    what: 'a number of attachments, or an id, that is not made of digits',
    why: 'JavaScript reads numbers from `1e0` and from spaces; no client writes them so',
    is: (text, theirs) => /^[56][^-]*[^0-9-][^-]*-|^\d(\d+-)?(\/[^,]*,)?\d*\s/.test(text) && !theirs.error,
  },
  {
    of: ['sio4'],
    what: 'no attachments at all, counted',
    why: 'clients of Socket.IO 1 and 2 send that for objects whose `toJSON` gives bytes',
    is: (text, theirs, ours) => theirs.error && !ours.error && /^[56]0+-/.test(text),
  },
  {
    of: ['sio4'],
    what: 'an array, or null, where an object belongs',
    why: 'the parser of 2.x looks at `typeof` alone; no client sends that',
    is: (text, theirs, ours) => ours.error && [0, 4].includes(theirs.type) && String(theirs.data) !== '[object Object]',
  },
  {
    of: ['sio4', 'sio5'],
    what: 'half a surrogate pair in the name of an event',
    why: 'text is UTF-8 here, which has no such thing: it becomes U+FFFD, in data it stays as it is',
    is: (text, theirs, ours) => ours.name !== undefined && !String(theirs.data[0]).isWellFormed(),
  },
  {
    of: ['eio3', 'eio4'],
    what: 'base64 that is none, or behind another type than that of a message',
    why: 'Node.js takes of it what it can, and the bytes would not be those that were sent',
    is: (text, theirs, ours) => isEnd(theirs, ours) && theirs[ours.length - 1]?.[0] === 'binary',
  },
  {
    of: ['eio3'],
    what: 'a length that is not made of digits',
    why: 'JavaScript reads numbers from `1e0` and from spaces; no client writes them so',
    is: (text, theirs, ours) => isEnd(theirs, ours) && entries(text).some(({ length }) => !/^\d+$/.test(length)),
  },
  {
    of: ['eio3'],
    what: 'a length that ends within a surrogate pair',
    why: 'text is UTF-8 here, which has no such thing',
    is: (text, theirs, ours) => isEnd(theirs, ours) && entries(text).some(({ end }) => !text.slice(0, end).isWellFormed()),
  },
  {
    of: ['legacy'],
    what: 'JSON that is none',
    why: 'the server of that time gives `false` to its handlers, its client nothing',
    is: (text, theirs, ours) => other(theirs, ours, ({ type, data }) => type === 'json' && data === undefined),
  },
  {
    of: ['legacy'],
    what: 'a length that is not made of digits',
    why: 'JavaScript reads numbers from `1e0` and from spaces; no client writes them so',
    is: (text) => legacyLengths(text).some((length) => !/^\d*$/.test(length)),
  },
  {
    of: ['legacy'],
    what: 'a length that ends within a surrogate pair',
    why: 'text is UTF-8 here, which has no such thing: half a pair becomes U+FFFD',
    is: (text, theirs, ours) => other(theirs, ours, (packet) => !Object.values(packet).join('').isWellFormed()),
  },
];

/** Whether the first packet of theirs that is another in ours is one of these. */
function other(theirs, ours, is) {
  const at = theirs.findIndex((packet, place) => !isSamePacket(packet, ours[place]));
  return at >= 0 && ours[at] !== undefined && is(theirs[at], ours[at]);
}

/** Whether ours stopped at a packet that theirs did not stop at, and read the same before. */
function isEnd(theirs, ours) {
  const count = ours.length - 1;
  const isSameBefore = isDeepStrictEqual(theirs.slice(0, count), ours.slice(0, count));
  return isSameBefore && ours[count][0] === 'error';
}

/** The lengths in a body of Socket.IO 0.9, as JavaScript counts. */
function legacyLengths(text) {
  const found = [];
  for (let start = 1, end = text.indexOf('\ufffd', 1); end >= 0; end = text.indexOf('\ufffd', start)) {
    found.push(text.slice(start, end));
    start = end + Number(found.at(-1)) + 2;
    if (Number.isNaN(start)) break;
  }
  return text.startsWith('\ufffd') ? found : [];
}

/** The entries in a body of Engine.IO 3, as JavaScript counts: their lengths, as written, and where they end. */
function entries(text) {
  const found = [];
  for (let end = 0, colon = text.indexOf(':'); colon >= 0; colon = text.indexOf(':', end)) {
    const length = text.slice(end, colon);
    if (!(Number(length) >= 0)) break;
    end = colon + 1 + Number(length);
    found.push({ length, end });
  }
  return found;
}

const GRAMMARS = {
  legacy: (below) => body.legacy(legacyPackets(below)),
  sio4: packet,
  sio5: packet,
  eio3: (below) => body.eio3(packets(below)),
  eio4: (below) => body.eio4(packets(below)),
  'eio3-bytes': (below) => body['eio3-bytes'](packets(below)),
};

for (const [at, [grammar, sound]] of Object.entries(GRAMMARS).entries()) {
  test(`${grammar} is read as the official parser reads it`, () => {
    const below = random(at + 1);
    const texts = Array.from({ length: COUNT }, () => {
      const text = sound(below);
      const other = grammar === 'eio3-bytes' || below(2) === 0 ? text : damaged(below, text).toWellFormed();
      return ends(other) ? other : text;
    });
    const input = texts.map((text) => `${JSON.stringify([grammar, text])}\n`).join('');
    const { stdout, status } = spawnSync(process.env.PACKETS, { input, maxBuffer: 2 ** 30, encoding: 'utf8' });
    assert.equal(status, 0);
    const lines = stdout.split('\n');
    const [met, unknown] = [new Set(), []];
    let read = 0;
    for (const [line, text] of texts.entries()) {
      const [theirs, ours] = [READ[grammar](text), JSON.parse(lines[line])];
      read += isError(theirs) ? 0 : 1;
      if (isSame(theirs, ours)) continue;
      const known = DIFFERENCES.find(({ of, is }) => of.includes(grammar) && is(text, theirs, ours));
      if (known === undefined) unknown.push({ text, theirs, ours });
      else met.add(known);
    }
    assert.deepEqual(unknown, []);
    assert.ok(read > COUNT / 2, `${read} of ${COUNT} can be read`);
    const missed = DIFFERENCES.filter((each) => each.of.includes(grammar) && !met.has(each));
    assert.deepEqual(missed.map(({ what }) => what), []);
  });
}

/** Whether it can't be read, or not to its end. */
function isError(read) {
  return Array.isArray(read) ? read.at(-1)?.[0] === 'error' : read.error !== undefined;
}

/** Whether both read the same, in their words. */
function isSame(theirs, ours) {
  if (Array.isArray(theirs)) {
    return theirs.length === ours.length && theirs.every((packet, at) => isSamePacket(packet, ours[at]));
  }
  if (isError(theirs) || isError(ours)) return isError(theirs) && isError(ours);
  const { type, nsp, id, name, data, attachments = 0 } = ours;
  const found = data ? JSON.parse(data) : undefined;
  if (type === 2) found.unshift(typeof theirs.data?.[0] === 'number' ? Number(name) : name);
  const number = id == null ? undefined : Number(id);
  return isDeepStrictEqual(theirs, { type, nsp, id: number, data: found, attachments });
}

/** The same of a packet in a body. */
function isSamePacket(theirs, ours) {
  if (Array.isArray(theirs) || ours === undefined) return isDeepStrictEqual(theirs, ours);
  const read = { ...ours };
  if (read.type === 'json') read.data = JSON.parse(read.data);
  if (read.args !== undefined) read.args = read.ackId === null ? null : JSON.parse(read.args);
  // What is not there is undefined in one, null in the other.
  const plain = (packet) => JSON.parse(JSON.stringify(packet, (key, value) => value ?? undefined));
  return isDeepStrictEqual(plain(theirs), plain(read));
}
