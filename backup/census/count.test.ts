import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { native } from '../../place.ts';
import { count } from './count.ts';
import { countLogs } from './logs.ts';
import { countMetrics } from './metrics.ts';
import { countTraces } from './traces.ts';

let server: Server;
afterEach(() => new Promise((resolve) => server.close(resolve)));

/** A server that answers by path and query. */
async function answering(answer: (asked: URL) => unknown): Promise<string> {
  server = createServer((request, response) => {
    const said = answer(new URL(request.url ?? '', 'http://localhost'));
    response.writeHead(said === undefined ? 400 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(said ?? 'limit > max_entries_limit_per_query'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const to = Date.UTC(2026, 10, 26, 12);
const window = { from: to - 3_600_000, to };
const nanos = (ms: number) => String(BigInt(ms) * 1_000_000n);

/** Loki with these lines of one stream, by their times. */
const loki = (times: readonly string[], mostLines: number) =>
  answering(({ pathname, searchParams }) => {
    if (pathname.endsWith('/series')) return { data: [{ service_name: 'a' }] };
    const limit = Number(searchParams.get('limit'));
    if (limit > mostLines) return undefined;
    const values = times.flatMap((time, i) =>
      BigInt(time) >= BigInt(searchParams.get('start') ?? 0) ? [[time, `line ${i}`]] : [],
    );
    return { data: { result: [{ stream: { service_name: 'a' }, values: values.slice(0, limit) }] } };
  });

test('P05 lines of one moment that fill a page are all counted where Loki allows it, and an error where not', async () => {
  const moment = nanos(window.from + 1000);
  const times = [nanos(window.from), ...Array.from({ length: 7_000 }, () => moment), nanos(to - 1)];
  const { entries } = await countLogs(await loki(times, 1_000_000), [window]);
  expect(Object.values(entries).map(({ items }) => items)).toEqual([7_002]);
  await new Promise((resolve) => server.close(resolve));
  await expect(countLogs(await loki(times, 5_000), [window])).rejects.toThrow(/answers 400: .*max_entries_limit/);
});

test('P05 a sum of series depends on each sample, not on the order of the series', async () => {
  let series: { metric: object; values: [number, string][] }[] = [];
  const prometheus = await answering(({ pathname }) =>
    pathname.endsWith('/values') ? { data: ['up'] } : { data: { result: series } },
  );
  const sumOf = async (...all: [string, string][]) => {
    series = all.map(([job, value]) => ({ metric: { job }, values: [[1, value]] }));
    return (await countMetrics(prometheus, [window])).entries['0 up'];
  };
  const first = await sumOf(['a', '1'], ['b', '2']);
  expect(first).toMatchObject({ groups: 2, items: 2 });
  expect(await sumOf(['b', '2'], ['a', '1'])).toEqual(first);
  expect(await sumOf(['b', '1'], ['a', '2'])).not.toEqual(first);
});

test('P05 a span without an end is counted', async () => {
  const tempo = await answering(({ pathname }) =>
    pathname.endsWith('/search')
      ? { traces: [{ traceID: '1' }] }
      : { batches: [{ resource: {}, scopeSpans: [{ scope: {}, spans: [{ spanId: 'a' }] }] }] },
  );
  const { entries } = await countTraces(tempo, [window]);
  expect(Object.values(entries).map(({ items }) => items)).toEqual([1]);
});

test('P05 who interrupts a backup does not wait until thousands of traces are counted', async () => {
  const interrupt = new AbortController();
  let asked = 0;
  const tempo = await answering(({ pathname }) => {
    if (pathname.endsWith('/search'))
      return { traces: Array.from({ length: 100 }, (_, id) => ({ traceID: String(id) })) };
    if (++asked === 8) interrupt.abort(new Error('Interrupted by SIGINT.'));
    return { batches: [] };
  });
  await expect(countTraces(tempo, [window], interrupt.signal)).rejects.toThrow('Interrupted by SIGINT.');
  expect(asked).toBeLessThanOrEqual(8 + 4);
  asked = -1e6;
  await expect(countTraces(tempo, [window], new AbortController().signal)).resolves.toMatchObject({ kind: 'traces' });
  expect(asked + 1e6).toBeGreaterThanOrEqual(100);
});

test.each([
  ['Loki', countLogs, 'query_range', { data: [{ service_name: 'a' }] }],
  ['Prometheus', countMetrics, '/query', { data: ['up'] }],
  ['Tempo', countTraces, '/traces/', { traces: [{ traceID: '1' }] }],
] as const)('P05 who interrupts a backup waits for no answer of %s', async (_, counting, asked, first) => {
  const interrupt = new AbortController();
  server = createServer((request, response) => {
    // Of what is there it tells at once, of one of them never.
    if (request.url?.includes(asked)) interrupt.abort(new Error('Interrupted by SIGINT.'));
    else response.end(JSON.stringify(first));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await expect(counting(at, [window], interrupt.signal)).rejects.toThrow('Interrupted by SIGINT.');
});

test('P05 who interrupts a backup waits for no server that does not answer', async () => {
  const interrupt = new AbortController();
  server = createServer(() => interrupt.abort(new Error('Interrupted by SIGINT.')));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const place = native({ home: '/h', profile: 'laptop', portOf: () => port });
  const source = { part: 'loki', folder: '/h', elsewhere: {} } as const;
  await expect(count(place, source, to, '/h', { signal: interrupt.signal })).rejects.toThrow('Interrupted by SIGINT.');
});

test('P05 a server that does not answer is waited for, and people are told; one that refuses is not there at once', async () => {
  const notices: string[] = [];
  const asked = (patienceMs: number) => {
    const { port } = server.address() as AddressInfo;
    const place = native({ home: '/h', profile: 'laptop', portOf: () => port });
    const source = { part: 'loki', folder: '/h', elsewhere: {} } as const;
    return count(place, source, to, '/h', { patienceMs, notice: (line) => notices.push(line) });
  };
  await answering(() => undefined);
  expect(await asked(60_000)).toBeUndefined();
  expect(notices).toEqual([]);
  await new Promise((resolve) => server.close(resolve));
  server = createServer(() => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  expect(await asked(200)).toBeUndefined();
  expect(notices).toEqual(['loki: does not answer yet; it is waited for, 0.2 s at most.']);
});
