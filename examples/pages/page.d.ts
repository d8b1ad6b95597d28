// What page.js gives to pages that are written in TypeScript.

type Socket<ToClient extends {}, ToServer extends {}> = import('socket.io-client').Socket<ToClient, ToServer>;

declare function byId(...ids: string[]): (HTMLElement | null)[];
declare function connect<ToClient extends {}, ToServer extends {}>(url?: string): Socket<ToClient, ToServer>;
declare function showStatus(state: 'online' | 'offline' | '', words: string): void;
declare function showOnline<ToClient extends {}, ToServer extends {}>(socket: Socket<ToClient, ToServer>): void;
declare function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag, className: string, ...children: (Node | string)[]
): HTMLElementTagNameMap[Tag];
