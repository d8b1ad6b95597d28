// Written by socketio-core from the server's contract: do not edit, but renew it.
//
// A guard, a throttle, a check, arguments that can't be read and a panic answer
// `{ error: string, data?: any }` in place of what stands here.

/**
 * What clients of `/` are sent.
 *
 * What the page implements.
 */
export interface ServerToClientEvents {
  /** Somebody came. */
  joined: (name: string) => void;
  /** Somebody went. */
  left: (name: string) => void;
  /** Who is in the room now. */
  people: (names: Array<string>) => void;
  /** Somebody else said something. */
  said: (said: Said) => void;
  /** Somebody types, or no longer does. */
  typing: (name: string, typing: boolean) => void;
}

/** What clients of `/` may emit. */
export interface ClientToServerEvents {
  /** `socket.emit('join', {name: 'Ann'}, answer => …)`: what is returned is the answer. */
  join: (...args:
    | [name: string, callback: (answer: Welcome | { error: Refusal }) => void]
    | [args: { name: string }, callback: (answer: Welcome | { error: Refusal }) => void]
  ) => void;
  /** `socket.emit('say', 'Hello!', answer => …)` */
  say: (...args:
    | [text: string, callback: (answer: Said | { error: Refusal }) => void]
    | [args: { text: string }, callback: (answer: Said | { error: Refusal }) => void]
  ) => void;
  /**
   * `socket.emit('typing', true)`. Nobody misses it much, so it is volatile: it goes to those who
   * can have it at once, as `socket.on('typing', (name, typing) => …)`.
   */
  typing: (...args:
    | [typing: boolean]
    | [typing: boolean, callback: (answer?: { error: string }) => void]
    | [args: { typing: boolean }]
    | [args: { typing: boolean }, callback: (answer?: { error: string }) => void]
  ) => void;
}

/**
 * Why the server would not.
 */
export type Refusal = "name_length" | "name_taken" | "text_length" | "already_joined" | "not_joined" | "failed";

/**
 * What somebody said.
 */
export type Said = { from: string, text: string, at: number, };

/**
 * For who has joined.
 */
export type Welcome = { name: string, text_max: number, };
