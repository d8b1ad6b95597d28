// A server `interop` of a test's own, with options of its own.
//
// INTEROP is the program.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** Starts it on a free port; gives its address and `stop`, which waits until it has ended. */
export async function start(...options) {
  const args = ['--port', 0, ...options].map(String);
  const server = spawn(process.env.INTEROP, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(server, 'exit');
  const [url] = await once(createInterface(server.stdout), 'line');
  const stop = async () => {
    server.kill();
    await ended;
  };
  return { url, stop };
}
