// Written by socketio-core from the server's contract: do not edit, but renew it.
//
// A guard, a throttle, a check, arguments that can't be read and a panic answer
// `{ error: string, data?: any }` in place of what stands here.

/**
 * What clients of `/` are sent.
 *
 * Who waits.
 */
export interface ServerToClientEvents {
  /** Somebody said something. */
  said: (from: User, text?: string | null) => void;
  /** @deprecated */
  confirm: (args: { question: string }, callback: (answer: boolean) => void) => void;
  done: (...args:
    | [from: User, callback: () => void]
    | [from: User, text: string | null, callback: () => void]
  ) => void;
}

/**
 * What clients of `/` may emit.
 *
 * Where all begin. /* not the end: *\/
 */
export interface ClientToServerEvents {
  /**
   * Adds up.
   *
   * Slowly.
   */
  add: (a: number, b: number, callback: (answer: number) => void) => void;
  /** @deprecated use `add` */
  "say hi": (...args:
    | [_class: string, to_whom?: User | null]
    | [_class: string, callback: () => void]
    | [_class: string, to_whom: User | null, callback: () => void]
    | [args: { class: string, "to-whom"?: User | null }]
    | [args: { class: string, "to-whom"?: User | null }, callback: () => void]
  ) => void;
  find: (...args:
    | [query: string, callback: (answer: Array<User>) => void]
    | [query: string, limit: number | null, callback: (answer: Array<User>) => void]
    | [query: string, limit: number | null, from: number | null, ...more: Array<ArrayBuffer | Uint8Array>, callback: (answer: Array<User>) => void]
    | [args: { query: string, limit?: number | null, from?: number | null, more?: Array<ArrayBuffer | Uint8Array> | null }, callback: (answer: Array<User>) => void]
  ) => void;
  keys: (callback: (answer: { [key in Right]?: boolean } | { error: Refusal }) => void) => void;
  rename: (...args:
    | [args: { name: string, loud?: boolean | null }]
    | [args: { name: string, loud?: boolean | null }, callback: (answer?: { error: string }) => void]
  ) => void;
  pair: (arg1: [number, number], callback: (...answer: [number, Page<User>] | [{ error: string }]) => void) => void;
  tuple: (...args:
    | [data: ArrayBuffer | Uint8Array, callback: (answer: Pair) => void]
    | [args: { data: ArrayBuffer | Uint8Array }, callback: (answer: Pair) => void]
  ) => void;
  maybe: (callback: (answer: [number, number] | null) => void) => void;
  several: (callback: (...answer: [number, number]) => void) => void;
  /** @deprecated not *\/ the end */
  sum: (...args:
    | [...more: Array<number>, callback: (answer: number) => void]
  ) => void;
  sum_later: (...args:
    | [...more: Array<number>, callback: (...answer: any[]) => void]
  ) => void;
  outcome: (...args:
    | [before: { Ok: number } | { Err: Refusal }]
    | [before: { Ok: number } | { Err: Refusal }, callback: () => void]
  ) => void;
  later: (callback: (...answer: any[]) => void) => void;
  message: (...args:
    | [arg1: any]
    | [arg1: any, callback: () => void]
  ) => void;
}

/** What clients of `/chat`, `/room/{id}` are sent. */
export interface ChatServerToClientEvents {
  // Any event that has no name here.
  [event: string]: (...args: any[]) => void;
}

/** What clients of `/chat`, `/room/{id}` may emit. */
export interface ChatClientToServerEvents {
  say: (...args:
    | [value: JsonValue, callback: (answer: boolean) => void]
    | [args: { value: JsonValue }, callback: (answer: boolean) => void]
  ) => void;
  // Any event that has no name here.
  [event: string]: (...args: any[]) => void;
}

/** What clients of `/other` are sent. */
export interface Chat2ServerToClientEvents {
  // Any event that has no name here.
  [event: string]: (...args: any[]) => void;
}

/** What clients of `/other` may emit. */
export interface Chat2ClientToServerEvents {
}

/** What clients of `/two`, `/second` are sent. */
export interface Chat22ServerToClientEvents {
  // Any event that has no name here.
  [event: string]: (...args: any[]) => void;
}

/** What clients of `/two`, `/second` may emit. */
export interface Chat22ClientToServerEvents {
}

export type JsonValue = number | string | boolean | Array<JsonValue> | { [key in string]: JsonValue } | null;

export type Page<T> = { items: Array<T>, };

export type Pair = [number, string];

export type Refusal = "not_found";

export type Right = "read" | "write";

/**
 * Somebody.
 */
export type User = { id: number, name: string | null, picture: ArrayBuffer | Uint8Array | null, rights: Array<Right>, };
