// A wire between client and server that can be cut: it hands on bytes until then.

import { once } from 'node:events';
import net from 'node:net';

/** Opens a way to a server; gives its address, `cut` and `close`. */
export async function cuttable(url = process.env.TEST_URL) {
  const target = new URL(url);
  const ends = new Set();
  const proxy = net.createServer((client) => {
    const server = net.connect(target.port, target.hostname);
    for (const [end, other] of [[client, server], [server, client]]) {
      ends.add(end);
      end.on('error', () => {});
      end.on('close', () => {
        ends.delete(end);
        other.destroy();
      });
      end.pipe(other);
    }
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const cut = () => ends.forEach((end) => end.destroy());
  const close = () => {
    cut();
    proxy.close();
  };
  return { url: `http://127.0.0.1:${proxy.address().port}`, cut, close };
}
