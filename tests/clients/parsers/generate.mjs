// Packets and bodies of all grammars, sound and damaged: the same for the same seed.

/** Marsaglia's xorshift32, as a function of a bound. */
export function random(seed) {
  let state = seed;
  return (bound) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % bound;
  };
}

const WORDS = [
  ...'0123456789', ...'bBxe', '"', '\\', '/', ',', ':', '-', '+', '.', '=', '[', ']', '{', '}', ' ', '\n', '\x1e',
  'é', '☃', '😀', '\u2028', '\ufffd', '\\u00e9', '\\ud83d', 'null', 'true', '1e3', '/a,', '51-', '["', '"]', '{}',
];
const NAMES = ['e', 'é☃😀', 'a"\\\n', '', 'disconnect', 'connect', 'newListener', 7, -1.5];

export const pick = (below, from) => from[below(from.length)];

function value(below, depth = 2) {
  const list = () => Array.from({ length: below(4) }, () => value(below, depth - 1));
  switch (below(depth > 0 ? 8 : 6)) {
    case 0: return null;
    case 1: return below(2) === 0;
    case 2: return below(2 ** 31) - 2 ** 30;
    case 3: return below(1000) / 8 - 50;
    case 4: return pick(below, NAMES);
    case 5: return { _placeholder: true, num: below(3) };
    case 6: return list();
    default: return Object.fromEntries(list().map((each) => [pick(below, WORDS), each]));
  }
}

/** The text of a packet of Socket.IO. */
export function packet(below) {
  const type = below(7);
  const count = type > 4 ? `${1 + below(11)}-` : '';
  const namespace = pick(below, ['', '', '/,', '/a,', '/é/b?c=d,']);
  const array = JSON.stringify([pick(below, NAMES), ...[value(below)].slice(below(2))]);
  const object = JSON.stringify({ key: value(below) });
  const data = [pick(below, ['', object]), '', array, array, pick(below, ['"no"', object]), array, array][type];
  const id = { 2: ['', 0, 12, 4294967296], 3: [0, 12], 5: ['', 7], 6: [7] }[type] ?? [''];
  return `${type}${count}${namespace}${pick(below, id)}${data}`;
}

/** Packets of Engine.IO, as its official parsers take them. */
export function packets(below) {
  return Array.from({ length: 1 + below(3) }, () => {
    const type = pick(below, ['open', 'close', 'ping', 'pong', 'message', 'message', 'upgrade', 'noop']);
    if (type === 'message' && below(3) === 0) {
      return { type, data: Buffer.from(Array.from({ length: below(9) }, () => below(256))) };
    }
    const data = { open: '{"sid":"é"}', ping: 'probe', pong: 'probe', message: packet(below) }[type];
    return data === undefined ? { type } : { type, data };
  });
}

const LEGACY = ['disconnect', 'connect', 'heartbeat', 'message', 'json', 'event', 'event', 'ack', 'error', 'noop'];

/** Packets of Socket.IO 0.9, as its parser takes them. */
export function legacyPackets(below) {
  return Array.from({ length: 1 + below(3) }, () => ({
    type: pick(below, LEGACY),
    endpoint: pick(below, ['', '', '/a', '/é']),
    id: pick(below, ['', '', '7', '007']),
    ack: pick(below, ['data', true]),
    data: pick(below, ['', 'é😀', value(below)]),
    name: pick(below, ['e', 'é"\\', '']),
    args: [[], [value(below)]][below(2)],
    ackId: pick(below, ['1', '12']),
    qs: pick(below, ['', '?a=b']),
    reason: pick(below, ['', 'unauthorized']),
    advice: pick(below, ['', 'reconnect']),
  })).map((packet) => (packet.type === 'message' ? { ...packet, data: `${packet.data}` } : packet));
}

/** A text with a few characters put in, taken out or replaced. */
export function damaged(below, text) {
  const chars = [...text];
  for (let changes = 1 + below(3); changes > 0; changes -= 1) {
    chars.splice(below(chars.length + 1), below(3), ...[pick(below, WORDS)].slice(below(2)));
  }
  return chars.join('');
}
