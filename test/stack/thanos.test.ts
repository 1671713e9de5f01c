import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { getJson, postJson, until } from '../../doctor/ask.ts';
import { compose } from '../../place.ts';
import { daily } from '../../prometheus/daily.ts';
import { proofFile } from '../../prometheus/kit/cases.ts';
import { ruleFile } from '../../prometheus/kit/rule-file.ts';
import { longRetentionDays } from '../../stack.ts';
import { yaml } from '../../twin.ts';
import { instant } from './prometheus-api.ts';
import { type Bend, type Cluster, startCluster } from './thanos-servers.ts';

const now = Date.now();
const dayMs = 86_400_000;

describe('two replicas and what makes them one', () => {
  let here: Cluster;
  let there: Cluster;
  const ask = (query: string) => instant(here.url('thanos-query-frontend'), query);

  beforeAll(async () => {
    here = await startCluster('here', 30);
    there = await startCluster('there', 31, here.s3);
    await Promise.all([here.startPrometheus(0), here.startPrometheus(1), there.startPrometheus(0)]);
    for (const url of [here.url('prometheus', 0), here.url('prometheus', 1)]) await push(url, 'here');
    await push(there.url('prometheus'), 'there');
    // As shipped, but each few seconds instead of each day, and of what is there now.
    const rules = yaml(ruleFile({ ...daily(), interval: '2s' }, compose));
    for (const replica of [0, 1]) writeFileSync(join(here.home, `thanos-rule-${replica}.yaml`), rules);
    const atOnce: Bend = (args) => args.map((arg) => arg.replace(/^--rule-query-offset=.*/, '--rule-query-offset=0s'));
    await Promise.all([
      here.start('thanos-sidecar', 0),
      here.start('thanos-sidecar', 1),
      there.start('thanos-sidecar', 0),
      here.start('thanos-rule', 0, atOnce),
      here.start('thanos-rule', 1, atOnce),
      there.start('thanos-query'),
    ]);
    await here.start('thanos-query', 0, undefined, [
      there.url('thanos-query').replace('http://', '').replace(/\d+$/, '10901'),
    ]);
    await here.start('thanos-query-frontend');
  }, 240_000);

  afterAll(async () => {
    await there?.stop();
    await here?.stop();
  });

  test('P06 what both have is seen once, with the name of its cluster; without deduplication, twice', async () => {
    const query = 'agent_tasks_started_total{agent_name="code",cluster="here"}';
    await told(async () => (await ask(query)).length > 0);
    expect(await ask(query)).toMatchObject([{ value: 7, metric: { cluster: 'here' } }]);
    const both = (await getJson(
      `${here.url('thanos-query')}/api/v1/query?${new URLSearchParams({ query, dedup: 'false' })}`,
    )) as { data: { result: { metric: { replica: string } }[] } };
    expect(both.data.result.map(({ metric }) => metric.replica).sort()).toEqual(['prometheus-0', 'prometheus-1']);
  });

  test('P06 another cluster is asked as well, and adds up', async () => {
    const query = 'sum by (cluster) (agent_tasks_started_total)';
    await told(async () => (await ask(query)).length === 2);
    const answers = (await ask(query)).map(({ metric, value }) => [metric.cluster, value]);
    expect(answers.sort()).toEqual([
      ['here', 7],
      ['there', 7],
    ]);
  });

  test('D19 exemplars come through it', async () => {
    const parameters = new URLSearchParams({
      query: 'agent_tasks_started_total{cluster="here"}',
      start: String(now / 1000 - 600),
      end: String(now / 1000 + 600),
    });
    const asked = `${here.url('thanos-query-frontend')}/api/v1/query_exemplars?${parameters}`;
    const text = async () => JSON.stringify(await getJson(asked));
    await told(async () => (await text()).includes('trace_id'));
    expect(await text()).toContain('0af7651916cd43dd8448eb211c80319c');
  });

  test('P04 the figures of each day are worked out, of this cluster alone, once', async () => {
    const query = 'agent_day:tasks_started:added1d';
    await told(async () => (await ask(query)).length > 0);
    expect(await ask(query)).toMatchObject([
      { value: 7, metric: { tier: 'daily', cluster: 'here', agent_name: 'code' } },
    ]);
    expect(await ask('agent_day:tasks_failed:added1d')).toEqual([]);
  });
});

