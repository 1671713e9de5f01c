/** Stands between two servers and counts the bytes that pass, both ways. */

import type { AddressInfo } from 'node:net';
import { connect, createServer, type Socket } from 'node:net';

export interface Relay {
  readonly port: number;
  /** To the server, and back from it. */
  bytes(): { readonly out: number; readonly back: number };
  close(): void;
}

export async function relayTo(port: number): Promise<Relay> {
  const [passed, open] = [{ out: 0, back: 0 }, new Set<Socket>()];
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    near.on('data', (chunk) => {
      passed.out += chunk.length;
    });
    far.on('data', (chunk) => {
      passed.back += chunk.length;
    });
    near.pipe(far).pipe(near);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one);
      // One side gone is the other gone: the sender connects again, or hears that nobody is there.
      one.on('error', () => other.destroy());
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    bytes: () => ({ ...passed }),
    close: () => {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}
