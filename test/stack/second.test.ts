/** A copy for a second backend, with the real Collector and the real Loki: whatever the second does, the first sees nothing of it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { getText, until } from '../../doctor/ask.ts';
import { readPipeline } from '../../doctor/pipeline.ts';
import { targetsOf } from '../../doctor/targets.ts';
import { processes } from '../../engine/processes.ts';
import { needSecrets } from '../../engine/secrets.ts';
import { Supervisor } from '../../engine/supervisor.ts';
import { native, url } from '../../place.ts';
import { missing, NumberedSender, numbersInLoki, perRequest } from './numbered.ts';
import { bend, freePorts, programs } from './stack.ts';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const stop of stops.splice(0).reverse()) await stop();
});

type Behaviour =
  | 'takes'
  | 'hangs'
  | 'takes, and says so after 30 s'
  | 'is away'
  | 'refuses for now'
  | 'says 429, and when to come again'
  | 'refuses for good';

/** The second backend: an OTLP/HTTP server that behaves as it is told. */
class Vendor {
  behaviour: Behaviour = 'takes';
  readonly logs = new Set<number>();
  readonly paths = new Set<string>();
  readonly tokens = new Set<string | undefined>();
  /** How many requests it was sent, by what it made of them. */
  readonly asked = new Map<Behaviour, number>();
  #server = createServer((request, response) => void this.#answer(request, response));
  #hanging: ServerResponse[] = [];

