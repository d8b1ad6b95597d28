// What the official parsers read, in the words of the program `packets`.

import { createRequire } from 'node:module';
import client from 'socket.io-client';

const legacy = client.parser;
const from = (client) => createRequire(createRequire(import.meta.url).resolve(client));
const v2 = from('socket.io-client-2');
const v4 = from('socket.io-client-4');

export const engine3 = v2('engine.io-parser');
export const engine4 = v4('engine.io-parser');

/** Engine.IO's body as text. */
export const body = {
  legacy: (packets) => legacy.encodePayload(packets.map(legacy.encodePacket)),
  eio3: (packets) => encoded((done) => engine3.encodePayload(packets, false, done)),
  eio4: (packets) => encoded((done) => engine4.encodePayload(packets, done)),
  'eio3-bytes': (packets) => encoded((done) => engine3.encodePayloadAsBinary(packets, done)).toString('base64'),
};

/** What each grammar's official parser reads: a packet or a list of them, or an `error`. */
export const READ = {
  sio4: (text) => packet(v2('socket.io-parser'), text),
  sio5: (text) => packet(v4('socket.io-parser'), text),
  eio3: (text) => {
    const packets = [];
    engine3.decodePayload(text, (each) => void packets.push(entry(each)));
    return packets;
  },
  'eio3-bytes': (text) => {
    const packets = [];
    engine3.decodePayload(Buffer.from(text, 'base64'), 'nodebuffer', (each) => void packets.push(entry(each)));
    return packets;
  },
  legacy: (text) => legacy.decodePayload(text).map(({ id, ack, ...packet }) => ({
    ...packet,
    id: id === undefined ? undefined : [id, ack === 'data'],
  })),
  eio4: (text) => engine4.decodePayload(text).map(entry),
};

/** Whether the official parser comes to an end: at a negative length it may go back. */
export function ends(text) {
  const lengths = text.startsWith('\ufffd') ? text.matchAll(/\ufffd([^\ufffd]*)(?=\ufffd)/g) : [];
  return [...lengths].every(([, length]) => !(Number(length) < 0));
}

function encoded(encode) {
  let result;
  encode((body) => {
    result = body;
  });
  return result;
}

function packet({ Decoder }, text) {
  const decoder = new Decoder();
  let found;
  decoder.on('decoded', (each) => {
    found = each;
  });
  try {
    decoder.add(text);
  } catch (error) {
    return { error: error.message };
  }
  found ??= decoder.reconstructor.reconPack;
  if (found.type === 4 && String(found.data).startsWith('parser error')) {
    return { error: found.data };
  }
  const { type, nsp, id, data, attachments = 0 } = found;
  return { type: { 5: 2, 6: 3 }[type] ?? type, nsp, id, data, attachments };
}

function entry({ type, data = '' }) {
  if (typeof data !== 'string') return ['binary', data.toString('base64')];
  return [type, ['open', 'ping', 'pong', 'message'].includes(type) ? data : ''];
}