describe('resolutions by age', () => {
  let cluster: Cluster;
  const ages = [3, 24, 200, 3 * 365];

  beforeAll(async () => {
    cluster = await startCluster('here', 32);
    for (const age of ages) {
      // A whole fortnight, as the compactor cuts them; of what is younger, two days.
      const start = age < 14 ? now - (age + 1) * dayMs : Math.floor((now - age * dayMs) / (14 * dayMs)) * 14 * dayMs;
      const points = range(start, start + (age < 14 ? 2 : 14) * dayMs, 60_000);
      await upload(cluster, `age-${age}`, 'probe_total', points, { replica: 'prometheus-0' });
      if (age < 14) await upload(cluster, `age-${age}-again`, 'probe_total', points, { replica: 'prometheus-1' });
    }
    for (const [name, years] of Object.entries({ kept: 3, gone: 6 }))
      await upload(cluster, name, 'agent_day:cost_usd:added1d', [now - years * 365 * dayMs], {
        tier: 'daily',
        replica: 'thanos-rule-0',
      });
    // As shipped, but once, of what was made just now, and at once.
    const once: Bend = (args) => [
      ...args.filter((arg) => arg !== '--wait'),
      '--consistency-delay=0s',
      '--delete-delay=0s',
    ];
    // A first time makes and marks, a second removes what is marked.
    for (const part of ['thanos-compact', 'thanos-compact', 'thanos-compact-daily', 'thanos-compact-daily'] as const)
      await cluster.run(part, once);
    await Promise.all([
      cluster.start('thanos-store'),
      cluster.start('thanos-query'),
      cluster.start('thanos-query-frontend'),
    ]);
  }, 300_000);

  afterAll(async () => cluster?.stop());

  test('P04 each resolution is there for its days, and no longer', () => {
    const [, five, hour] = [0, 300_000, 3_600_000];
    expect(resolutions(cluster, 3)).toContain(0);
    expect(resolutions(cluster, 24)).toEqual([five, hour]);
    expect(resolutions(cluster, 200)).toEqual([hour]);
    expect(resolutions(cluster, 3 * 365)).toEqual([]);
  });

  test('P04 what two replicas have sent is in the bucket once', () => {
    const labels = metas(cluster).map(({ thanos }) => thanos.labels);
    expect(labels.filter(({ tier }) => !tier).length).toBeGreaterThan(0);
    expect(new Set(labels.filter(({ tier }) => !tier).map((each) => JSON.stringify(each)))).toEqual(
      new Set([JSON.stringify({ cluster: 'here' })]),
    );
  });

  test('P04 any age is answered at any step, as finely as it is kept', async () => {
    for (const [age, atLeast] of [
      [3, 55],
      [24, 10],
      [200, 1],
    ] as const)
      expect(await points(cluster, 'probe_total', age), `${age} days`).toBeGreaterThanOrEqual(atLeast);
    expect(await points(cluster, 'probe_total', 3 * 365)).toBe(0);
  });

  test('P04 the figure of a day is there after three years, not after six', async () => {
    const asked = (years: number) =>
      instant(
        cluster.url('thanos-query-frontend'),
        `last_over_time(agent_day:cost_usd:added1d[1d] @ ${(now - years * 365 * dayMs) / 1000 + 60})`,
      );
    expect(await asked(3)).toMatchObject([{ value: 0, metric: { tier: 'daily' } }]);
    expect(await asked(6)).toEqual([]);
  });

  test('P04 the compactors run with the retention of stack.ts', async () => {
    await cluster.start('thanos-compact');
    await cluster.start('thanos-compact-daily');
    const { raw, fiveMinutes, hour, day } = longRetentionDays.metrics;
    expect(await retention(cluster.url('thanos-compact'))).toEqual([raw, fiveMinutes, hour]);
    expect(await retention(cluster.url('thanos-compact-daily'))).toEqual([day, 0, 0]);
  });
});

test('P04 the rules of the daily figures do what they say', async () => {
  const { promtool, home, stop } = await startCluster('here', 33);
  try {
    mkdirSync(join(home, 'rules'));
    mkdirSync(join(home, 'proofs'));
    // As shipped, but often: a case looks at any of a day.
    writeFileSync(join(home, 'rules/daily.yml'), yaml(ruleFile({ ...daily(), interval: '5m' }, compose)));
    const proofs = proofFile(daily(), [], compose);
    expect(proofs.tests.length).toBeGreaterThan(10);
    writeFileSync(join(home, 'proofs/daily.yml'), yaml(proofs));
    await execa(promtool, ['check', 'rules', '--lint=all', '--lint-fatal', join(home, 'rules/daily.yml')]);
    const { exitCode, all } = await execa(promtool, ['test', 'rules', join(home, 'proofs/daily.yml')], {
      reject: false,
      all: true,
    });
    expect(exitCode, all).toBe(0);
  } finally {
    await stop();
  }
});

