/** The real Tempo as `team` configures it, with its blocks in a real store of objects. Certificates, and what sends, are left out. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, expect, test } from 'vitest';
import { getJson, getText, until } from '../../doctor/ask.ts';
import { team } from '../../k8s/size.ts';
import { minor } from '../../native/binaries.ts';
import { kubernetes, type Place, readyUrl } from '../../place.ts';
import { parts, type TraceClass } from '../../stack.ts';
import { classes, classesFile, tenantHeader, traceClasses } from '../../tempo/classes.ts';
import type { TempoLine } from '../../tempo/line.ts';
import { tempo } from '../../tempo/tempo.ts';
import { yaml } from '../../twin.ts';
import { startS3 } from '../s3.ts';
import { spansIn, spansPerTrace, type Trace, traces } from './classed.ts';
import { freePort } from './free-port.ts';
import { programs } from './stack.ts';

let stop = async () => {};
afterEach(() => stop());

type Bend = (text: string) => string;
const patience = { timeoutMs: 120_000, everyMs: 250 };

async function prepare() {
  const { tempo: found } = await programs();
  const s3 = await startS3();
  const home = mkdtempSync(join(tmpdir(), 'fleetscope-tempo-'));
  const data = join(home, 'data');
  const log = join(home, 'log');
  const ports: Record<string, number> = {};
  for (const port of [...Object.keys(parts.tempo.ports), 'otlpHttp']) ports[port] = await freePort();
  const { tls: _, ...inside } = kubernetes(team);
  const place: Place = {
    ...inside,
    bind: '127.0.0.1',
    host: () => '127.0.0.1',
    replicas: () => ['127.0.0.1'],
    // Nobody is there for what it writes to Prometheus.
    port: (part, port) => (part === 'tempo' ? (ports[port] as number) : 1),
    data: () => data,
  };
  const at = `http://127.0.0.1:${ports.http}`;
  const line = minor(found?.version as string) as TempoLine;
  let running: { kill(signal: NodeJS.Signals): boolean; ended: Promise<unknown> } | undefined;
  const kill = async () => {
    running?.kill('SIGKILL');
    await running?.ended;
  };
  stop = async () => {
    await kill();
    await s3.stop();
    rmSync(home, { recursive: true, force: true });
  };
  return {
    at,
    s3,
    kill,
    /** With an empty disk, as a pod has whose volume is gone. */
    async start(bend: Bend) {
      rmSync(data, { recursive: true, force: true });
      mkdirSync(data);
      const [file, limits] = [join(home, 'tempo.yaml'), join(home, 'classes.yaml')];
      const config = tempo(place, line);
      const { grpc } = config.distributor.receivers.otlp.protocols;
      // One more door, by which a test gets in without a Collector.
      const protocols = { grpc, http: { endpoint: `127.0.0.1:${ports.otlpHttp}` } };
      const text = yaml({ ...config, distributor: { receivers: { otlp: { protocols } } } });
      writeFileSync(file, bend(text.replaceAll(classesFile, limits)));
      writeFileSync(limits, bend(yaml(classes(line))));
      const output = { file: log, append: true };
      const args = [`-config.file=${file}`, '-config.expand-env=true'];
      const child = execa(found?.program as string, args, {
        env: s3.env,
        reject: false,
        buffer: false,
        stdout: output,
        stderr: output,
      });
      running = { kill: (signal) => child.kill(signal), ended: child };
      const ready = await until(async () => (await fetch(readyUrl(place, 'tempo'))).ok, patience);
      if (!ready.found) throw new Error(`Cannot start Tempo: ${readFileSync(log, 'utf8').slice(-2_000)}`);
    },
    async send(traceClass: TraceClass, all: readonly Trace[]) {
      const answer = await fetch(`http://127.0.0.1:${ports.otlpHttp}/v1/traces`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', [tenantHeader]: traceClass },
        body: JSON.stringify(request(all)),
      });
      expect(answer.status, await answer.text()).toBe(200);
    },
    async spans(traceClass: TraceClass, { id }: Trace): Promise<number> {
      const headers = { [tenantHeader]: traceClass, accept: 'application/json' };
      const answer = await fetch(`${at}/api/traces/${id}`, { headers });
      if (answer.status === 404) return 0;
      expect(answer.status).toBe(200);
      return spansIn(await answer.json());
    },
    /** How many traces the blocks of a class hold that are in the bucket. */
    inBucket(traceClass: TraceClass): number {
      const folder = join(s3.bucket('traces'), traceClass);
      const metas = existsSync(folder) ? readdirSync(folder).map((block) => join(folder, block, 'meta.json')) : [];
      return metas
        .filter(existsSync)
        .map((meta) => JSON.parse(readFileSync(meta, 'utf8')) as { totalObjects?: number })
        .reduce((sum, { totalObjects = 0 }) => sum + totalObjects, 0);
    },
  };
}

