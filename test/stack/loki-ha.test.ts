import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { load } from 'js-yaml';
import { afterEach, expect, test } from 'vitest';
import { getJson, getText, postJson, until } from '../../doctor/ask.ts';
import type { Targets } from '../../doctor/targets.ts';
import { scale, team } from '../../k8s/size.ts';
import { type RetentionClass, retentionDays } from '../../stack.ts';
import { type LokiConfig, type LokiServer, type LokiServers, startLokis } from './loki-servers.ts';
import { type Found, missing, numbersInLoki } from './numbered.ts';

const total = 20_000;
const perRequest = 200;
const dayMs = 86_400_000;

let lokis: LokiServers | undefined;
afterEach(async () => {
  await lokis?.stop();
  lokis = undefined;
});

test('P03 no acknowledged line is lost when one of three Lokis is killed and another restarts', async () => {
  lokis = await startLokis(team, ['loki', 'loki', 'loki']);
  const [first, second, third] = lokis.servers as [LokiServer, LokiServer, LokiServer];
  const startedAtMs = Date.now();
  const acknowledged = new Set<number>();
  let refused = 0;
  const away = new Set<LokiServer>();
  const send = async (from: number, to: number) => {
    for (let number = from; number < to; number += perRequest) {
      for (let attempt = 0; ; attempt++) {
        // As a name service answers: any of those that are ready.
        const open = [first, second, third].filter((server) => !away.has(server));
        const numbers = await post(open[(number / perRequest + attempt) % open.length] as LokiServer, number);
        if (numbers) {
          for (const one of numbers) acknowledged.add(one);
          break;
        }
        refused++;
        await delay(100);
      }
    }
  };

  await send(0, total * 0.3);
  // Nobody knows of it: its address is among the others for a while.
  await third.stop('SIGKILL');
  await send(total * 0.3, total * 0.35);
  away.add(third);
  await send(total * 0.35, total * 0.6);
  await third.start();
  away.delete(third);

  away.add(second);
  const restart = second.stop('SIGTERM').then(() => second.start());
  await send(total * 0.6, total * 0.8);
  await restart;
  away.delete(second);
  await send(total * 0.8, total);
  expect(refused, 'requests that met the killed one').toBeGreaterThan(0);
  expect(acknowledged.size).toBe(total);

  // Whoever is asked: the killed one and the restarted one as well.
  for (const server of lokis.servers) {
    const found: Found = await numbersInLoki({ loki: server.url } as Targets, startedAtMs - 1000);
    expect(missing(acknowledged, found), `lines that ${server.url} does not find`).toEqual([]);
    expect(found.size).toBe(total);
  }

  // One of them compacts, whoever it is: they agree within seconds.
  const { servers } = lokis;
  const agreed = await until(
    async () => (await Promise.all(servers.map(({ url }) => compacts(url)))).filter(Boolean).length === 1,
    { timeoutMs: 30_000, everyMs: 1000 },
  );
  expect(agreed.found).toBe(true);
});

test('P04 each of several Lokis has the five classes of stack.ts in effect', async () => {
  lokis = await startLokis(team, ['loki', 'loki', 'loki']);
  const wanted = Object.entries(retentionDays.logs).map(([name, days]) => [`{retention_class="${name}"}`, days]);
  expect(wanted.length).toBe(5);
  for (const { url } of lokis.servers) {
    const { limits_config, compactor, storage_config } = load(await getText(`${url}/config`)) as Effective;
    const streams = limits_config.retention_stream.map(({ selector, period }) => [selector, daysOf(period)]);
    expect(streams).toEqual(wanted);
    expect(daysOf(limits_config.retention_period)).toBe(retentionDays.logs.standard);
    expect(compactor).toMatchObject({ retention_enabled: true, delete_request_store: 's3' });
    expect(storage_config.use_thanos_objstore).toBe(true);
  }
});

test('P04 lines older than their class vanish from the bucket, others stay', async () => {
  // As if they had run for ten years; and no compactor before all lines are there.
  const aged = (interval: string) => (config: LokiConfig) => ({
    ...config,
    schema_config: { configs: config.schema_config.configs.map((period) => ({ ...period, from: '2015-01-01' })) },
    limits_config: { ...config.limits_config, reject_old_samples: false },
    compactor: { ...config.compactor, compaction_interval: interval, retention_delete_delay: '1s' },
  });
  lokis = await startLokis(team, ['loki', 'loki', 'loki'], aged('1h'));
  const { servers } = lokis;
  const [one] = servers as [LokiServer];
  // Two days on either side of where each class ends.
  const lines = (Object.entries(retentionDays.logs) as [RetentionClass, number][]).flatMap(([retention, days]) =>
    [days + 2, days - 2].map((ageDays) => ({ retention, ageDays, atMs: Date.now() - ageDays * dayMs })),
  );
  for (const line of lines) await push(one, line);
  const found = async () => {
    const all = await Promise.all(lines.map(async (line) => ((await isThere(one, line)) ? [text(line)] : [])));
    return all.flat();
  };
  const restart = (interval: string) => restartEmpty(servers, aged(interval));

  await restart('1h');
  expect(await found()).toEqual(lines.map(text));
  await restart('2s');
  const kept = lines.filter(({ retention, ageDays }) => ageDays < retentionDays.logs[retention]).map(text);
  // Each line is of a day of its own, whose index goes with its last line.
  const bucket = lokis.s3.bucket('logs');
  const marked = await until(async () => indexedDays(bucket) === kept.length, { timeoutMs: 60_000, everyMs: 200 });
  expect(marked.found, `${indexedDays(bucket)} days in the index, not ${kept.length}`).toBe(true);

  // Whoever compacts now finds the marks, and deletes what they name.
  await restart('2s');
  expect(await found()).toEqual(kept);
  const swept = await until(async () => chunksIn(bucket) === kept.length, { timeoutMs: 60_000, everyMs: 200 });
  expect(swept.found, `${chunksIn(bucket)} chunks, not ${kept.length}`).toBe(true);
});

