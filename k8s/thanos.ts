/** Thanos's pods, and what stands beside Prometheus. */
import { objectStoreEnv } from '../object-store.ts';
import type { Place } from '../place.ts';
import { type ThanosPart, thanosArgs, thanosEnv } from '../prometheus/thanos.ts';
import { type Part, parts } from '../stack.ts';
import { beside } from './container.ts';
import type { Program } from './program.ts';
import { tlsConfigs } from './tls.ts';

export function thanosPrograms(place: Place): Partial<Record<Part, Program>> {
  const all: Partial<Record<ThanosPart, () => Program>> = {
    'thanos-query': () => ({ ...program(place, 'thanos-query', 250), kind: 'Deployment' }),
    'thanos-query-frontend': () => ({ ...program(place, 'thanos-query-frontend', 100), kind: 'Deployment' }),
    // It looks through the whole bucket before it answers.
    'thanos-store': () => ({ ...program(place, 'thanos-store', 250), env: store, startSeconds: 900 }),
    'thanos-compact': () => ({ ...program(place, 'thanos-compact', 250), env: store, graceSeconds: 120 }),
    'thanos-rule': () => ({
      ...program(place, 'thanos-rule', 50),
      env: { ...store, ...whose, ...thanosEnv(place, 'thanos-rule') },
      configs: { '/etc/thanos': 'thanos-rule', ...tlsConfigs(place, 'web-tls') },
    }),
    'thanos-compact-daily': () => ({ ...program(place, 'thanos-compact-daily', 50), env: store, graceSeconds: 120 }),
  };
  return Object.fromEntries(
    Object.entries(all).flatMap(([part, make]) => (place.has(part as ThanosPart) ? [[part, make()]] : [])),
  );
}

/** Prometheus's own share of it: who it is, and the sidecar that sends its blocks to the bucket. */
export function besidePrometheus(place: Place): Pick<Program, 'env' | 'sidecars'> {
  if (!place.has('thanos-sidecar')) return {};
  const args = thanosArgs(place, 'thanos-sidecar');
  const configs = place.tls ? [place.tls.configs] : [];
  const env = { ...store, ...thanosEnv(place, 'thanos-sidecar') };
  const sidecar = { part: 'thanos-sidecar', args, env, configs, milliCpu: 50 } as const;
  return { env: whose, sidecars: [{ ...sidecar, ...listening(place, 'thanos-sidecar') }] };
}

function program(place: Place, part: ThanosPart, milliCpu: number) {
  return {
    args: thanosArgs(place, part),
    configs: tlsConfigs(place, 'web-tls'),
    ...listening(place, part),
    graceSeconds: 30,
    milliCpu,
  };
}

/**
 * With certificates the kubelet, which has none, can see no more than that it listens; nothing in the image could ask for it. By gRPC where it
 * speaks that: it listens there when it can answer, and says nothing of who hangs up.
 */
function listening({ tls }: Place, part: ThanosPart): Pick<Program, 'probes'> {
  if (!tls) return {};
  const isBeside = 'within' in parts[part];
  const port = (name: 'grpc' | 'http') => ({ tcpSocket: { port: isBeside ? beside(name) : name } });
  const ready = port('grpc' in parts[part].ports ? 'grpc' : 'http');
  // Beside another it cannot answer before that one does, and nobody waits for its start.
  return { probes: { ready, alive: isBeside ? port('http') : ready, everySeconds: 15 } };
}

/** Unlike in each cluster: `configMapGenerator` of an overlay of one's own sets another name. */
export const clusterConfigMap = 'fleetscope-cluster';

const whose = {
  POD_NAME: { fieldRef: { fieldPath: 'metadata.name' } },
  FLEETSCOPE_CLUSTER: { configMapKeyRef: { name: clusterConfigMap, key: 'name' } },
};

const store = objectStoreEnv('FLEETSCOPE_S3_METRICS_BUCKET');