function request(all: readonly Trace[]) {
  const now = BigInt(Date.now()) * 1_000_000n;
  const time = { startTimeUnixNano: String(now), endTimeUnixNano: String(now + 1_000_000n) };
  const spanId = (id: string, i: number) => createHash('sha256').update(`${id} ${i}`).digest('hex').slice(0, 16);
  const spans = all.flatMap(({ id }) =>
    Array.from({ length: spansPerTrace }, (_, i) => ({ traceId: id, spanId: spanId(id, i), name: 'step', ...time })),
  );
  const attributes = [{ key: 'service.name', value: { stringValue: 'bucket' } }];
  return { resourceSpans: [{ resource: { attributes }, scopeSpans: [{ spans }] }] };
}

/** A block is whole after two seconds, and looked for every second; a search for what is new asks the bucket, too. */
const quick: Bend = (text) =>
  text
    .replace('max_block_duration: 5m', 'max_block_duration: 2s\n  complete_block_timeout: 1s')
    .replace(/^ {4}max_duration: .*\n/m, '$&    query_backend_after: 0s\n')
    .replace(/^storage:\n {2}trace:\n/m, '$&    blocklist_poll: 1s\n');

/** The same, and what is of the class `detailed` is too old at once. */
const forgetful: Bend = (text) =>
  quick(text)
    .replace('block_retention: 168h', 'block_retention: 1s')
    .replace(
      /^usage_report:/m,
      'compactor:\n  compaction:\n    compaction_cycle: 1s\n    compacted_block_retention: 1s\n$&',
    );

test('P04 each class has its blocks in the bucket, is found there when all that was local is lost, and leaves it after its own days', {
  timeout: 480_000,
}, async () => {
  const { at, s3, start, kill, send, spans, inBucket } = await prepare();
  const all = traces('bucket', 12, (i) => i % 4 === 0);
  const failed = all.filter(({ failed }) => failed);
  const counts = async (traceClass: TraceClass, of: readonly Trace[]) => {
    const found = new Set<number>();
    // One after the other: where there are no caches, each asks every block of the bucket.
    for (const trace of of) found.add(await spans(traceClass, trace));
    return [...found].sort();
  };

  await start(quick);
  await send('detailed', all);
  await send('error', failed);
  const arrived = async () => inBucket('detailed') === all.length && inBucket('error') === failed.length;
  expect(await until(arrived, patience), `blocks in ${s3.bucket('traces')}`).toEqual({ found: true });
  expect(inBucket('sampled')).toBe(0);

  // What Tempo goes by, as it says itself; who may read that page learns no key.
  const config = await getText(`${at}/status/config`);
  expect(config).toMatch(/backend: s3\n/);
  expect(config).toContain(`endpoint: ${s3.endpoint}`);
  expect(config).not.toContain(s3.secretAccessKey);
  const retention = (traceClass: TraceClass) => getText(`${at}/status/overrides/${traceClass}`);
  expect(await retention('detailed')).toMatch(/block_retention: (1w|7d|168h)/);
  expect(await retention('sampled')).toMatch(/block_retention: (30d|720h)/);
  expect(await retention('error')).toMatch(/block_retention: (90d|2160h)/);

  await kill();
  await start(quick);
  const found = async () => (await counts('detailed', all)).join() === String(spansPerTrace);
  expect(await until(found, patience), 'with an empty disk').toEqual({ found: true });
  expect(await counts('error', failed)).toEqual([spansPerTrace]);
  expect(await counts('sampled', all)).toEqual([0]);
  // By search as well: of the bucket's blocks, it reads what stands in them.
  const now = Math.floor(Date.now() / 1000);
  const search = `${at}/api/search?q=${encodeURIComponent('{resource.service.name="bucket"}')}&limit=100&start=${now - 3600}&end=${now + 1}`;
  const of = async (classes: readonly TraceClass[]) =>
    ((await getJson(search, 20_000, { [tenantHeader]: classes.join('|') })) as { traces: unknown[] }).traces.length;
  expect([await of(traceClasses), await of(['error'])]).toEqual([all.length, failed.length]);

  await kill();
  await start(forgetful);
  expect(await until(async () => inBucket('detailed') === 0, patience), 'gone from the bucket').toEqual({
    found: true,
  });
  const gone = async () => (await counts('detailed', all)).join() === '0';
  expect(await until(gone, patience), 'gone').toEqual({ found: true });
  expect([inBucket('error'), await counts('error', failed)]).toEqual([failed.length, [spansPerTrace]]);
});
