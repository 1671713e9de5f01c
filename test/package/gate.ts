import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** What lies between a service and its Collector: a network that fails as it is told. */
export interface Gate {
  endpoint: string;
  /** `hang`: accepts and says nothing. `reset`: cuts what is begun. `down`: nobody listens. */
  becomes(behaviour: Behaviour): Promise<void>;
}

export type Behaviour = 'pass' | 'hang' | 'reset' | 'down';

/** Runs `use` with a gate before the given `http://host:port`. */
export async function withGate(
  to: string,
  use: (gate: Gate) => Promise<void>,
  first: Behaviour = 'pass',
): Promise<void> {
  const { hostname, port: target } = new URL(to);
  const open = new Set<Socket>();
  let behaviour: Behaviour = 'down';
  let port = 0;

  const keep = (socket: Socket) => {
    open.add(socket);
    // What a cut connection says is not news.
    socket.on('error', () => {}).on('close', () => open.delete(socket));
    return socket;
  };
  const server = createServer((client) => {
    keep(client);
    if (behaviour === 'reset') client.once('data', () => client.resetAndDestroy());
    if (behaviour !== 'pass') return;
    const collector = keep(connect(Number(target), hostname));
    client.pipe(collector).pipe(client);
    client.on('close', () => collector.destroy());
    collector.on('close', () => client.destroy());
  });
  const becomes = async (next: Behaviour) => {
    behaviour = next;
    for (const socket of open) socket.destroy();
    if (next === 'down' && server.listening) {
      server.close();
      await once(server, 'close');
    } else if (next !== 'down' && !server.listening) {
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
      port = (server.address() as AddressInfo).port;
    }
  };
  await becomes(first === 'down' ? 'pass' : first);
  try {
    if (first === 'down') await becomes('down');
    await use({ endpoint: `http://127.0.0.1:${port}`, becomes });
  } finally {
    await becomes('down');
  }
}
