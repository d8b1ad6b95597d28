// What the official client's types make of a generated file: all here must compile, and what is said to be an error
// must be one.

import type {Socket} from 'socket.io-client';
import type {
  Chat2ClientToServerEvents, ChatClientToServerEvents, ChatServerToClientEvents,
  Chat22ClientToServerEvents, ClientToServerEvents, ServerToClientEvents, User,
} from '../../it/typescript/events.ts';

declare const lobby: Socket<ServerToClientEvents, ClientToServerEvents>;
declare const chat: Socket<ChatServerToClientEvents, ChatClientToServerEvents>;
declare const other: Socket<ServerToClientEvents, Chat2ClientToServerEvents>;
declare const user: User;
declare const bytes: Uint8Array;

/** Whether a value is of a type, and no other. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false;
const is = <A, B>(_: Same<A, B>) => {};

// By position and by keyword, with and without what may be left out.
lobby.emit('add', 1, 2, sum => is<typeof sum, number>(true));
lobby.emit('find', 'a', users => is<typeof users, User[]>(true));
lobby.emit('find', 'a', 1, users => users.length);
lobby.emit('find', 'a', null, 2, bytes, bytes, users => users.length);
lobby.emit('find', {query: 'a', more: [bytes]}, users => users.length);
lobby.emit('say hi', 'a');
lobby.emit('say hi', 'a', user);
lobby.emit('say hi', 'a', () => {});
lobby.emit('say hi', {class: 'a', 'to-whom': user});
lobby.emit('rename', {name: 'a'}, answer => answer?.error.length);
lobby.emit('pair', [1, 2], (...answer) => typeof answer[0] === 'object' ? answer[0].error : answer[0]);
lobby.emit('tuple', bytes, pair => is<typeof pair, [number, string]>(true));
lobby.emit('maybe', pair => is<typeof pair, [number, number] | null>(true));
lobby.emit('several', (one, two) => [is<typeof one, number>(true), is<typeof two, number>(true)]);
lobby.emit('sum', sum => is<typeof sum, number>(true));
lobby.emit('sum', 1, 2, sum => is<typeof sum, number>(true));
lobby.emit('sum_later', 1, 2, (...values) => values);
lobby.emit('outcome', {Ok: 1});
lobby.emit('outcome', {Err: 'not_found'});
lobby.emit('later', (...values) => values);
lobby.emit('message', {any: 'thing'});
chat.emit('say', [1, {a: null}], said => said === true);
chat.emit('whatever', 1, 2, 3);
chat.on('whatever', (a, b) => [a, b]);

// @ts-expect-error: an argument of another type
lobby.emit('add', '1', 2, sum => sum);
// @ts-expect-error: one too few
lobby.emit('add', 1, sum => sum);
// @ts-expect-error: one too many
lobby.emit('say hi', 'a', user, 1);
// @ts-expect-error: as it is answered, not as it is given
lobby.emit('outcome', {error: 'not_found'});
// @ts-expect-error: the rest is of another type
lobby.emit('sum', 1, '2', sum => sum);
// @ts-expect-error: nobody looks at the answer
lobby.emit('add', 1, 2);
// @ts-expect-error: by position only
lobby.emit('add', {a: 1, b: 2}, sum => sum);
// @ts-expect-error: by keyword only
lobby.emit('rename', 'a');
// @ts-expect-error: no such keyword
lobby.emit('find', {query: 'a', form: 1}, users => users);
// @ts-expect-error: no such event
lobby.emit('fnid', 'a');
// @ts-expect-error: no event at all
other.emit('add', 1, 2, (sum: number) => sum);
// @ts-expect-error: an answer of another type
lobby.emit('add', 1, 2, (sum: string) => sum);

// What is awaited.
async function awaited() {
  const sum = await lobby.emitWithAck('add', 1, 2);
  is<typeof sum, number>(true);
  const users = await lobby.emitWithAck('find', 'a', 1);
  is<typeof users, User[]>(true);
  // Behind `timeout`, the official types say `any`.
  await lobby.timeout(1000).emitWithAck('find', 'a', 1);
  const byKeyword = await lobby.emitWithAck('find', {query: 'a'});
  is<typeof byKeyword, User[]>(true);
  const keys = await lobby.emitWithAck('keys');
  if ('error' in keys) return keys.error === 'not_found';
  // @ts-expect-error: one too few
  await lobby.emitWithAck('add', 1);
  // @ts-expect-error: an argument of another type
  await lobby.emitWithAck('find', 1);
  return keys.read;
}

lobby.timeout(1000).emit('add', 1, 2, (error, sum) => [error.message, sum.toFixed()]);
lobby.timeout(1000).emit('say hi', 'a', error => error.message);

// What is heard.
lobby.on('said', (from, text) => [is<typeof from, User>(true), is<typeof text, string | null | undefined>(true)]);
lobby.on('confirm', ({question}, callback) => callback(question === 'sure?'));
lobby.on('done', (from, ...more) => [from.id, more.length]);
// @ts-expect-error: an answer of another type
lobby.on('confirm', ({question}, callback) => callback(question));
// @ts-expect-error: no such event
lobby.on('siad', () => {});
