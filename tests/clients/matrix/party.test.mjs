// Official clients 4.x and 0.9.17 together in rooms: who gets what, however it is sent.
//
// INTEROP is the program `interop`.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CLIENTS, call, next } from './clients.mjs';
import { start } from './interop.mjs';

const LEGACY = CLIENTS[0];
const MODERN = CLIENTS.at(-1);

const MEMBERS = [
  { name: 'a', client: MODERN, transport: 'websocket', rooms: ['x'] },
  { name: 'b', client: LEGACY, transport: 'websocket', rooms: ['x', 'y'] },
  { name: 'c', client: MODERN, transport: 'polling', rooms: ['y'] },
  { name: 'd', client: LEGACY, transport: 'polling', rooms: [] },
];

/** Every way to say who is meant, and how: `@b` is the room of b's id. */
function* cases() {
  for (const speaker of ['server', 'a', 'b', 'd'])
    for (const to of [[], ['x'], ['y'], ['x', 'y'], ['@b'], ['x', '@d'], ['z']])
      for (const except of [[], ['x'], ['y'], ['@b'], ['z', '@a']])
        for (const volatile of [false, true])
          for (const ack of [false, true]) yield { speaker, to, except, volatile, ack };
}

function meant({ speaker, to, except }) {
  const isIn = ({ name, rooms }) => (room) => rooms.includes(room) || room === `@${name}`;
  return MEMBERS.filter(
    (member) =>
      member.name !== speaker && (to.length === 0 || to.some(isIn(member))) && !except.some(isIn(member)),
  );
}

const names = (members) => members.map(({ name }) => name).sort();

/** Connects a member to the party, where it acknowledges by its name. */
async function join(url, { name, client, transport, rooms }) {
  const root = client.connect(url, transport);
  await client.ready(root, transport);
  const party = client.endpoint(root, '/party');
  await next(party, 'connect');
  const [id] = await call(party, 'join', rooms);
  const got = [];
  party.on('told', (number, ack) => {
    got.push(number);
    ack?.(name);
  });
  return { name, id, party, got, leave: () => client.close(root) };
}

test('4.x and 0.9 clients in a room get what is for them, once, and nothing else', { timeout: 120_000 }, async (t) => {
  const { url, stop } = await start();
  t.after(stop);
  const members = {};
  for (const member of MEMBERS) {
    members[member.name] = await join(url, member);
    t.after(members[member.name].leave);
  }
  const ids = (rooms) => rooms.map((room) => (room[0] === '@' ? members[room[1]].id : room));
  let number = 0;
  for (const how of cases()) {
    number += 1;
    const what = JSON.stringify(how);
    const { speaker, volatile, ack } = how;
    const over = Object.values(members).map(({ party }) => next(party, 'end'));
    const outside = speaker === 'server';
    const { party } = members[outside ? 'a' : speaker];
    const options = { outside, volatile, ack, to: ids(how.to), except: ids(how.except) };
    const [answers, failed] = await call(party, 'tell', options, number);
    assert.deepEqual(await Promise.all(over), Array(MEMBERS.length).fill([number]), what);
    const got = Object.values(members).filter((member) => {
      const numbers = member.got.splice(0);
      assert.deepEqual(numbers, numbers.length ? [number] : [], `${member.name} gets it once: ${what}`);
      return numbers.length;
    });
    // One that polls gets what is volatile if a poll waits.
    const sure = meant(how).filter(({ transport }) => !volatile || transport === 'websocket');
    const unsure = meant(how).filter(({ name }) => got.some((member) => member.name === name));
    assert.deepEqual(names(got), names(unsure), `nobody else gets ${what}`);
    assert.ok(sure.every((member) => unsure.includes(member)), `${names(sure)} get ${what}`);
    assert.deepEqual(answers.sort(), ack ? names(got) : [], what);
    assert.equal(failed, ack ? meant(how).length - got.length : 0, what);
  }
  assert.equal(number, 560);
});
