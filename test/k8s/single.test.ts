import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { examine } from '../../doctor/doctor.ts';
import { hopLine } from '../../doctor/print.ts';
import { targetsOf } from '../../doctor/targets.ts';
import { namespace } from '../../k8s/manifest.ts';
import { sizes } from '../../k8s/size.ts';
import { repository } from '../../scripts/twins.ts';
import { yaml } from '../../twin.ts';
import type { Cluster } from './cluster.ts';
import { pauseImage } from './cluster-files.ts';
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
