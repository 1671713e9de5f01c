/** A port of this machine through which one is asked that wants to see a certificate: whoever asks the first shows none. As open as a forwarded port is. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { connect } from 'node:tls';

/** PEM texts: who vouches for the parts, and as whom we come. */
export interface Identity {
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
}

export interface Way {
  readonly port: number;
  close(): void;
}

/** Every part's certificate has it: forwarded ports are called so. */
const forwarded = 'localhost';

/** @param port on 127.0.0.1, of a part. */
export async function asKnown({ authority, certificate, key }: Identity, port: number): Promise<Way> {
  const options = { host: '127.0.0.1', port, ca: authority, cert: certificate, key, servername: forwarded };
  const open = new Set<Socket>();
  const server = createServer((here) => {
    const there = connect(options);
    let answered = false;
    there.once('data', () => {
      answered = true;
    });
    // Why is said to whoever asks, in the words of HTTP: a connection that ends says nothing.
    there.on('error', ({ message }) => {
      if (answered) return here.destroy();
      const text = `${message}\n`;
      here.end(
        `HTTP/1.1 502 Bad Gateway\r\ncontent-length: ${Buffer.byteLength(text)}\r\nconnection: close\r\n\r\n${text}`,
      );
    });
    here.on('error', () => there.destroy());
    for (const socket of [here, there]) {
      open.add(socket);
      socket.once('close', () => open.delete(socket));
    }
    here.pipe(there);
    there.pipe(here, { end: false });
    there.on('end', () => here.end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}
