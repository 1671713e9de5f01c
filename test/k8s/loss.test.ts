import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../../doctor/ask.ts';
import { type Targets, targetsOf } from '../../doctor/targets.ts';
import { namespace } from '../../k8s/manifest.ts';
import {
  duplicates,
  missing,
  NumberedSender,
  numbersInLoki,
  numbersInPrometheus,
  numbersInTempo,
  perRequest,
} from '../stack/numbered.ts';
import type { Cluster } from './cluster.ts';
import { openDoor } from './door.ts';
import { createSecrets, emptyCluster, manifestsOfSingle, placeOfPods, untilReady } from './installed.ts';

const least = 20_000;
const gapMs = 400;

let cluster: Cluster;
let folder: string;

beforeAll(async () => {
  cluster = await emptyCluster({}, 2);
  folder = manifestsOfSingle(cluster);
  await cluster.kubectl(['apply', '--kustomize', folder]);
  await createSecrets(cluster);
  await untilReady(cluster);
});

afterAll(() => cluster?.stop());

const kubectl = (...args: string[]) => cluster.kubectl(['--namespace', namespace, ...args]);
const scale = (name: string, count: number) => kubectl('scale', `statefulset/${name}`, `--replicas=${count}`);
const gone = (pod: string) => kubectl('wait', '--for=delete', `pod/${pod}`, '--timeout=180s');

/** As an edit of the configuration and `kubectl apply -k` do it. */
async function rollConfiguration(): Promise<void> {
  const file = join(folder, '..', 'test', 'config', 'collector.yaml');
  writeFileSync(file, `${readFileSync(file, 'utf8')}# Changed.\n`);
  const said = await cluster.kubectl(['apply', '--kustomize', folder]);
  expect(said).toMatch(/^statefulset.apps\/collector configured$/m);
  await untilReady(cluster, ['collector']);
}

async function drain(): Promise<void> {
  await cluster.kubectl(['drain', 'node', '--delete-emptydir-data', '--timeout=240s']);
  await delay(5_000);
  await cluster.kubectl(['uncordon', 'node']);
  await untilReady(cluster);
}

async function targets(): Promise<Targets> {
  return targetsOf(await placeOfPods(cluster));
}

test('P03 nothing acknowledged is lost: pod deleted, process killed, configuration rolled, node drained, tier scaled up and down', {
  timeout: 1_500_000,
}, async () => {
  const startedAtMs = Date.now();
  const since = () => `${((Date.now() - startedAtMs) / 1000).toFixed(0)} s`;
  const sender = new NumberedSender(await openDoor(cluster));
  let stranded: number[] = [];
  let isOver = false;
  const troubles = (async () => {
    const done: string[] = [];
    const trouble = async (name: string, cause: () => Promise<unknown>) => {
      await delay(5_000);
      await cause();
      done.push(`${name} (${since()})`);
    };
    await trouble('pod deleted', async () => {
      await kubectl('delete', 'pod/collector-0');
      await untilReady(cluster, ['collector']);
    });
    await trouble('process killed', async () => {
      await cluster.node.run('pkill', ['-KILL', '-f', '^/otelcol-contrib']);
      await delay(5_000);
      await untilReady(cluster, ['collector']);
    });
    await trouble('configuration rolled', rollConfiguration);
    await trouble('node drained', drain);
    await trouble('scaled to 3', async () => {
      await scale('collector', 3);
      await untilReady(cluster, ['collector']);
    });
    // Loki is away while they end: what was acknowledged by those that go stays on their claims.
    await trouble('scaled to 1 without Loki', async () => {
      await scale('loki', 0);
      await gone('loki-0');
      // New connections, so that each of the three has some.
      await kubectl('delete', 'pod/collector-0');
      await untilReady(cluster, ['collector']);
      await delay(10_000);
      await scale('collector', 1);
      await gone('collector-2');
      await gone('collector-1');
      await scale('loki', 1);
      await untilReady(cluster, ['loki']);
    });
    return done;
  })().finally(() => {
    isOver = true;
  });

  // A steady stream over the whole time of it.
  for (let request = 0; !isOver || request * perRequest < least; request++) {
    await sender.send(request * perRequest);
    await delay(gapMs);
  }
  const done = await troubles;

  const { logs, spans, samples, traceIds, resent } = sender.acknowledged;
  expect(logs.size).toBeGreaterThanOrEqual(least);
  const fromMs = startedAtMs - 60_000;
  // What collector-0 has goes out; what is left then lies on the claims of the other two.
  let before = -1;
  await until(
    async () => {
      stranded = missing(logs, await numbersInLoki(await targets(), fromMs));
      const isSteady = stranded.length === before;
      before = stranded.length;
      return isSteady;
    },
    { timeoutMs: 120_000, everyMs: 5_000 },
  );
  await scale('collector', 3);
  await untilReady(cluster, ['collector']);

  let found = { logs: new Map(), spans: new Map(), samples: new Map() };
  const isAllThere = () =>
    [missing(logs, found.logs), missing(spans, found.spans), missing(samples, found.samples)].every(
      (numbers) => numbers.length === 0,
    );
  await until(
    async () => {
      const at = await targets();
      found = {
        logs: await numbersInLoki(at, fromMs),
        spans: await numbersInTempo(at, traceIds),
        samples: await numbersInPrometheus(at),
      };
      return isAllThere();
    },
    { timeoutMs: 240_000, everyMs: 3_000 },
  );
  console.log(
    `${done.join(', ')}; acknowledged ${logs.size} logs, ${spans.size} spans, ${samples.size} samples (${resent} requests resent); ` +
      `${stranded.length} logs waited on claims of replicas that were gone; duplicates: ` +
      `${duplicates(found.logs)} logs, ${duplicates(found.spans)} spans, ${duplicates(found.samples)} samples; ${since()}`,
  );
  expect(missing(logs, found.logs), 'acknowledged logs that Loki does not have').toEqual([]);
  expect(missing(spans, found.spans), 'acknowledged spans that Tempo does not have').toEqual([]);
  expect(missing(samples, found.samples), 'acknowledged samples that Prometheus does not have').toEqual([]);
  expect(resent, 'requests that nobody answered').toBeGreaterThan(0);
  expect(stranded.length, 'logs that waited for their replica: the count above can fail').toBeGreaterThan(0);
});
