import { cpSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { examine } from '../../doctor/doctor.ts';
import { hopLine } from '../../doctor/print.ts';
import { targetsOf } from '../../doctor/targets.ts';
import { namespace } from '../../k8s/manifest.ts';
import { printed } from '../../k8s/print-secrets.ts';
import { single } from '../../k8s/size.ts';
import { kubernetes } from '../../place.ts';
import { repository } from '../../scripts/twins.ts';
import { type Component, components } from '../../stack.ts';
import { tempo } from '../../tempo/tempo.ts';
import { yaml } from '../../twin.ts';
import { type Cluster, startCluster } from './cluster.ts';
import { importImages } from './images.ts';
import { provideVolumes } from './volumes.ts';

let cluster: Cluster;
/** The repository's manifests, with what this machine cannot have replaced: see `manifests`. */
let folder: string;

beforeAll(async () => {
  cluster = await startCluster((line) => process.stderr.write(`${line}\n`));
  await provideVolumes(
    cluster,
    components.map((component) => `disk-${component}`),
  );
  await importImages(cluster);
  folder = manifests(cluster.folder);
});

afterAll(() => cluster?.stop());

/** Grafana's image cannot be made here, and the Tempo that stands in for the shipped one has an older configuration. */
function manifests(parent: string): string {
  const copy = mkdtempSync(join(parent, 'manifests-'));
  for (const name of ['k8s', 'grafana', 'prometheus'])
    cpSync(join(repository, name), join(copy, name), { recursive: true });
  const overlay = join(copy, 'k8s', 'overlays', single.name);
  writeFileSync(join(overlay, 'config', 'tempo.yaml'), yaml(tempo(kubernetes(single), '2.8')));
  const base = join(copy, 'k8s', 'overlays', 'test');
  cpSync(overlay, base, { recursive: true });
  writeFileSync(
    join(overlay, 'kustomization.yaml'),
    yaml({
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      resources: ['../test'],
      replicas: [{ name: 'grafana', count: 0 }],
    }),
  );
  return overlay;
}

const present = components.filter((component) => component !== 'grafana');

async function addresses(): Promise<Record<string, string>> {
  const text = await cluster.kubectl(['--namespace', namespace, 'get', 'pods', '--output', 'json']);
  const { items } = JSON.parse(text) as {
    items: { metadata: { labels: Record<string, string> }; status: { podIP: string } }[];
  };
  return Object.fromEntries(
    items.map(({ metadata, status }) => [metadata.labels['app.kubernetes.io/name'], status.podIP]),
  );
}

test('P03 without its secrets nothing starts that needs one, and it says which', async () => {
  await cluster.kubectl(['apply', '--kustomize', folder]);
  await expect
    .poll(() => cluster.kubectl(['--namespace', namespace, 'get', 'events']), { timeout: 60_000 })
    .toMatch(/pod\/escalation-0 .*secret "fleetscope-secrets" not found/);
});

test('P03 kubectl apply -k: every pod is ready; a second apply changes nothing', async () => {
  const secrets = await printed({
    ...{ size: single.name, namespace, otlpHost: [], wanted: () => true },
    make: () => 'made-by-chance-'.repeat(3),
    known: (variable) => `not-used: ${variable}`,
  });
  await cluster.kubectl(['create', '--filename', '-'], secrets.map(yaml).join('---\n'));
  for (const component of present)
    await cluster.kubectl([
      ...['--namespace', namespace, 'rollout', 'status', `statefulset/${component}`, '--timeout=180s'],
    ]);
  const said = await cluster.kubectl(['apply', '--kustomize', folder]);
  expect(said.split('\n').filter((line) => !line.endsWith(' unchanged'))).toEqual([]);
});

test('B09 the doctor is green', async () => {
  const at = await addresses();
  const place = { ...kubernetes(single), host: (component: Component) => at[component] ?? '127.0.0.1' };
  const { ok, hops } = await examine(targetsOf(place), { timeoutMs: 30_000, canaries: 1 });
  expect(ok, hops.map(hopLine).join('\n')).toBe(true);
});
