import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../../doctor/ask.ts';
import type { Targets } from '../../doctor/targets.ts';
import { namespace } from '../../k8s/manifest.ts';
import { scale } from '../../k8s/size.ts';
import { repository } from '../../scripts/twins.ts';
import {
  missing,
  NumberedSender,
  numbersInLoki,
  numbersInPrometheus,
  numbersInTempo,
  perRequest,
} from '../stack/numbered.ts';
import { openDoor } from './door.ts';
import { provideMetrics } from './metrics-server.ts';
import { type Reader, startReader } from './reader.ts';
import { allReady, createSecretsOf, podsOf, type Shrunk, startShrunk, thatRun } from './shrunk.ts';

/** Of CPU, by which here another Collector is started: as shipped it would take more cores than there are. */
const busy = '8m';

let shrunk: Shrunk;
let reader: Reader;
let targets: Targets;

beforeAll(async () => {
  const patch = [{ op: 'replace', path: '/spec/metrics/0/resource/target/averageValue', value: busy }];
  shrunk = await startShrunk(scale, {
    patches: [{ target: { kind: 'HorizontalPodAutoscaler' }, patch: JSON.stringify(patch) }],
  });
  await provideMetrics(shrunk.cluster);
  reader = await startReader(shrunk.cluster, scale);
  targets = {
    loki: reader.url('loki-read', 'http'),
    tempo: reader.url('tempo', 'http'),
    prometheus: reader.url('thanos-query-frontend', 'http'),
  } as never;
  await shrunk.cluster.kubectl(['create', '--filename', join(repository, 'k8s', 'base', 'namespace.yaml')]);
  await createSecretsOf(scale, shrunk);
});

afterAll(async () => {
  await reader?.stop();
  await shrunk?.stop();
});

const kubectl = (...args: string[]) => shrunk.cluster.kubectl(['--namespace', namespace, ...args]);
const collectors = async () => (await podsOf(shrunk.cluster, 'collector')).length;
const patience = { timeoutMs: 420_000, everyMs: 3_000 };

test('P03 kubectl apply -k: every pod is ready, and the autoscaler has started the Collectors', async () => {
  await shrunk.cluster.kubectl(['apply', '--kustomize', shrunk.folder]);
  await until(async () => (await collectors()) >= (scale.replicas.collector as number), patience);
  await allReady(scale, shrunk.cluster);
  for (const part of thatRun(scale).filter((part) => part !== 'collector'))
    expect(await podsOf(shrunk.cluster, part), part).toHaveLength(scale.replicas[part] as number);
  expect(await collectors()).toBeGreaterThanOrEqual(scale.replicas.collector);
});

test('P03 Collectors are added by load and taken away by hand; what they have acknowledged is read where reading is apart', {
  timeout: 1_200_000,
}, async () => {
  const startedAtMs = Date.now();
  const sender = new NumberedSender(await openDoor(shrunk.cluster));
  let isOver = false;
  let most = 0;
  const troubles = (async () => {
    await until(async () => {
      most = Math.max(most, await collectors());
      return most > scale.replicas.collector;
    }, patience);
  })().finally(() => {
    isOver = true;
  });
  let request = 0;
  for (; !isOver; request++) {
    await sender.send(request * perRequest);
    await delay(250);
  }
  await troubles;
  const says = await kubectl('get', 'hpa/collector');
  expect(most, says).toBeGreaterThan(scale.replicas.collector);
  expect(says).toContain(`m/${busy}`);
  // It stays so until somebody takes them away: what they have in their queues goes with them, or waits on their volumes.
  await kubectl('scale', 'statefulset/collector', `--replicas=${scale.replicas.collector}`);
  await sender.send(request * perRequest);
  await allReady(scale, shrunk.cluster, ['collector']);

  const { logs, spans, samples, traceIds, resent } = sender.acknowledged;
  const inTempo = new Map<number, number>();
  let left: { logs: number[]; spans: number[]; samples: number[] } | undefined;
  await until(async () => {
    const notYet = traceIds.filter((_, i) => !inTempo.has(i * perRequest) || !inTempo.has((i + 1) * perRequest - 1));
    for (const [number, times] of await numbersInTempo(targets, notYet)) inTempo.set(number, times);
    left = {
      logs: missing(logs, await numbersInLoki(targets, startedAtMs - 60_000)),
      spans: missing(spans, inTempo),
      samples: missing(samples, await numbersInPrometheus(targets)),
    };
    return Object.values(left).every(({ length }) => length === 0);
  }, patience);
  console.log(
    `${most} Collectors at most; acknowledged ${logs.size} logs, ${spans.size} spans, ${samples.size} samples ` +
      `(${resent} requests resent); ${((Date.now() - startedAtMs) / 1000).toFixed(0)} s`,
  );
  expect(left).toEqual({ logs: [], spans: [], samples: [] });
});
