/** From one revision to the next, and back, as docs/deploy.md tells it, while somebody sends. */
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { examine } from '../../doctor/doctor.ts';
import { hopLine } from '../../doctor/print.ts';
import { type Targets, targetsOf } from '../../doctor/targets.ts';
import { namespace } from '../../k8s/manifest.ts';
import { stack } from '../../stack.ts';
import type { Cluster } from './cluster.ts';
import { countedIn, sentWhile } from './counted.ts';
import { openDoor } from './door.ts';
import { createSecrets, emptyCluster, manifestsOfSingle, placeOfPods, present, untilReady } from './installed.ts';
import { type Edits, laterTag, nextOfSingle } from './revisions.ts';

/** Where Tempo takes spans after it. */
const movedTo = '14397';

const later = (text: string) => text.split('\n').map(laterTag).join('\n');
const ofLoki = (text: string) => text.replace(`image: '${stack.loki.image}'`, laterTag);
const ofCollector = (text: string) => text.replace(`image: '${stack.collector.image}'`, laterTag);
const longer = (text: string) => text.replace('security: 365, audit', 'security: 397, audit');
const moved = (text: string) => text.replace(`otlp: ${stack.tempo.ports.otlp} `, `otlp: ${movedTo} `);
const released = (text: string) =>
  text.replace(/("version": "\d+\.\d+\.)(\d+)"/, (_, before, last) => `${before}${Number(last) + 1}"`);

/** What somebody edits. */
const oneImage: Edits = { 'stack.ts': (text) => longer(ofLoki(text)) };
const release: Edits = { 'stack.ts': (text) => moved(longer(later(text))), 'package.json': released };
/** The same, of which one image is nowhere. */
const broken: Edits = { ...release, 'stack.ts': (text) => moved(longer(later(ofCollector(text)))) };

let cluster: Cluster;
let shipped: string;

beforeAll(async () => {
  cluster = await emptyCluster();
  shipped = manifestsOfSingle(cluster);
  await cluster.kubectl(['apply', '--kustomize', shipped]);
  await createSecrets(cluster);
  await untilReady(cluster);
});

afterAll(() => cluster?.stop());

const kubectl = (...args: string[]) => cluster.kubectl(['--namespace', namespace, ...args]);
const targets = async (): Promise<Targets> => targetsOf(await placeOfPods(cluster));

/** Pod → which of that name it is. */
async function pods(): Promise<Map<string, string>> {
  const output = '--output=jsonpath={range .items[*]}{.metadata.name} {.metadata.uid}{"\\n"}{end}';
  const lines = (await kubectl('get', 'pods', output)).split('\n').filter(Boolean);
  return new Map(lines.map((line) => line.split(' ') as [string, string]));
}

/** Whose pods `kubectl diff` says will roll, of those that run here. */
async function announced(folder: string): Promise<string[]> {
  const { kubectl, kubeconfig } = cluster.client;
  const asked = ['--kubeconfig', kubeconfig, 'diff', '--kustomize', folder];
  const { stdout, exitCode, stderr } = await execa(kubectl, asked, { reject: false });
  expect(exitCode, stderr).toBeLessThan(2);
  const changed = [...stdout.matchAll(/^diff .*\/apps\.v1\.StatefulSet\.\w+\.([\w-]+)$/gm)].map(
    ([, name]) => name as string,
  );
  return changed.filter((name) => present.some((part) => part === name)).sort();
}

/** @returns whose pods are others than before. */
async function applied(folder: string): Promise<string[]> {
  const before = await pods();
  const said = await announced(folder);
  await cluster.kubectl(['apply', '--kustomize', folder]);
  await untilReady(cluster);
  const after = await pods();
  const rolled = present.filter((part) => before.get(`${part}-0`) !== after.get(`${part}-0`)).sort();
  expect(rolled, 'what kubectl diff has said').toEqual(said);
  return rolled;
}

const imagesOf = async (part: string) =>
  kubectl('get', `pod/${part}-0`, '--output=jsonpath={.spec.containers[*].image}');

test('P03 from one revision to the next, and back from one that does not start: what changed rolls, and nothing acknowledged is lost', {
  timeout: 1_500_000,
}, async () => {
  const next = await nextOfSingle(cluster, oneImage);
  const released = await nextOfSingle(cluster, release);
  const nowhere = await nextOfSingle(cluster, broken, { withImages: false });
  const startedAtMs = Date.now();
  const done: string[] = [];
  const wave = async (name: string, change: () => Promise<unknown>) => {
    await delay(5_000);
    await change();
    done.push(`${name} (${((Date.now() - startedAtMs) / 1000).toFixed(0)} s)`);
  };
  const waves = async () => {
    await wave('one image and what it keeps', async () => {
      expect(await applied(next)).toEqual(['loki']);
      expect(await imagesOf('loki')).not.toBe(stack.loki.image);
    });
    await wave('a release', async () => {
      // Loki has been there since the first one.
      expect(await applied(released)).toEqual(present.filter((part) => part !== 'loki').sort());
      for (const part of present) expect(await imagesOf(part), part).not.toContain(stack[part].image);
      const port = '--output=jsonpath={.spec.containers[0].ports[?(@.name=="otlp")].containerPort}';
      expect(await kubectl('get', 'pod/tempo-0', port)).toBe(movedTo);
    });
    await wave('one that does not start', async () => {
      await cluster.kubectl(['apply', '--kustomize', nowhere]);
      const reason = '--output=jsonpath={.status.containerStatuses[*].state.waiting.reason}';
      await expect
        .poll(() => kubectl('get', 'pod/collector-0', reason), { timeout: 180_000, interval: 1_000 })
        .toMatch(/ErrImagePull|ImagePullBackOff/);
    });
    await wave('back', async () => {
      await applied(shipped);
      for (const part of present) expect(await imagesOf(part), part).toContain(stack[part].image);
    });
  };
  const sent = await sentWhile(await openDoor(cluster), waves, { least: 20_000, gapMs: 400 });
  expect(await announced(shipped)).toEqual([]);
  const { left, line } = await countedIn(targets, sent, { timeoutMs: 240_000, everyMs: 3_000 });
  console.log(`${done.join(', ')}; ${line}`);
  expect(left).toEqual({ logs: [], spans: [], samples: [] });
  expect(sent.acknowledged.logs.size).toBeGreaterThanOrEqual(20_000);
  expect(sent.acknowledged.resent, 'requests that nobody answered: the Collector was away').toBeGreaterThan(0);
});

test('B09 P03 after it the doctor is green', async () => {
  const { ok, hops } = await examine(await targets(), { timeoutMs: 30_000, canaries: 1 });
  expect(ok, hops.map(hopLine).join('\n')).toBe(true);
});
