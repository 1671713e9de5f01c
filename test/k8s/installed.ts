/** `kubectl apply -k` of a size on a cluster of its own, and what tests do with it. */
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { namespace } from '../../k8s/manifest.ts';
import { single } from '../../k8s/size.ts';
import { kubernetes, type Place } from '../../place.ts';
import { repository } from '../../scripts/twins.ts';
import { components, podOf } from '../../stack.ts';
import { tempo } from '../../tempo/tempo.ts';
import { yaml } from '../../twin.ts';
import { type Cluster, type ClusterOptions, startCluster } from './cluster.ts';
import { importImages } from './images.ts';
import { provideVolumes } from './volumes.ts';

/** Those that run here: Grafana's image cannot be made on this machine. */
export const present = components.filter((component) => component !== 'grafana' && podOf(component) === component);

/** A cluster with images, and volumes for each component and some more of its kind. */
export async function emptyCluster(options: ClusterOptions = {}, moreVolumes = 0): Promise<Cluster> {
  const cluster = await startCluster((line) => process.stderr.write(`${line}\n`), options);
  const names = [...components, ...Array.from({ length: moreVolumes }, (_, i) => `more-${i}`)];
  await provideVolumes(
    cluster,
    names.map((name) => `disk-${name}`),
  );
  await importImages(cluster);
  return cluster;
}

/** A state of the repository, and its configuration of the Tempo that can be built here. */
export interface Revision {
  readonly folder: string;
  readonly tempo: string;
}

const shipped: Revision = { folder: repository, tempo: yaml(tempo(kubernetes(single), '2.8')) };

/** The manifests of `single`, with what this machine cannot have replaced: Grafana, and the Tempo that is shipped. */
export function manifestsOfSingle(cluster: Pick<Cluster, 'folder'>, revision = shipped): string {
  const overlay = join(copyOfManifests(cluster, revision), 'overlays', single.name);
  const base = join(overlay, '..', 'test');
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

/** What the owner of a cluster copies, without what asks for somebody else's kinds of objects. */
export function manifestsOfExample(cluster: Pick<Cluster, 'folder'>): string {
  const example = join(copyOfManifests(cluster), 'example');
  const file = join(example, 'kustomization.yaml');
  writeFileSync(file, readFileSync(file, 'utf8').replace(/^ {2}- .*cert-manager\n/m, ''));
  return example;
}

/** @returns the folder of all sizes, components and the example. */
function copyOfManifests({ folder }: Pick<Cluster, 'folder'>, revision = shipped): string {
  const copy = mkdtempSync(join(folder, 'manifests-'));
  for (const name of ['k8s', 'grafana', 'prometheus'])
    cpSync(join(revision.folder, name), join(copy, name), { recursive: true });
  const k8s = join(copy, 'k8s');
  writeFileSync(join(k8s, 'overlays', single.name, 'config', 'tempo.yaml'), revision.tempo);
  return k8s;
}

/** The Secrets as `npm run secrets` makes them. @param args its own; left out: without that of people's logins, where Grafana does not run. */
export async function createSecrets(
  { kubectl }: Pick<Cluster, 'kubectl'>,
  args: readonly string[] = ['--without', 'fleetscope-grafana'],
  env: NodeJS.ProcessEnv = {},
): Promise<void> {
  const script = join(repository, 'scripts', 'secrets.ts');
  const { stdout } = await execa(process.execPath, [script, '--size', single.name, ...args], { env });
  await kubectl(['create', '--filename', '-'], stdout);
}

/** Until each component of the stack is ready. @param names of StatefulSets. @default all of them */
export async function untilReady(
  { kubectl }: Pick<Cluster, 'kubectl'>,
  names: readonly string[] = present,
): Promise<void> {
  for (const name of names)
    await kubectl([...['--namespace', namespace, 'rollout', 'status', `statefulset/${name}`, '--timeout=240s']]);
}

/** Where the pods are now, as a place: from outside of the node too, while no policy closes them. */
export async function placeOfPods({ kubectl }: Pick<Cluster, 'kubectl'>): Promise<Place> {
  const text = await kubectl(['--namespace', namespace, 'get', 'pods', '--output', 'json']);
  const { items } = JSON.parse(text) as {
    items: { metadata: { labels: Record<string, string> }; status: { podIP?: string } }[];
  };
  const at = Object.fromEntries(
    items.map(({ metadata, status }) => [metadata.labels['app.kubernetes.io/name'], status.podIP]),
  );
  return { ...kubernetes(single), host: (part) => at[part] ?? '127.0.0.1' };
}