test('P03 the parts of scale take, keep and find lines', async () => {
  lokis = await startLokis(scale, ['loki', 'loki', 'loki', 'loki-read', 'loki-backend']);
  const [writer] = lokis.servers as [LokiServer];
  const reader = lokis.servers[3] as LokiServer;
  const startedAtMs = Date.now();
  const numbers = () => numbersInLoki({ loki: reader.url } as Targets, startedAtMs - 1000);
  for (let number = 0; number < 1000; number += perRequest) expect(await post(writer, number)).toBeDefined();
  expect((await numbers()).size).toBe(1000);
  // From the bucket, by way of the index gateway.
  await restartEmpty(lokis.servers);
  expect((await numbers()).size).toBe(1000);
  // A part does its own work alone.
  expect((await fetch(`${reader.url}/otlp/v1/logs`, { method: 'POST' })).status).toBe(404);
  expect((await fetch(`${writer.url}/loki/api/v1/query?query=1`)).status).toBe(404);
});

const text = ({ retention, ageDays }: Aged) => `${retention} ${ageDays}`;

/** All in order, and again without their volumes: what they know then is in the bucket. */
async function restartEmpty(servers: readonly LokiServer[], change?: (config: LokiConfig) => object): Promise<void> {
  await Promise.all(servers.map((server) => server.stop('SIGTERM')));
  for (const server of servers) server.forget();
  await Promise.all(servers.map((server) => server.start(change)));
}

function indexedDays(bucket: string): number {
  return readdirSync(join(bucket, 'index')).filter((name) => name.startsWith('index_')).length;
}

/** Those of the one tenant. */
function chunksIn(bucket: string): number {
  const all = readdirSync(join(bucket, 'fake'), { recursive: true, withFileTypes: true });
  return all.filter((one) => one.isFile()).length;
}

/** The numbers, once they are acknowledged. */
async function post(server: LokiServer, first: number): Promise<number[] | undefined> {
  const numbers = Array.from({ length: perRequest }, (_, i) => first + i);
  const nowNano = BigInt(Date.now()) * 1_000_000n;
  const attributes = [{ key: 'service.name', value: { stringValue: 'numbered' } }];
  const logRecords = numbers.map((number, i) => ({
    timeUnixNano: String(nowNano + BigInt(i)),
    severityNumber: 9,
    body: { stringValue: `number ${number}` },
    attributes: [{ key: 'retention.class', value: { stringValue: 'standard' } }],
  }));
  try {
    await postJson(`${server.url}/otlp/v1/logs`, {
      resourceLogs: [{ resource: { attributes }, scopeLogs: [{ logRecords }] }],
    });
    return numbers;
  } catch {
    return undefined;
  }
}

interface Aged {
  retention: RetentionClass;
  ageDays: number;
  atMs: number;
}

async function push({ url }: LokiServer, line: Aged): Promise<void> {
  // A stream each: lines that share a chunk go with the youngest of them.
  const stream = { service_name: `aged-${line.ageDays}`, retention_class: line.retention };
  await postJson(`${url}/loki/api/v1/push`, { streams: [{ stream, values: [[`${line.atMs}000000`, text(line)]] }] });
}

async function isThere({ url }: LokiServer, line: Aged): Promise<boolean> {
  const query = new URLSearchParams({
    query: `{retention_class="${line.retention}"}`,
    start: `${line.atMs - 60_000}000000`,
    end: `${line.atMs + 60_000}000000`,
  });
  const { data } = (await getJson(`${url}/loki/api/v1/query_range?${query}`, 20_000)) as {
    data: { result: { values: [string, string][] }[] };
  };
  return data.result.some(({ values }) => values.some(([, found]) => found === text(line)));
}

async function compacts(url: string): Promise<boolean> {
  return /^loki_boltdb_shipper_compactor_running 1$/m.test(await getText(`${url}/metrics`));
}

/** What Loki says it does, defaults and all. */
interface Effective {
  limits_config: { retention_period: string; retention_stream: { selector: string; period: string }[] };
  compactor: object;
  storage_config: { use_thanos_objstore: boolean };
}

/** As Loki writes it: `1w`, `30d`, `7y`. */
function daysOf(period: string): number {
  const days = { d: 1, w: 7, y: 365 } as Record<string, number>;
  return [...period.matchAll(/(\d+)([dwy])/g)].reduce(
    (sum, [, n, unit]) => sum + Number(n) * (days[unit as string] as number),
    0,
  );
}
