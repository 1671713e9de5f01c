import { globSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { messagesTaken } from '../../doctor/alert.ts';
import { getJson, getText, postJson, until } from '../../doctor/ask.ts';
import { namespace } from '../../k8s/manifest.ts';
import { hasSiblings, team } from '../../k8s/size.ts';
import { repository } from '../../scripts/twins.ts';
import { type Part, parts, sampledPercent, type TraceClass } from '../../stack.ts';
import { tenantHeader } from '../../tempo/classes.ts';
import { sendTraces, spansIn, spansPerTrace, type Trace, traces } from '../stack/classed.ts';
import { NumberedSender, numbersInLoki } from '../stack/numbered.ts';
import { instant } from '../stack/prometheus-api.ts';
import { countedIn, sentWhile } from './counted.ts';
import { openDoor } from './door.ts';
import { type Answered, asGrafana, asMemory } from './front-end.ts';
import { tagImage } from './image-archive.ts';
import { putOldBlock } from './old-block.ts';
import { type Reader, startReader } from './reader.ts';
import { allReady, createSecretsOf, nextOf, podsOf, type Shrunk, startShrunk, thatRun } from './shrunk.ts';

let shrunk: Shrunk;
let reader: Reader;

beforeAll(async () => {
  shrunk = await startShrunk(team);
  reader = await startReader(shrunk.cluster, team);
  await shrunk.cluster.kubectl(['create', '--filename', join(repository, 'k8s', 'base', 'namespace.yaml')]);
  await createSecretsOf(team, shrunk);
});

afterAll(async () => {
  await reader?.stop();
  await shrunk?.stop();
});

const patience = { timeoutMs: 240_000, everyMs: 2_000 };
const kubectl = (...args: string[]) => shrunk.cluster.kubectl(['--namespace', namespace, ...args]);
const each = async (part: Part) => (await podsOf(shrunk.cluster, part)).map(({ name }) => name);

async function told(what: string, found: () => Promise<boolean>): Promise<void> {
  const answer = await until(found, patience);
  if (!answer.found && answer.lastError) throw answer.lastError;
  expect(answer.found, what).toBe(true);
}

test('P03 kubectl apply -k: every pod is ready; a second apply changes nothing', async () => {
  await shrunk.cluster.kubectl(['apply', '--kustomize', shrunk.folder]);
  await allReady(team, shrunk.cluster);
  for (const part of thatRun(team)) expect(await each(part), part).toHaveLength(team.replicas[part] as number);
  const before = await generations();
  const said = await shrunk.cluster.kubectl(['apply', '--kustomize', shrunk.folder]);
  const changed = said.split('\n').filter((line) => !line.endsWith(' unchanged'));
  // Of a budget kubectl sends the selector each time, by which nothing becomes different.
  expect(changed.filter((line) => !line.startsWith('poddisruptionbudget.policy/'))).toEqual([]);
  expect(await generations()).toEqual(before);
});

/** Of everything that was applied: each change of what is wanted counts it up. */
async function generations(): Promise<string[]> {
  const kinds = 'statefulset,deployment,service,networkpolicy,poddisruptionbudget';
  const output = '--output=jsonpath={range .items[*]}{.kind}/{.metadata.name} {.metadata.generation}{"\\n"}{end}';
  return (await kubectl('get', kinds, output)).split('\n').sort();
}

test('P04 spans of a trace that come to two Collectors are with one sampler, and whole in their classes', async () => {
  const [first, second] = (await each('collector')).map((pod) => reader.url('collector', 'http', pod));
  // The addresses of the pods decide which sampler has a trace: of ten that fail, one would have none in a run of five hundred.
  const all = traces('team', 100, (i) => i % 3 === 0);
  await sendTraces(all.slice(0, 50), [first as string, second as string]);
  await sendTraces(all.slice(50), [second as string, first as string]);
  // One after the other: a trace is looked for in every block, and this machine is small.
  const spans = async (traceClass: TraceClass, some: readonly Trace[]) => {
    const counts: number[] = [];
    for (const { id } of some) {
      const answer = await fetch(`${reader.url('tempo', 'http')}/api/traces/${id}`, {
        headers: { [tenantHeader]: traceClass, accept: 'application/json' },
      });
      if (!answer.ok && answer.status !== 404)
        throw new Error(`Tempo answers ${answer.status}: ${await answer.text()}`);
      counts.push(answer.ok ? spansIn(await answer.json()) : 0);
    }
    return counts;
  };
  const whole = (traceClass: TraceClass, some: readonly Trace[]) => {
    let left = some;
    return told(`whole in ${traceClass}`, async () => {
      const counts = await spans(traceClass, left);
      left = left.filter((_, i) => counts[i] !== spansPerTrace);
      return left.length === 0;
    });
  };
  const failed = all.filter(({ failed }) => failed);
  await whole('detailed', all);
  await whole('error', failed);
  const sampled = await spans('sampled', all);
  expect(new Set(sampled), 'a trace is sampled as a whole or not at all').toEqual(new Set([0, spansPerTrace]));
  const kept = sampled.filter((count) => count > 0).length;
  expect(Math.abs(kept - (all.length * sampledPercent) / 100), `${kept} of ${all.length}`).toBeLessThan(9);

  // Each has decided on its share of them, and none on the same as the other.
  const [kept0, kept1] = await Promise.all(
    (await each('sampler')).map(async (pod) =>
      keptBy(await getText(`${reader.url('sampler', 'metrics', pod)}/metrics`)),
    ),
  );
  expect(
    [kept0, kept1].every((count) => (count as number) > 0),
    `${kept0} and ${kept1}`,
  ).toBe(true);
  expect((kept0 as number) + (kept1 as number)).toBe(failed.length);
});

function keptBy(metrics: string): number {
  return Number(/^\S*global_count_traces_sampled_total\{decision="sampled"\S* (\S+)$/m.exec(metrics)?.[1] ?? 0);
}

test('P06 Thanos finds both Prometheus, both rules and the bucket by name; what both have is one series', async () => {
  const stores = (await getJson(`${reader.url('thanos-query', 'http')}/api/v1/stores`)) as {
    data: Record<string, { name: string; lastError: string | null }[]>;
  };
  const found = Object.entries(stores.data).flatMap(([kind, all]) =>
    (all ?? []).map(({ lastError }) => [kind, lastError]),
  );
  expect(found.sort()).toEqual([...['rule', 'rule', 'sidecar', 'sidecar', 'store'].map((kind) => [kind, null])]);
  const query = 'up{job="tempo"}';
  const asked = reader.url('thanos-query-frontend', 'http');
  await told('one series', async () => (await instant(asked, query)).length > 0);
  expect(await instant(asked, query)).toMatchObject([{ value: 1, metric: { cluster: 'fleetscope' } }]);
  const both = (await getJson(
    `${reader.url('thanos-query', 'http')}/api/v1/query?${new URLSearchParams({ query, dedup: 'false' })}`,
  )) as { data: { result: { metric: { replica: string } }[] } };
  expect(both.data.result.map(({ metric }) => metric.replica).sort()).toEqual(['prometheus-0', 'prometheus-1']);
});

test('P06 every target that Prometheus has in this size is up', async () => {
  const prometheus = reader.url('prometheus', 'http');
  await told('all up', async () => (await instant(prometheus, 'up == 0')).length === 0);
  const jobs = (await instant(prometheus, 'count by (job) (up)')).map(({ metric, value }) => [metric.job, value]);
  const beside = new Set(['escalation', 'monitor']);
  for (const part of thatRun(team).filter((part) => !beside.has(part)))
    expect(jobs, part).toContainEqual([part, team.replicas[part]]);
});

test('P06 M01 Grafana and the memory ask the queries’ front end by TLS and are answered as by the queries themselves; a stranger is not', async () => {
  const query = 'sum(up{job="tempo"})';
  // What its data source adds (grafana/datasources.ts).
  const path = '/api/v1/query_range?max_source_resolution=auto';
  const range = { query, step: '15', start: '', end: '' };
  let series: unknown[] = [];
  await told('the queries', async () => {
    // Whatever was scraped by then is there.
    const end = Math.floor(Date.now() / 60_000) * 60 - 60;
    Object.assign(range, { start: `${end - 300}`, end: `${end}` });
    const asked = `${reader.url('thanos-query', 'http')}${path}&${new URLSearchParams(range)}`;
    series = ((await getJson(asked)) as Answered).data.result;
    return series.length === 1;
  });
  // Asked again it is answered from the cache.
  for (const _ of ['anew', 'again'])
    expect(await asGrafana(shrunk.cluster, path, range)).toMatchObject({ status: 200, data: { result: series } });
  const labels = await asGrafana(shrunk.cluster, '/api/v1/labels', { start: range.start, end: range.end });
  expect(labels).toEqual({ status: 200, data: expect.arrayContaining(['cluster', 'job']) });
  expect(await asMemory(shrunk.cluster, query)).toMatchObject({
    status: 200,
    data: { result: [{ value: [expect.any(Number), '1'] }] },
  });
  await expect(asGrafana(shrunk.cluster, path, range, { isKnown: false })).rejects.toThrow(/certificate required/);
  // The memory itself has asked it what time it is: it would not know which day is the newest.
  const newest = 'monitor_memory_newest_day_timestamp_seconds';
  const frontEnd = reader.url('thanos-query-frontend', 'http');
  await told('the memory', async () => (await instant(frontEnd, newest)).length === 1);
});

test('P04 a block goes to the bucket, and what is older than Prometheus itself answers for comes from there', async () => {
  const block = await putOldBlock(shrunk.cluster);
  await told('in the bucket', async () => globSync('*/meta.json', { cwd: shrunk.s3.bucket('metrics') }).length > 0);
  // It looks for what is new each quarter of an hour, and when it starts.
  await kubectl('delete', 'pod/thanos-store-0');
  await allReady(team, shrunk.cluster, ['thanos-store']);
  const asked = reader.url('thanos-query-frontend', 'http');
  await told('answered', async () => (await instant(asked, block.query)).length > 0);
  expect(await instant(asked, block.query)).toMatchObject([{ value: block.value, metric: { cluster: 'fleetscope' } }]);
  expect(await instant(reader.url('thanos-query-frontend', 'http'), `${block.query} offset 1d`)).toEqual([]);
});

test('P06 three Alertmanagers are one cluster: a page that all three are given goes out once', async () => {
  const alertmanagers = (await each('alertmanager')).map((pod) => reader.url('alertmanager', 'http', pod));
  for (const at of alertmanagers) {
    const { cluster } = (await getJson(`${at}/api/v2/status`)) as { cluster: { status: string; peers: object[] } };
    expect([cluster.status, cluster.peers.length]).toEqual(['ready', 3]);
  }
  const known = (await getJson(`${reader.url('prometheus', 'http')}/api/v1/alertmanagers`)) as {
    data: { activeAlertmanagers: object[] };
  };
  expect(known.data.activeAlertmanagers).toHaveLength(3);
  const all = { alertmanager: '', replicas: { alertmanager: alertmanagers, collectorMetrics: [] } } as never;
  // Whatever else this machine is too slow for is not told meanwhile; given to one, all keep it.
  const silence = {
    matchers: [{ name: 'alertname', value: 'TeamTest', isRegex: false, isEqual: false }],
    startsAt: new Date().toISOString(),
    endsAt: new Date(Date.now() + 300_000).toISOString(),
    ...{ createdBy: 'a test', comment: 'one page' },
  };
  await postJson(`${alertmanagers[0]}/api/v2/silences`, silence);
  const silences = () => Promise.all(alertmanagers.map((at) => getJson(`${at}/api/v2/silences`) as Promise<object[]>));
  await told('the silence', async () => (await silences()).every(({ length }) => length > 0));
  const before = await messagesTaken(all);
  const alerts = [{ labels: { alertname: 'TeamTest', severity: 'critical', team: 'platform' } }];
  for (const at of alertmanagers) await postJson(`${at}/api/v2/alerts`, alerts);
  await told('the page goes out', async () => (await messagesTaken(all)) > before);
  // So long the second and the third wait before they would tell it too.
  await delay(40_000);
  expect((await messagesTaken(all)) - before).toBe(1);
});

const several = thatRun(team).filter((part) => hasSiblings(team, part));
/** Where what was sent is asked for. */
const stores = async () =>
  ({
    loki: reader.url('loki', 'http'),
    tempo: reader.url('tempo', 'http'),
    prometheus: reader.url('thanos-query-frontend', 'http'),
  }) as never;

test('P03 a node is emptied: one pod of each part leaves, no second one may, and nothing acknowledged is lost', {
  timeout: 1_500_000,
}, async () => {
  const leave = async () => {
    await delay(5_000);
    for (const part of several) {
      const [leaves, stays] = await each(part);
      await evict(leaves as string);
      await expect(evict(stays as string), part).rejects.toThrow(/violate the pod's disruption budget/);
    }
    await allReady(team, shrunk.cluster);
  };
  const sent = await sentWhile(await openDoor(shrunk.cluster), leave, { least: 5_000, gapMs: 1_500 });
  const { left, line } = await countedIn(stores, sent, patience);
  console.log(`${several.length} pods evicted (${several.join(', ')}); ${line}`);
  expect(left).toEqual({ logs: [], spans: [], samples: [] });
});

/** Where a later tag of an image takes the place of the one that is shipped, as an overlay of one's own does it. */
const rolled: readonly Part[] = ['collector', 'prometheus', 'alertmanager', 'thanos-query'];
const laterTag = 'later';

test('P03 the next revision, and back: of several pods one after the other rolls, and nothing acknowledged is lost', {
  timeout: 2_400_000,
}, async () => {
  const images = rolled.map((part) => parts[part].image);
  const nameOf = (image: string) => image.slice(0, image.lastIndexOf(':'));
  for (const image of images) await tagImage(shrunk.cluster, image, `${nameOf(image)}:${laterTag}`);
  const next = nextOf(
    shrunk.folder,
    images.map((image) => ({ name: nameOf(image), newTag: laterTag })),
  );
  const moving = thatRun(team).filter((part) => images.includes(parts[part].image));
  const least = new Map(several.map((part) => [part, team.replicas[part] as number]));

  const wave = async (folder: string, tag: (image: string) => string) => {
    let isOver = false;
    const watched = (async () => {
      while (!isOver) {
        const standing = await inPlace();
        for (const part of several) least.set(part, Math.min(least.get(part) as number, standing.get(part) ?? 0));
        await delay(2_000);
      }
    })();
    // Whoever looked in vain is told at the end, where nothing before has failed.
    watched.catch(() => undefined);
    try {
      await shrunk.cluster.kubectl(['apply', '--kustomize', folder]);
      await allReady(team, shrunk.cluster);
    } finally {
      isOver = true;
    }
    await watched;
    for (const part of moving)
      for (const name of await each(part)) expect(await imagesOf(name), name).toContain(tag(parts[part].image));
  };
  const waves = async () => {
    await delay(5_000);
    await wave(next, (image) => `${nameOf(image)}:${laterTag}`);
    await wave(shrunk.folder, (image) => image);
  };
  const sent = await sentWhile(await openDoor(shrunk.cluster, 'wave'), waves, { least: 5_000, gapMs: 1_500 });
  const { left, line } = await countedIn(stores, sent, patience);
  console.log(`${moving.join(', ')} rolled twice; ${line}`);
  expect(left).toEqual({ logs: [], spans: [], samples: [] });
  // That it was looked at while they went.
  expect(least.get('collector')).toBe((team.replicas.collector as number) - 1);
  const missed = several.filter((part) => (least.get(part) as number) < (team.replicas[part] as number) - 1);
  expect(missed, 'parts of which more than one had not begun, or was leaving, when it was looked at').toEqual([]);
});

/** Part → how many of its pods have started and are not told to leave: who is busy and says so late is in its place all the same. */
async function inPlace(): Promise<Map<string, number>> {
  const { items } = JSON.parse(await kubectl('get', 'pods', '--output=json')) as {
    items: {
      metadata: { labels: Record<string, string>; deletionTimestamp?: string };
      status: { containerStatuses?: { started?: boolean }[] };
    }[];
  };
  const standing = items.filter(({ metadata, status }) => {
    const started = status.containerStatuses?.every(({ started }) => started) ?? false;
    return started && !metadata.deletionTimestamp;
  });
  const names = standing.map(({ metadata }) => metadata.labels['app.kubernetes.io/name'] as string);
  return new Map([...new Set(names)].map((name) => [name, names.filter((one) => one === name).length]));
}

/** The images of a pod's containers. */
async function imagesOf(pod: string): Promise<string[]> {
  return (await kubectl('get', `pod/${pod}`, '--output=jsonpath={.spec.containers[*].image}')).split(' ');
}

/** As `kubectl drain` asks for it. */
function evict(pod: string): Promise<string> {
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: pod, namespace } };
  const path = `/api/v1/namespaces/${namespace}/pods/${pod}/eviction`;
  return shrunk.cluster.kubectl(['create', '--raw', path, '--filename', '-'], JSON.stringify(eviction));
}

test('P03 Loki is a ring of three on the bucket: with one away a line is taken and read back', async () => {
  const ring = async () => {
    const { shards } = (await getJson(`${reader.url('loki', 'http')}/ring`)) as {
      shards: { id: string; state: string }[];
    };
    return shards.map(({ id, state }) => `${id} ${state}`).sort();
  };
  expect(await ring()).toEqual(['loki-0 ACTIVE', 'loki-1 ACTIVE', 'loki-2 ACTIVE']);
  await kubectl('delete', 'pod/loki-1', '--wait=false');
  await told('it leaves', async () => !(await each('loki')).includes('loki-1'));
  const sender = new NumberedSender(reader.url('collector', 'http'));
  const first = 1_000_000;
  await sender.send(first);
  const targets = { loki: reader.url('loki', 'http', 'loki-2') } as never;
  await told('read back', async () => (await numbersInLoki(targets, Date.now() - 600_000)).has(first));
  await allReady(team, shrunk.cluster, ['loki']);
  // What it had in memory went there when it left.
  expect(globSync('**/*', { cwd: shrunk.s3.bucket('logs') }).length).toBeGreaterThan(0);
});

test('P04 Tempo keeps its blocks in the bucket, a folder for each class', async () => {
  const blocks = () => globSync('*/*/meta.json', { cwd: shrunk.s3.bucket('traces') });
  await told('blocks', async () => new Set(blocks().map((path) => path.split('/')[0])).size === 3);
});
