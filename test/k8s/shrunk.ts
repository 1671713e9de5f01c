/** A size that is made for many nodes, on one of few cores: as whoever applies it writes an overlay of their own (k8s/example). */
import { cpSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { execa } from 'execa';
import { namespace } from '../../k8s/manifest.ts';
import { partsOf } from '../../k8s/overlay.ts';
import { askedOf } from '../../k8s/secrets.ts';
import type { Size } from '../../k8s/size.ts';
import { objectStoreVariables } from '../../object-store.ts';
import { kubernetes } from '../../place.ts';
import { repository } from '../../scripts/twins.ts';
import type { Part } from '../../stack.ts';
import { classes, hasClasses } from '../../tempo/classes.ts';
import { tempo } from '../../tempo/tempo.ts';
import { yaml } from '../../twin.ts';
import { type S3, startS3 } from '../s3.ts';
import { type Cluster, startCluster } from './cluster.ts';
import { importImages, importThanosImage } from './images.ts';
import { provideVolumes } from './volumes.ts';

/** Whose image cannot be made on this machine. */
const absent: Part = 'grafana';

/** Those of a size that run here. */
export function thatRun(size: Size): Part[] {
  return partsOf(size).filter((part) => part !== absent);
}

export interface Shrunk {
  readonly cluster: Cluster;
  /** Outside of the cluster, as a cloud's is. */
  readonly s3: S3;
  /** What `kubectl apply -k` is given. */
  readonly folder: string;
  stop(): Promise<void>;
}

/** A cluster with everything that a size asks for, but nothing of it is applied yet. @param more fields of the kustomization. */
export async function startShrunk(size: Size, more: { patches?: object[] } = {}): Promise<Shrunk> {
  const cluster = await startCluster((line) => process.stderr.write(`${line}\n`));
  const stop = async () => {
    await cluster.stop();
    await s3?.stop();
  };
  let s3: S3 | undefined;
  try {
    s3 = await startS3([], cluster.node.outside);
    const disks = partsOf(size).flatMap((part) =>
      Array.from({ length: size.most[part] ?? size.replicas[part] ?? 0 }, () => part),
    );
    await provideVolumes(
      cluster,
      disks.map((_, i) => `disk-${i}`),
    );
    await importImages(cluster);
    await importThanosImage(cluster);
    return { cluster, s3, folder: overlayOf(cluster, size, more), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** On top of what is shipped: less is asked for of the node, and the Tempo that can be built here has the form of its configuration. */
function overlayOf({ folder }: Cluster, size: Size, { patches = [] }: { patches?: object[] }): string {
  const place = kubernetes(size);
  const home = mkdtempSync(join(folder, `${size.name}-`));
  cpSync(join(repository, 'k8s', 'example', 'network.yaml'), join(home, 'network.yaml'));
  const tempos = { tempo: tempo(place, '2.8'), ...(hasClasses(place) && { 'tempo-classes': classes('2.8') }) };
  for (const [name, config] of Object.entries(tempos)) writeFileSync(join(home, `${name}.yaml`), yaml(config));
  const replace = (kind: string, path: string, value: unknown, name?: string) => ({
    target: { kind, ...(name && { name }) },
    patch: JSON.stringify([{ op: 'replace', path, value }]),
  });
  const requests = { cpu: '10m', memory: '16Mi', 'ephemeral-storage': '1Mi' };
  const kustomization = {
    ...{ apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', namespace },
    resources: [relative(home, join(repository, 'k8s', 'overlays', size.name)), 'network.yaml'],
    configMapGenerator: Object.keys(tempos).map((name) => ({ name, behavior: 'replace', files: [`${name}.yaml`] })),
    replicas: [{ name: absent, count: 0 }],
    patches: [
      replace('StatefulSet|Deployment', '/spec/template/spec/containers/0/resources/requests', requests),
      replace('StatefulSet', '/spec/template/spec/containers/1/resources/requests', requests, 'prometheus'),
      replace('StatefulSet', '/spec/volumeClaimTemplates/0/spec/resources/requests/storage', '1Gi'),
      ...patches,
    ],
  };
  writeFileSync(join(home, 'kustomization.yaml'), yaml(kustomization));
  return home;
}

/** The next revision of it: whoever applies it names later images, as a kustomization does it. @returns its folder */
export function nextOf(folder: string, images: readonly { name: string; newTag: string }[]): string {
  const home = mkdtempSync(`${folder}-next-`);
  const kustomization = { apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization' };
  writeFileSync(
    join(home, 'kustomization.yaml'),
    yaml({ ...kustomization, resources: [relative(home, folder)], images }),
  );
  return home;
}

/** The Secrets as `npm run secrets` makes them for whoever has a store of objects. */
export async function createSecretsOf(size: Size, { cluster, s3 }: Shrunk): Promise<void> {
  const variable = (key: string) => `FLEETSCOPE_OBJECT_STORE_${key.toUpperCase().replaceAll('-', '_')}`;
  const known = Object.entries(objectStoreVariables).map(([name, key]) => [variable(key), s3.env[name as never]]);
  // Of people's logins: Grafana does not run here.
  const people = new Set(
    askedOf(size).flatMap(({ secret }) => (secret.startsWith('fleetscope-grafana') ? secret : [])),
  );
  const script = join(repository, 'scripts', 'secrets.ts');
  const { stdout } = await execa(process.execPath, [script, '--size', size.name, '--without', ...people], {
    env: Object.fromEntries(known),
  });
  await cluster.kubectl(['create', '--filename', '-'], stdout);
}

/** Until every pod of the size is ready. */
export async function allReady(
  size: Size,
  { kubectl }: Pick<Cluster, 'kubectl'>,
  only?: readonly Part[],
): Promise<void> {
  for (const part of only ?? thatRun(size)) {
    const kinds = await kubectl(['--namespace', namespace, 'get', 'statefulset,deployment', '--output=name']);
    const name = kinds.split('\n').find((line) => line.endsWith(`/${part}`));
    if (!name) throw new Error(`Cannot wait for ${part}: nothing of that name was applied.`);
    await kubectl(['--namespace', namespace, 'rollout', 'status', name, '--timeout=420s']);
  }
}

export interface Pod {
  readonly name: string;
  readonly ip: string;
}

/** Where the ready pods of a part are now. */
export async function podsOf({ kubectl }: Pick<Cluster, 'kubectl'>, part: Part): Promise<Pod[]> {
  const asked = ['get', 'pods', `--selector=app.kubernetes.io/name=${part}`, '--output=json'];
  const { items } = JSON.parse(await kubectl(['--namespace', namespace, ...asked])) as {
    items: {
      metadata: { name: string; deletionTimestamp?: string };
      status: { podIP?: string; conditions?: { type: string; status: string }[] };
    }[];
  };
  return items
    .filter(({ metadata, status }) => {
      const isReady = status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True');
      return isReady && !metadata.deletionTimestamp;
    })
    .map(({ metadata, status }) => ({ name: metadata.name, ip: status.podIP as string }));
}
