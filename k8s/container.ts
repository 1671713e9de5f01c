/** The containers of a pod: what they run, mount and may use, and how they are asked whether they are well. */
import { dirname } from 'node:path';
import type { Place } from '../place.ts';
import { goMemoryShare, isOwn, nodeHeapShare, type Part, parts, podOf } from '../stack.ts';
import { confined } from './confined.ts';
import type { Probes, Program, Sidecar, Variables } from './program.ts';
import { tlsSecretFiles } from './tls.ts';

/** What is written beside claims, in MiB: what it says, which the kubelet rotates, each scratch folder, and data that nobody keeps. */
export const unkeptMib = { log: 128, scratch: 256, data: 1024 } as const;

export function container(
  part: Part,
  place: Place,
  program: Program,
  { hasSecrets, hasClaim }: { hasSecrets: boolean; hasClaim: boolean },
) {
  const {
    args,
    env = {},
    envFrom,
    configs = {},
    secretFiles = {},
    scratch = [],
    probes = probesOf(part),
    startSeconds = 300,
    milliCpu,
  } = program;
  const startEvery = Math.max(2, probes.everySeconds ?? 0);
  const diskMib = unkeptMib.log + scratch.length * unkeptMib.scratch + (hasClaim ? 0 : unkeptMib.data);
  return {
    name: part,
    image: parts[part].image,
    ...(args && { args }),
    env: variables({ ...runtime(part, place), ...env }),
    ...(envFrom && { envFrom }),
    ports: [...ports(part), ...named(program.ports ?? {})],
    startupProbe: {
      ...probe(probes, 'ready'),
      periodSeconds: startEvery,
      failureThreshold: Math.ceil(startSeconds / startEvery),
    },
    ...whileItRuns(probes),
    resources: resources(part, place, milliCpu, diskMib),
    securityContext: confined,
    volumeMounts: [
      { name: 'data', mountPath: place.data(part) },
      ...(hasSecrets ? [{ name: 'secrets', mountPath: secretsFolder(place), readOnly: true }] : []),
      ...secretMounts(secretFiles),
      ...Object.keys(configs).map((mountPath, i) => ({ name: configVolume(i), mountPath, readOnly: true })),
      ...scratch.map((mountPath, i) => ({ name: scratchVolume(i), mountPath })),
    ],
  };
}

/** @param program the pod's own: the sidecar sees its data where it has them itself, and of its folders those that it names. */
export function sidecar(
  { part, command, args, env = {}, configs = [], scratch = [], probes = probesOf(part, beside), milliCpu }: Sidecar,
  place: Place,
  { configs: folders = {}, scratch: scratches = [] }: Program,
  { hasSecrets }: { hasSecrets: boolean },
) {
  return {
    name: part,
    image: parts[part].image,
    ...(command && { command }),
    ...(args && { args }),
    env: variables({ ...runtime(part, place), ...env }),
    ports: ports(part).map((port) => ({ ...port, name: beside(port.name) })),
    ...whileItRuns(probes),
    resources: resources(part, place, milliCpu, unkeptMib.log),
    securityContext: confined,
    volumeMounts: [
      { name: 'data', mountPath: place.data(podOf(part)) },
      ...(hasSecrets ? [{ name: beside('secrets'), mountPath: secretsFolder(place), readOnly: true }] : []),
      ...secretMounts(tlsSecretFiles(place, part)),
      ...configs.map((mountPath) => ({
        ...{ name: configVolume(Object.keys(folders).indexOf(mountPath)), mountPath },
        readOnly: true,
      })),
      ...scratch.map((mountPath) => ({ name: scratchVolume(scratches.indexOf(mountPath)), mountPath })),
    ],
  };
}

/** How a sidecar's port is called, and its volume of secrets: a name stands for one of the whole pod. */
export function beside(name: string): string {
  return `side-${name}`;
}

export function configVolume(i: number): string {
  return i === 0 ? 'config' : `config-${i}`;
}

export function scratchVolume(i: number): string {
  return i === 0 ? 'scratch' : `scratch-${i}`;
}

function variables(env: Variables) {
  return Object.entries(env).map(([name, value]) =>
    typeof value === 'string' ? { name, value } : { name, valueFrom: value },
  );
}

/** What its runtime may use of the limit. */
function runtime(part: Part, place: Place): Record<string, string> {
  const mib = place.memoryMib(part);
  return isOwn(part)
    ? { NODE_OPTIONS: `--max-old-space-size=${Math.floor(mib * nodeHeapShare)}` }
    : { GOMEMLIMIT: `${Math.floor(mib * goMemoryShare)}MiB` };
}

function ports(part: Part) {
  return named(parts[part].ports);
}

function named(ports: Readonly<Record<string, number>>) {
  return Object.entries(ports).map(([name, containerPort]) => ({ name, containerPort }));
}

function secretMounts(files: NonNullable<Program['secretFiles']>) {
  return Object.entries(files).map(([mountPath, { secret }]) => ({ name: secret, mountPath, readOnly: true }));
}

function whileItRuns(probes: Probes) {
  const { everySeconds = 5 } = probes;
  return {
    readinessProbe: { ...probe(probes, 'ready'), periodSeconds: everySeconds, failureThreshold: 3 },
    // Much more patient: a restart heals only what hangs, and a busy server is not one.
    livenessProbe: { ...probe(probes, 'alive'), periodSeconds: 4 * everySeconds, failureThreshold: 6 },
  };
}

/** As stack.ts says. */
function probesOf(part: Part, named = (name: string) => name): Probes {
  const asked = ({ port, path }: { port: string; path: string }) => ({ httpGet: { path, port: named(port) } });
  return { ready: asked(parts[part].ready), alive: asked(parts[part].alive) };
}

function probe(probes: Probes, which: 'ready' | 'alive') {
  return { ...probes[which], timeoutSeconds: probes.timeoutSeconds ?? 3 };
}

function resources(part: Part, place: Place, milliCpu: number, diskMib: number) {
  const mib = place.memoryMib(part);
  return {
    requests: {
      cpu: `${milliCpu}m`,
      memory: quantity(Math.ceil(mib / 2)),
      'ephemeral-storage': quantity(unkeptMib.log),
    },
    // No limit of CPU: throttling would make a queue grow while the node idles.
    limits: { memory: quantity(mib), 'ephemeral-storage': quantity(diskMib) },
  };
}

/** As the API server writes it down: otherwise each apply would find a difference. */
export function quantity(mib: number): string {
  return mib % 1024 === 0 ? `${mib / 1024}Gi` : `${mib}Mi`;
}

function secretsFolder(place: Place): string {
  return dirname(place.secret('monitor-ingest-token'));
}
