/** How large an overlay is: what differs between one node and many stands here, and nowhere else. */
import type { Component, Profile } from '../stack.ts';

export type SizeName = 'single' | 'team' | 'scale';

export interface Size {
  readonly name: SizeName;
  /** Memory limits, by stack.ts. */
  readonly profile: Profile;
  readonly replicas: Readonly<Record<Component, number>>;
  /** Of each volume claim; a class of the cluster decides where they are. */
  readonly storage: Readonly<Partial<Record<Component, string>>>;
}

/** One node, one of each, on the volumes of the cluster's default storage class. */
export const single: Size = {
  name: 'single',
  profile: 'team',
  replicas: {
    ...{ collector: 1, tempo: 1, loki: 1, prometheus: 1, alertmanager: 1, escalation: 1, monitor: 1, grafana: 1 },
  },
  storage: {
    // Four queues of 1 GiB each, and the copy that compaction makes.
    ...{ collector: '10Gi', tempo: '50Gi', loki: '50Gi', prometheus: '50Gi', alertmanager: '1Gi' },
    ...{ escalation: '5Gi', monitor: '10Gi', grafana: '1Gi' },
  },
};
