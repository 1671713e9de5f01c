/** How large an overlay is: what differs between one node and many stands here, and nowhere else. */
import type { KubernetesOptions } from '../place.ts';
import type { Part } from '../stack.ts';

export type SizeName = 'single' | 'team' | 'scale';

export interface Size extends KubernetesOptions {
  readonly name: SizeName;
  /** Of each volume claim; a class of the cluster decides where they are. A part without one keeps nothing. */
  readonly storage: Readonly<Partial<Record<Part, string>>>;
  /** Of the parts that follow their load: at most so many replicas; `replicas` is the least. (k8s/autoscale.ts) */
  readonly most: Readonly<Partial<Record<Part, number>>>;
}

/** One node, one of each, on the volumes of the cluster's default storage class. */
export const single: Size = {
  name: 'single',
  profile: 'team',
  replicas: {
    ...{ collector: 1, tempo: 1, loki: 1, prometheus: 1, alertmanager: 1, escalation: 1, monitor: 1, memory: 1 },
    grafana: 1,
  },
  most: {},
  memoryMib: {},
  storage: {
    // Four queues of 2 GiB each, and the copy that compaction makes.
    ...{ collector: '15Gi', tempo: '50Gi', loki: '50Gi', prometheus: '50Gi', alertmanager: '1Gi' },
    ...{ escalation: '5Gi', monitor: '10Gi', grafana: '1Gi' },
  },
  objectStore: false,
  tls: false,
};

/** Nodes may go: what is asked or written to stands twice or thrice, and a store of objects keeps what lasts. */
export const team: Size = {
  name: 'team',
  profile: 'team',
  replicas: {
    ...{ collector: 2, sampler: 2, tempo: 1, loki: 3, prometheus: 2, alertmanager: 3, escalation: 1, monitor: 1 },
    ...{ memory: 1, grafana: 2 },
    ...{ 'thanos-sidecar': 2, 'thanos-query': 2, 'thanos-query-frontend': 2, 'thanos-store': 1, 'thanos-compact': 1 },
    ...{ 'thanos-rule': 2, 'thanos-compact-daily': 1 },
  },
  most: {},
  memoryMib: {
    sampler: 1024,
    ...{ 'thanos-sidecar': 256, 'thanos-query': 2048, 'thanos-query-frontend': 512, 'thanos-store': 2048 },
    ...{ 'thanos-compact': 2048, 'thanos-rule': 256, 'thanos-compact-daily': 256 },
  },
  storage: {
    // Seven queues of 2 GiB each and the copy that compaction makes; of a sampler one.
    ...{ collector: '20Gi', sampler: '5Gi', tempo: '20Gi', loki: '20Gi', prometheus: '100Gi', alertmanager: '1Gi' },
    ...{ escalation: '5Gi', monitor: '10Gi' },
    // What a compaction reads and writes: two weeks of one resolution, twice.
    ...{ 'thanos-store': '10Gi', 'thanos-compact': '50Gi', 'thanos-rule': '5Gi', 'thanos-compact-daily': '5Gi' },
  },
  objectStore: true,
  tls: true,
};

/** Tiers that grow by themselves where that is sound. */
export const scale: Size = {
  ...team,
  name: 'scale',
  profile: 'prod',
  replicas: {
    ...team.replicas,
    collector: 3,
    sampler: 4,
    'loki-read': 3,
    'loki-backend': 2,
    grafana: 3,
    'thanos-query': 8,
  },
  most: { collector: 12 },
  memoryMib: { ...team.memoryMib, sampler: 3072, 'loki-read': 4096, 'loki-backend': 4096 },
  // What 100 000 samples, 2.8 MB of logs and 5000 spans a second need (bench/scale-plan.ts, docs/scale.md).
  storage: {
    ...team.storage,
    // Seven queues of 8 GiB each, the copy that compaction makes, and three of a quarter for stores beside ours; of a sampler one, and its copy.
    ...{ collector: '75Gi', sampler: '20Gi' },
    ...{ 'loki-backend': '20Gi', prometheus: '800Gi', loki: '30Gi' },
  },
};

/** Whether others of its kind go on when one of its pods does not. */
export function hasSiblings({ replicas, most }: Size, part: Part): boolean {
  return Math.max(replicas[part] ?? 0, most[part] ?? 0) > 1;
}

export const sizes: readonly Size[] = [single, team, scale];
