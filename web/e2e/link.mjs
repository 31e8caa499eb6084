// A network link that can be cut: a TCP proxy in front of the gateway.

import { once } from 'node:events';
import { connect, createServer } from 'node:net';

export class Link {
  #sockets = new Set();
  #cut = false;

  /** Listens on a free port and forwards to that address. */
  static async to(url) {
    const link = new Link();
    const { hostname, port } = new URL(url);
    link.server = createServer((near) => link.#join(near, { host: hostname, port: Number(port) }));
    link.server.listen(0, '127.0.0.1');
    await once(link.server, 'listening');
    link.url = `http://127.0.0.1:${link.server.address().port}`;
    return link;
  }

  /** Breaks every connection and refuses new ones. */
  cut() {
    this.#cut = true;
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  restore() {
    this.#cut = false;
  }

  async close() {
    this.cut();
    this.server.close();
    await once(this.server, 'close');
  }

  #join(near, address) {
    if (this.#cut) {
      near.resetAndDestroy();
      return;
    }
    const far = connect(address);
    for (const [socket, other] of [[near, far], [far, near]]) {
      this.#sockets.add(socket);
      socket.setNoDelay(true).pipe(other);
      // A broken pipe is what this link is for; the other end learns of it here.
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
  }
}
