import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { buildIfStale } from '../../instrumentation/src/testing/host.ts';
import { withReceiver } from '../../instrumentation/src/testing/receiver.ts';

beforeAll(() => buildIfStale());

/** Starts the service, sends it a few requests, stops it with SIGTERM. */
async function visit(preload: string[], env: Record<string, string>) {
  const cwd = fileURLToPath(new URL('.', import.meta.url));
  const child = spawn(process.execPath, [...preload, 'server.js'], {
    cwd,
    env: { PATH: process.env.PATH, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: { level: number; msg: string }[] = [];
  const ended = once(child, 'close');
  const output = createInterface({ input: child.stdout });
  output.on('line', (line) => lines.push(JSON.parse(line)));
  await once(output, 'line');
  const base = lines[0]?.msg.replace('listening on ', '') as string;
  const ask = async (path: string, body?: string) => {
    const response = await fetch(base + path, body ? { method: 'POST', body } : {});
    return [response.status, await response.json()];
  };
  const answers = [
    await ask('/orders', '{"item":"lamp","quantity":2}'),
    await ask('/orders', '{"item":"lamp"}'),
    await ask('/orders', 'lamp'),
    await ask('/orders/1'),
    await ask('/orders/2'),
    await ask('/fail'),
  ];
  child.kill('SIGTERM');
  const [code] = await ended;
  return { answers, code, said: lines.map(({ level, msg }) => [level, msg]).slice(1) };
}

test('I01 the example answers the same with and without the preload, and an order becomes one trace', async () => {
  const alone = await visit([], {});
  expect(alone).toEqual({
    answers: [
      [200, { id: 1, item: 'lamp', quantity: 2 }],
      [400, { error: 'an order has an item and a whole quantity of 1 or more' }],
      [400, { error: 'the body is not JSON' }],
      [200, { id: 1, item: 'lamp', quantity: 2, rates: { EUR: 1, USD: 1.1, GBP: 0.85 } }],
      [404, { error: 'no order 2' }],
      [500, { error: 'internal error' }],
    ],
    code: 0,
    said: [
      [30, 'order taken'],
      [30, 'order shown'],
      [50, 'request failed'],
      [30, 'stopping'],
    ],
  });
  await withReceiver(async (receiver, env) => {
    expect(await visit(['--import', '@fleetscope/instrumentation/register'], env)).toEqual(alone);
    const { traceId } = receiver.logs.find(({ body }) => body === 'order shown') ?? {};
    const spans = receiver.spans.filter((span) => span.traceId === traceId).map(({ name, kind }) => `${name} ${kind}`);
    expect(spans.sort()).toEqual(['GET 2', 'GET 2', 'GET 3', 'SELECT orders 3']);
    expect(receiver.resource['service.name']).toBe('plain-node');
  });
});