/** Seven tasks begun, the last in a trace. */
async function push(url: string, service: string): Promise<void> {
  const timeUnixNano = `${now}000000`;
  const exemplars = [
    { timeUnixNano, asDouble: 1, traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' },
  ];
  const attributes = [{ key: 'agent.name', value: { stringValue: 'code' } }];
  const dataPoints = [{ startTimeUnixNano: timeUnixNano, timeUnixNano, asDouble: 7, attributes, exemplars }];
  const sum = { aggregationTemporality: 2, isMonotonic: true, dataPoints };
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: service } }] };
  await postJson(`${url}/api/v1/otlp/v1/metrics`, {
    resourceMetrics: [{ resource, scopeMetrics: [{ metrics: [{ name: 'agent.tasks.started', sum }] }] }],
  });
}

async function told(found: () => Promise<boolean>): Promise<void> {
  expect((await until(found, { timeoutMs: 60_000, everyMs: 200 })).found).toBe(true);
}

function range(start: number, end: number, step: number): number[] {
  return Array.from({ length: Math.floor((end - start) / step) }, (_, i) => start + i * step);
}

/** Blocks of a counter that grows by one a point, as a sidecar would send them. */
async function upload(cluster: Cluster, name: string, metric: string, at: number[], labels: Record<string, string>) {
  const [file, blocks] = [join(cluster.home, `${name}.txt`), join(cluster.home, name)];
  const lines = at.map((time, i) => `${metric} ${i} ${(time / 1000).toFixed(3)}`);
  const type = metric.replace(/_total$/, '');
  writeFileSync(file, `# TYPE ${type} ${metric === type ? 'gauge' : 'counter'}\n${lines.join('\n')}\n# EOF\n`);
  await execa(cluster.promtool, [
    'tsdb',
    'create-blocks-from',
    '--max-block-duration=54h',
    'openmetrics',
    file,
    blocks,
  ]);
  const given = Object.entries({ cluster: 'here', ...labels }).map(([key, value]) => `--label=${key}="${value}"`);
  await cluster.tools('upload-blocks', `--path=${blocks}`, ...given);
}

interface Meta {
  minTime: number;
  maxTime: number;
  thanos: { labels: Record<string, string>; downsample: { resolution: number } };
}

/** What the bucket says of its blocks. */
function metas({ s3 }: Cluster): Meta[] {
  const folder = s3.bucket('metrics');
  return globSync('*/meta.json', { cwd: folder }).map((path) => JSON.parse(readFileSync(join(folder, path), 'utf8')));
}

/** In milliseconds, of blocks that hold what is so many days old. */
function resolutions(cluster: Cluster, days: number): number[] {
  const at = now - days * dayMs;
  const holding = metas(cluster).filter(
    ({ minTime, maxTime, thanos }) => !thanos.labels.tier && minTime <= at && at < maxTime,
  );
  return [...new Set(holding.map(({ thanos }) => thanos.downsample.resolution))].sort((a, b) => a - b);
}

/** How many points an hour of so many days ago has, at a step of one minute. */
async function points(cluster: Cluster, query: string, days: number): Promise<number> {
  const end = (now - days * dayMs) / 1000;
  const parameters = new URLSearchParams({
    ...{ query, start: String(end - 3600), end: String(end), step: '60' },
    // As Grafana asks (grafana/datasources.ts).
    max_source_resolution: 'auto',
  });
  const { data } = (await getJson(`${cluster.url('thanos-query-frontend')}/api/v1/query_range?${parameters}`)) as {
    data: { result: { values: unknown[] }[] };
  };
  return data.result.reduce((sum, { values }) => sum + values.length, 0);
}

/** In days, of raw samples, five minutes, an hour: as the server says it runs. */
async function retention(url: string): Promise<number[]> {
  const { data } = (await getJson(`${url}/api/v1/status/flags`)) as { data: Record<string, string> };
  return ['raw', '5m', '1h'].map((name) => inDays(data[`retention.resolution-${name}`] as string));
}

function inDays(duration: string): number {
  const units = { y: 365, w: 7, d: 1, s: 0 } as const;
  return [...duration.matchAll(/(\d+)([a-z])/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * units[unit as keyof typeof units],
    0,
  );
}
