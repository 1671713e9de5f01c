/** Loki's pods: of one size all in one, of the largest its modules apart. */
import { type LokiPart, lokiArgs } from '../loki/loki.ts';
import { objectStoreEnv } from '../object-store.ts';
import type { Place } from '../place.ts';
import { gossipPorts, type Part } from '../stack.ts';
import type { Program } from './program.ts';

export function lokiPrograms(place: Place): Partial<Record<Part, Program>> {
  const all = {
    loki: {
      ...program(place, 'loki'),
      // What is in memory goes to the store: over the network that takes longer than to a disk.
      graceSeconds: place.objectStore ? 300 : 120,
      startSeconds: 900,
    },
    // It keeps nothing: any is as good as another.
    'loki-read': { ...program(place, 'loki-read'), kind: 'Deployment', graceSeconds: 60 },
    'loki-backend': { ...program(place, 'loki-backend'), graceSeconds: 120 },
  } as const;
  return Object.fromEntries(Object.entries(all).filter(([part]) => place.has(part as LokiPart)));
}

function program(place: Place, part: LokiPart) {
  const several = place.replicas('loki').length > 1;
  return {
    args: [`-config.file=/etc/loki/${part}.yaml`, ...lokiArgs(place, part)],
    env: {
      ...(several && { POD_IP: { fieldRef: { fieldPath: 'status.podIP' } } }),
      ...(place.objectStore && objectStoreEnv('FLEETSCOPE_S3_LOGS_BUCKET')),
    },
    configs: { '/etc/loki': part },
    ...(several && { ports: { gossip: gossipPorts.loki } }),
    scratch: ['/tmp'],
    milliCpu: 250,
  };
}
