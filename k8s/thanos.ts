/** Thanos's pods, and what stands beside Prometheus. */
import { objectStoreEnv } from '../object-store.ts';
import type { Place } from '../place.ts';
import { type ThanosPart, thanosArgs } from '../prometheus/thanos.ts';
import type { Part } from '../stack.ts';
import type { Program } from './program.ts';

export function thanosPrograms(place: Place): Partial<Record<Part, Program>> {
  const all: Partial<Record<ThanosPart, () => Program>> = {
    'thanos-query': () => ({ ...program(place, 'thanos-query', 250), kind: 'Deployment' }),
    'thanos-query-frontend': () => ({ ...program(place, 'thanos-query-frontend', 100), kind: 'Deployment' }),
    // It looks through the whole bucket before it answers.
    'thanos-store': () => ({ ...program(place, 'thanos-store', 250), env: store, startSeconds: 900 }),
    'thanos-compact': () => ({ ...program(place, 'thanos-compact', 250), env: store, graceSeconds: 120 }),
    'thanos-rule': () => ({
      ...program(place, 'thanos-rule', 50),
      env: { ...store, ...whose },
      configs: { '/etc/thanos': 'thanos-rule' },
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
  return { env: whose, sidecars: [{ part: 'thanos-sidecar', args, env: store, milliCpu: 50 }] };
}

function program(place: Place, part: ThanosPart, milliCpu: number) {
  return { args: thanosArgs(place, part), graceSeconds: 30, milliCpu };
}

/** Unlike in each cluster: `configMapGenerator` of an overlay of one's own sets another name. */
export const clusterConfigMap = 'fleetscope-cluster';

const whose = {
  POD_NAME: { fieldRef: { fieldPath: 'metadata.name' } },
  FLEETSCOPE_CLUSTER: { configMapKeyRef: { name: clusterConfigMap, key: 'name' } },
};

const store = objectStoreEnv('FLEETSCOPE_S3_METRICS_BUCKET');
