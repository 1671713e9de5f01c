/** A pod of a component as the restricted Pod Security Standard wants it: no root, no capability, nothing written outside its volumes. */
import { dirname } from 'node:path';
import { type Place, type Secret, secrets } from '../place.ts';
import { type Component, goMemoryShare, isOwn, nodeHeapShare, profiles, stack } from '../stack.ts';
import { labels, type Manifest, selector } from './manifest.ts';
import type { Size } from './size.ts';

/** The Secret that holds all of place.ts's secrets, a key each. */
export const secretName = 'fleetscope-secrets';

export interface Program {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string | object>>;
  readonly envFrom?: readonly object[];
  /** Folder in the container → ConfigMap, or several that share it. */
  readonly configs?: Readonly<Record<string, string | readonly string[]>>;
  /** Folders that may be written, and are gone with the pod. */
  readonly scratch?: readonly string[];
  /** Seconds that it has to end. */
  readonly graceSeconds: number;
  /** Seconds until it may be asked whether it is alive: replaying a log takes its time. */
  readonly startSeconds?: number;
  readonly milliCpu: number;
}

/** One pod per replica, each with a volume of its own that outlives it. */
export function statefulSet(component: Component, place: Place, size: Size, program: Program): Manifest {
  const { replicas, storage } = size;
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: component, labels: labels(component) },
    spec: {
      serviceName: component,
      replicas: replicas[component],
      podManagementPolicy: 'Parallel',
      // Data that nobody deleted by hand is kept, whatever becomes of the pods.
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
      selector: { matchLabels: selector(component) },
      template: {
        metadata: { labels: labels(component) },
        spec: pod(component, place, size, program),
      },
      volumeClaimTemplates: [
        {
          apiVersion: 'v1',
          kind: 'PersistentVolumeClaim',
          metadata: { name: 'data', labels: selector(component) },
          spec: {
            accessModes: ['ReadWriteOnce'],
            resources: { requests: { storage: storage[component] } },
            volumeMode: 'Filesystem',
          },
          // As the API server completes it: left out, each apply would find a difference in the list.
          status: { phase: 'Pending' },
        },
      ],
    },
  };
}

function pod(component: Component, place: Place, size: Size, program: Program) {
  const { image, ports, user } = stack[component];
  const { args, env = {}, envFrom, configs = {}, scratch = [], graceSeconds, startSeconds = 300, milliCpu } = program;
  const mib = profiles[size.profile][component];
  const mine = (Object.keys(secrets) as Secret[]).filter((name) =>
    (secrets[name] as readonly string[]).includes(component),
  );
  return {
    serviceAccountName: component,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: graceSeconds,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: user,
      runAsGroup: user,
      fsGroup: user,
      // A volume of a million files is not walked through at each start.
      fsGroupChangePolicy: 'OnRootMismatch',
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [
      {
        name: component,
        image,
        ...(args && { args }),
        env: [
          ...Object.entries({ ...runtime(component, mib), ...env }).map(([name, value]) =>
            typeof value === 'string' ? { name, value } : { name, valueFrom: value },
          ),
        ],
        ...(envFrom && { envFrom }),
        ports: Object.entries(ports).map(([name, containerPort]) => ({ name, containerPort })),
        startupProbe: { ...probe(component, 'ready'), periodSeconds: 2, failureThreshold: Math.ceil(startSeconds / 2) },
        readinessProbe: { ...probe(component, 'ready'), periodSeconds: 5, failureThreshold: 3 },
        // Much more patient: a restart heals only what hangs, and a busy server is not one.
        livenessProbe: { ...probe(component, 'alive'), periodSeconds: 20, failureThreshold: 6 },
        resources: {
          requests: { cpu: `${milliCpu}m`, memory: memory(Math.ceil(mib / 2)) },
          // No limit of CPU: throttling would make a queue grow while the node idles.
          limits: { memory: memory(mib) },
        },
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
        volumeMounts: [
          { name: 'data', mountPath: place.data(component) },
          ...(mine.length > 0 ? [{ name: 'secrets', mountPath: secretsFolder(place), readOnly: true }] : []),
          ...Object.keys(configs).map((mountPath, i) => ({ name: configVolume(i), mountPath, readOnly: true })),
          ...scratch.map((mountPath, i) => ({ name: scratchVolume(i), mountPath })),
        ],
      },
    ],
    volumes: [
      ...(mine.length > 0
        ? [
            {
              name: 'secrets',
              secret: {
                secretName,
                // Those of others are not in its reach.
                items: mine.map((name) => ({ key: name, path: name })),
                defaultMode: 0o440,
              },
            },
          ]
        : []),
      ...Object.values(configs).map((names, i) => ({
        name: configVolume(i),
        ...(typeof names === 'string'
          ? { configMap: { name: names } }
          : { projected: { sources: names.map((name) => ({ configMap: { name } })) } }),
      })),
      ...scratch.map((_, i) => ({ name: scratchVolume(i), emptyDir: { sizeLimit: '256Mi' } })),
    ],
  };
}

/** As the API server writes it down: otherwise each apply would find a difference. */
function memory(mib: number): string {
  return mib % 1024 === 0 ? `${mib / 1024}Gi` : `${mib}Mi`;
}

function secretsFolder(place: Place): string {
  return dirname(place.secret('monitor-ingest-token'));
}

function configVolume(i: number): string {
  return i === 0 ? 'config' : `config-${i}`;
}

function scratchVolume(i: number): string {
  return i === 0 ? 'scratch' : `scratch-${i}`;
}

/** What its runtime may use of the limit. */
function runtime(component: Component, mib: number): Record<string, string> {
  return isOwn(component)
    ? { NODE_OPTIONS: `--max-old-space-size=${Math.floor(mib * nodeHeapShare)}` }
    : { GOMEMLIMIT: `${Math.floor(mib * goMemoryShare)}MiB` };
}

function probe(component: Component, which: 'ready' | 'alive') {
  const { port, path } = stack[component][which];
  return { httpGet: { path, port }, timeoutSeconds: 3 };
}

/** Without an address of its own: its name is those of its pods, so that clients of gRPC see all of them. */
export function service(component: Component): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: component, labels: labels(component) },
    spec: {
      clusterIP: 'None',
      selector: selector(component),
      ports: Object.entries(stack[component].ports).map(([name, port]) => ({
        name,
        port,
        targetPort: name,
        appProtocol: appProtocols[name] ?? 'http',
      })),
    },
  };
}

const appProtocols: Record<string, string> = { grpc: 'kubernetes.io/h2c', otlp: 'kubernetes.io/h2c' };

export function account(component: Component): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: component, labels: labels(component) },
    automountServiceAccountToken: false,
  };
}
