import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { needCollector } from './collector.ts';

test('where something listens the demo may start, where nothing does it says how to', async () => {
  const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await expect(needCollector(endpoint)).resolves.toBeUndefined();
  server.close();
  await once(server, 'close');
  await expect(needCollector(endpoint)).rejects.toThrow(
    `Cannot start the demo: no Collector answers at ${endpoint} (ECONNREFUSED). Start the stack with "npm run up", or give --endpoint.`,
  );
  await expect(needCollector('localhost:4317')).rejects.toThrow(TypeError);
});
