import { delimiter, dirname, join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { getJson, until } from '../../doctor/ask.ts';
import { examine } from '../../doctor/doctor.ts';
import { hopLine } from '../../doctor/print.ts';
import { type Targets, targetsOf } from '../../doctor/targets.ts';
import { fleetNamespace } from '../../k8s/fleet.ts';
import { namespace } from '../../k8s/manifest.ts';
import { sizes } from '../../k8s/size.ts';
import { repository } from '../../scripts/twins.ts';
import { yaml } from '../../twin.ts';
import { instant } from '../stack/prometheus-api.ts';
import type { Cluster } from './cluster.ts';
import { pauseImage } from './cluster-files.ts';
import { importFleetImage } from './images.ts';
import { createSecrets, emptyCluster, manifestsOfSingle, placeOfPods, untilReady } from './installed.ts';

let cluster: Cluster;
let folder: string;

beforeAll(async () => {
  cluster = await emptyCluster();
  folder = manifestsOfSingle(cluster);
  await cluster.kubectl(['create', '--filename', join(repository, 'k8s', 'base', 'namespace.yaml')]);
});

afterAll(() => cluster?.stop());

test.each(sizes)(
  'P03 the API server takes every object of $name as it is written, and admits its pods as restricted',
  async ({ name }) => {
    const { kubectl, kubeconfig } = cluster.client;
    const overlay = join(repository, 'k8s', 'overlays', name);
    const asked = ['apply', '--server-side', '--force-conflicts', '--dry-run=server', '--validate=strict'];
    const { stdout, stderr } = await execa(kubectl, ['--kubeconfig', kubeconfig, ...asked, '--kustomize', overlay]);
    expect(stdout.split('\n').filter((line) => !line.endsWith(' serverside-applied (server dry run)'))).toEqual([]);
    // As warnings it says what it would not admit, and what it no longer knows in its next versions.
    expect(stderr).toBe('');
  },
);

test('P03 a pod that is not restricted is refused, and a field that nobody knows', async () => {
  const container = { name: 'root', image: pauseImage };
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'root', namespace },
    spec: { hostNetwork: true, containers: [container] },
  };
  await expect(cluster.kubectl(['create', '--filename', '-'], yaml(pod))).rejects.toThrow(
    /violates PodSecurity "restricted:\S+": host namespaces/,
  );
  const unknown = {
    ...pod,
    metadata: { ...pod.metadata, namespace: 'default' },
    spec: { ...pod.spec, containres: [] },
  };
  await expect(
    cluster.kubectl(['create', '--dry-run=server', '--validate=strict', '--filename', '-'], yaml(unknown)),
  ).rejects.toThrow(/unknown field "spec.containres"/);
});

test('P03 without its secrets nothing starts that needs one, and it says which', async () => {
  await cluster.kubectl(['apply', '--kustomize', folder]);
  await expect
    .poll(() => cluster.kubectl(['--namespace', namespace, 'get', 'events']), { timeout: 60_000 })
    .toMatch(/pod\/escalation-0 .*secret "fleetscope-secrets" not found/);
});

test('P03 kubectl apply -k: every pod is ready; a second apply changes nothing', async () => {
  await createSecrets(cluster);
  await untilReady(cluster);
  const said = await cluster.kubectl(['apply', '--kustomize', folder]);
  expect(said.split('\n').filter((line) => !line.endsWith(' unchanged'))).toEqual([]);
});

test('B09 the doctor is green', async () => {
  const { ok, hops } = await examine(targetsOf(await placeOfPods(cluster)), { timeoutMs: 30_000, canaries: 1 });
  expect(ok, hops.map(hopLine).join('\n')).toBe(true);
});

test('B09 the doctor finds its way by kubectl, as whoever installed it asks it', async () => {
  const { kubectl, kubeconfig } = cluster.client;
  const doctor = (...args: string[]) =>
    execa(process.execPath, [join(repository, 'scripts', 'doctor.ts'), '--kubernetes', '--json', ...args], {
      env: { PATH: `${dirname(kubectl)}${delimiter}${process.env.PATH}`, KUBECONFIG: kubeconfig },
      reject: false,
    });
  const there = await doctor();
  expect(there, there.stderr).toMatchObject({ exitCode: 0 });
  expect(JSON.parse(there.stdout)).toMatchObject({ ok: true });
  const elsewhere = await doctor('--namespace', 'default');
  expect(elsewhere).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/there is no ready pod of collector, .*tempo.* in the namespace "default"/),
  });
});