  async open(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Lets go of those that wait: they are told to come again. */
  becomes(behaviour: Behaviour): void {
    this.behaviour = behaviour;
    for (const response of this.#hanging.splice(0)) response.writeHead(503).end();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { behaviour } = this;
    this.asked.set(behaviour, (this.asked.get(behaviour) ?? 0) + 1);
    if (behaviour === 'hangs') return void this.#hanging.push(response);
    if (behaviour === 'is away') return void request.socket.destroy();
    if (behaviour === 'refuses for now') return void response.writeHead(503).end();
    if (behaviour === 'says 429, and when to come again')
      return void response.writeHead(429, { 'retry-after': '2' }).end();
    if (behaviour === 'refuses for good') return void response.writeHead(400).end();
    this.paths.add(request.url as string);
    this.tokens.add(request.headers.authorization);
    const body = Buffer.concat(chunks).toString();
    for (const [, number] of body.matchAll(/"number (\d+)"/g)) this.logs.add(Number(number));
    if (behaviour === 'takes, and says so after 30 s') {
      const answer = setTimeout(() => response.writeHead(200).end(), 30_000);
      // The Collector gives up on it sooner, and sends again what it has.
      return void response.once('close', () => clearTimeout(answer));
    }
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  }
}

async function start(change: (text: string) => string = (text) => text, toItself = false) {
  const home = mkdtempSync(join(tmpdir(), 'fleetscope-second-'));
  const ports = await freePorts();
  // Given by name, `up` would refuse it: here it is this very Collector.
  const itself = `http://127.0.0.1:${ports.get('FLEETSCOPE_COLLECTOR_HTTP')}`;
  const place = native({ home, profile: 'laptop', portOf: (setting) => ports.get(setting) as number });
  needSecrets(home);
  const vendor = new Vendor();
  vi.stubEnv('FLEETSCOPE_SECOND_OTLP_ENDPOINT', await vendor.open());
  vi.stubEnv('FLEETSCOPE_SECOND_OTLP_HEADERS_FILE', join(home, 'headers.yaml'));
  writeFileSync(join(home, 'headers.yaml'), 'authorization: Bearer of-the-vendor\n');
  const { collector, loki } = await programs();
  // As text, so that what arrives can be read.
  const readable = (text: string) =>
    change(text.replace('compression: gzip\n    headers', 'compression: none\n    encoding: json\n    headers'));
  const all = bend(
    processes(place, { collector: collector as never, loki: loki as never }, home),
    'collector',
    readable,
  );
  const supervisor = new Supervisor({
    processes: all.map((one) => ({
      ...one,
      needs: [],
      env: { ...one.env, ...(toItself && { FLEETSCOPE_SECOND_OTLP_ENDPOINT: itself }) },
    })),
    logs: join(home, 'logs'),
    onPhase: () => undefined,
  });
  stops.push(async () => {
    await supervisor.stop();
    await vendor.close();
    rmSync(home, { recursive: true, force: true });
  });
  await supervisor.start();
  const targets = targetsOf(place);
  const sender = new NumberedSender(url(place, 'collector', 'http'));
  let next = 0;
  return {
    vendor,
    sender,
    send: async (requests: number) => {
      for (let end = next + requests * perRequest; next < end; next += perRequest) await sender.send(next);
    },
    /** Of the numbers that were acknowledged, none is missing in the first. */
    whole: async (fromMs: number) =>
      until(async () => missing(sender.acknowledged.logs, await numbersInLoki(targets, fromMs)).length === 0, {
        timeoutMs: 60_000,
        everyMs: 500,
      }),
    /** Log records that were kept from being copied. */
    kept: async () => {
      const text = await getText(`${url(place, 'collector', 'metrics')}/metrics`);
      const lines = text
        .split('\n')
        .filter((line) => /^otelcol_processor_filter_logs_filtered\w*\{.*filter\/second/.test(line));
      return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
    },
    pipeline: () => readPipeline(targets),
  };
}

test('P11 a second backend that hangs, is away or refuses costs the first nothing, and is given what it missed', {
  timeout: 240_000,
}, async () => {
  const startedAtMs = Date.now();
  const { vendor, sender, send, whole, pipeline } = await start();
  await send(10);
  for (const behaviour of ['hangs', 'is away', 'refuses for now'] as const) {
    vendor.becomes(behaviour);
    // Below 5000 in all: beyond it Loki answers in pages, and records of one instant may stand astride two.
    await send(12);
    expect(sender.acknowledged.resent, `while it ${behaviour}`).toBe(0);
    expect(await whole(startedAtMs), `the first, while the second ${behaviour}`).toEqual({ found: true });
  }
  vendor.becomes('takes');
  const given = await until(
    async () => missing(sender.acknowledged.logs, new Map([...vendor.logs].map((n) => [n, 1]))).length === 0,
    {
      timeoutMs: 120_000,
      everyMs: 500,
    },
  );
  expect(given).toEqual({ found: true });
  expect([...vendor.paths].sort()).toEqual(['/v1/logs', '/v1/metrics', '/v1/traces']);
  expect([...vendor.tokens]).toEqual(['Bearer of-the-vendor']);
  expect((await pipeline()).refused).toBe(0);
});

test('P11 a second backend that is slow, or asks to be left alone for a while, slows nothing of the first, and is given all', {
  timeout: 240_000,
}, async () => {
  const startedAtMs = Date.now();
  const { vendor, sender, send, whole, pipeline } = await start();
  for (const behaviour of ['takes, and says so after 30 s', 'says 429, and when to come again'] as const) {
    vendor.becomes(behaviour);
    await send(20);
    expect(await whole(startedAtMs), `the first, while the second ${behaviour}`).toEqual({ found: true });
    const wasAsked = async () => (vendor.asked.get(behaviour) ?? 0) > 0;
    expect(await until(wasAsked, { timeoutMs: 60_000, everyMs: 200 }), behaviour).toEqual({ found: true });
    const { exporters, refused } = await pipeline();
    const first = exporters['otlp_http/loki'];
    expect([sender.acknowledged.resent, refused, first?.queued, first?.failed], behaviour).toEqual([0, 0, 0, 0]);
    // It is the second's own queue that holds what it is owed.
    expect(exporters['otlp_http/copy-second']?.queued, behaviour).toBeGreaterThan(0);
  }
  const owed = () => missing(sender.acknowledged.logs, new Map([...vendor.logs].map((n) => [n, 1]))).length;
  expect(owed(), 'what was answered with 429 is not there').toBeGreaterThan(0);
  vendor.becomes('takes');
  expect(await until(async () => owed() === 0, { timeoutMs: 120_000, everyMs: 500 })).toEqual({ found: true });
  expect((await pipeline()).exporters['otlp_http/copy-second']?.failed).toBe(0);
});

test('P11 what a full queue of the second cannot take is counted as its loss alone', { timeout: 120_000 }, async () => {
  const startedAtMs = Date.now();
  const full = (text: string) =>
    text
      .replace(/( {2}otlp_http\/copy-second:\n(?: {4}.*\n)*? {6}queue_size: )\d+/, '$120000')
      .replace('min_size: 262144', 'min_size: 1000')
      .replace('max_size: 1048576', 'max_size: 10000');
  const { vendor, sender, send, whole, pipeline } = await start(full);
  vendor.becomes('hangs');
  await send(30);
  expect(await whole(startedAtMs)).toEqual({ found: true });
  const { exporters, refused } = await pipeline();
  expect(exporters['otlp_http/copy-second']?.failed).toBeGreaterThan(0);
  expect([sender.acknowledged.resent, refused, exporters['otlp_http/loki']?.failed]).toEqual([0, 0, 0]);
});

test('P11 what it refuses for good is counted and not sent again', { timeout: 120_000 }, async () => {
  const startedAtMs = Date.now();
  const { vendor, send, whole, pipeline } = await start();
  vendor.becomes('refuses for good');
  await send(5);
  const failed = async () => (await pipeline()).exporters['otlp_http/copy-second']?.failed ?? 0;
  expect(await until(async () => (await failed()) >= 5 * perRequest, { timeoutMs: 30_000, everyMs: 200 })).toEqual({
    found: true,
  });
  expect(await whole(startedAtMs)).toEqual({ found: true });
  expect(vendor.logs.size).toBe(0);
});

test('P11 a copy is not copied again: what is sent to itself comes back once', { timeout: 120_000 }, async () => {
  const { send, kept } = await start(undefined, true);
  await send(3);
  expect(await until(async () => (await kept()) === 3 * perRequest, { timeoutMs: 30_000, everyMs: 200 })).toEqual({
    found: true,
  });
  // All that came back was kept, so nothing is on its way any more.
  await send(1);
  expect(await until(async () => (await kept()) === 4 * perRequest, { timeoutMs: 30_000, everyMs: 200 })).toEqual({
    found: true,
  });
});

test('P11 only the signals that are named leave', { timeout: 120_000 }, async () => {
  vi.stubEnv('FLEETSCOPE_SECOND_OTLP_SIGNALS', 'traces,metrics');
  const { vendor, send, kept } = await start();
  await send(2);
  const traces = async () => vendor.paths.has('/v1/traces') && (await kept()) === 2 * perRequest;
  expect(await until(traces, { timeoutMs: 30_000, everyMs: 200 })).toEqual({ found: true });
  expect(vendor.paths.has('/v1/logs')).toBe(false);
});
