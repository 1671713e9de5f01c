/** The containers of a pod: what they run, mount and may use, and how they are asked whether they are well. */
import { dirname } from 'node:path';
import type { Place } from '../place.ts';
import { goMemoryShare, isOwn, nodeHeapShare, type Part, parts } from '../stack.ts';
import type { Program, Sidecar, Variables } from './program.ts';

export function container(part: Part, place: Place, program: Program, hasSecrets: boolean) {
  const { args, env = {}, envFrom, configs = {}, scratch = [], startSeconds = 300, milliCpu } = program;
  return {
    name: part,
    image: parts[part].image,
    ...(args && { args }),
    env: variables({ ...runtime(part, place), ...env }),
    ...(envFrom && { envFrom }),
    ports: ports(part),
    startupProbe: { ...probe(part, 'ready'), periodSeconds: 2, failureThreshold: Math.ceil(startSeconds / 2) },
    ...whileItRuns(part),
    resources: resources(part, place, milliCpu),
    securityContext,
    volumeMounts: [
      { name: 'data', mountPath: place.data(part) },
      ...(hasSecrets ? [{ name: 'secrets', mountPath: secretsFolder(place), readOnly: true }] : []),
      ...Object.keys(configs).map((mountPath, i) => ({ name: configVolume(i), mountPath, readOnly: true })),
      ...scratch.map((mountPath, i) => ({ name: scratchVolume(i), mountPath })),
    ],
  };
}

/** @param data where the pod's own program keeps its data: the sidecar sees it there too. */
export function sidecar({ part, args, env = {}, milliCpu }: Sidecar, place: Place, data: string) {
  return {
    name: part,
    image: parts[part].image,
    args,
    env: variables({ ...runtime(part, place), ...env }),
    ports: ports(part),
    ...whileItRuns(part),
    resources: resources(part, place, milliCpu),
    securityContext,
    volumeMounts: [{ name: 'data', mountPath: data }],
  };
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
  return Object.entries(parts[part].ports).map(([name, containerPort]) => ({ name, containerPort }));
}

function whileItRuns(part: Part) {
  return {
    readinessProbe: { ...probe(part, 'ready'), periodSeconds: 5, failureThreshold: 3 },
    // Much more patient: a restart heals only what hangs, and a busy server is not one.
    livenessProbe: { ...probe(part, 'alive'), periodSeconds: 20, failureThreshold: 6 },
  };
}

function probe(part: Part, which: 'ready' | 'alive') {
  const { port, path } = parts[part][which];
  return { httpGet: { path, port }, timeoutSeconds: 3 };
}

function resources(part: Part, place: Place, milliCpu: number) {
  const mib = place.memoryMib(part);
  return {
    requests: { cpu: `${milliCpu}m`, memory: memory(Math.ceil(mib / 2)) },
    // No limit of CPU: throttling would make a queue grow while the node idles.
    limits: { memory: memory(mib) },
  };
}

/** As the API server writes it down: otherwise each apply would find a difference. */
function memory(mib: number): string {
  return mib % 1024 === 0 ? `${mib / 1024}Gi` : `${mib}Mi`;
}

function secretsFolder(place: Place): string {
  return dirname(place.secret('monitor-ingest-token'));
}

const securityContext = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
};