test('M01 the memory beside the ledger reads what it needs, and is asked there', async () => {
  const monitor = (...args: string[]) => cluster.kubectl(['--namespace', namespace, ...args]);
  const states = '--output=jsonpath={range .status.containerStatuses[*]}{.name} {.ready} {.restartCount},{end}';
  expect(await monitor('get', 'pod', 'monitor-0', states)).toBe('memory true 0,monitor true 0,');
  const { prometheus } = targetsOf(await placeOfPods(cluster));
  const told = async () => (await instant(prometheus, 'monitor_memory_newest_day_timestamp_seconds')).length === 1;
  expect(await until(told, { timeoutMs: 60_000, everyMs: 1_000 })).toEqual({ found: true });
  // It has asked Prometheus what time it is, and found no day that is over.
  expect(await monitor('logs', 'monitor-0', '--container=memory')).toMatch(/^Listening on \S+$/);
  const asked = [
    'exec',
    'monitor-0',
    '--container=memory',
    '--',
    'node',
    'ask.js',
    'ask',
    'cost',
    '--on',
    '2026-02-15',
  ];
  // Late in the evening the day so far is written down already.
  await expect(monitor(...asked)).rejects.toThrow(
    /Cannot tell (anything yet: the memory is empty|.*: nothing is known of 2026-02-15)/,
  );
});

describe('the fleet, deployed by its own manifest', () => {
  const manifest = join(repository, 'k8s', 'fleet');
  const fleet = (...args: string[]) => cluster.kubectl(['--namespace', fleetNamespace, ...args]);

  /** How much of it is in each store. */
  const stores = {
    Tempo: async ({ tempo }: Targets) => {
      const q = '{ resource.service.name = "fleet" }';
      return ((await getJson(`${tempo}/api/search?${new URLSearchParams({ q })}`)) as { traces?: [] }).traces?.length;
    },
    Prometheus: async ({ prometheus }: Targets) =>
      (await instant(prometheus, 'sum(agent_tasks_completed_total{service_name="fleet"})'))[0]?.value,
    Loki: async ({ loki }: Targets) => {
      const query = '{service_name="fleet"} | trace_id!=""';
      const found = await getJson(`${loki}/loki/api/v1/query_range?${new URLSearchParams({ query })}`);
      return (found as { data: { result: [] } }).data.result.length;
    },
    'the ledger': async () => {
      const command = ['node', 'monitor.js', 'list', '--json'];
      const said = await cluster.kubectl(['--namespace', namespace, 'exec', 'monitor-0', '--', ...command]);
      return (JSON.parse(said) as { orchestrations: [] }).orchestrations.length;
    },
  };

  test.each(Object.entries(stores))('P03 before it is there, %s has nothing of it', async (_, count) => {
    expect((await count(targetsOf(await placeOfPods(cluster)))) ?? 0).toBe(0);
  });

  test('P03 kubectl apply -k k8s/fleet: it is at work', async () => {
    await importFleetImage(cluster);
    await cluster.kubectl(['apply', '--kustomize', manifest]);
    await fleet('rollout', 'status', 'deployment/fleet', '--timeout=120s');
    await expect.poll(() => fleet('logs', 'deployment/fleet'), { timeout: 60_000 }).toMatch(/^The fleet is at work/m);
  });

  test.each(Object.entries(stores))('P03 it is seen in %s', async (_, count) => {
    const targets = targetsOf(await placeOfPods(cluster));
    const seen = await until(async () => ((await count(targets)) ?? 0) > 0, { timeoutMs: 120_000, everyMs: 1_000 });
    expect(seen, await fleet('logs', 'deployment/fleet', '--tail=20')).toEqual({ found: true });
  });

  test('P03 it does not end by itself, a second apply changes nothing, and told to end it does so', async () => {
    const restarts = '--output=jsonpath={.items[*].status.containerStatuses[*].restartCount}';
    expect(await fleet('get', 'pods', restarts)).toBe('0');
    const said = await cluster.kubectl(['apply', '--kustomize', manifest]);
    expect(said.split('\n').filter((line) => !line.endsWith(' unchanged'))).toEqual([]);
    const following = fleet('logs', 'deployment/fleet', '--follow');
    await fleet('scale', 'deployment/fleet', '--replicas=0');
    expect(await following).toMatch(/^\{"sent":\{"requests":[1-9]/m);
  });
});
