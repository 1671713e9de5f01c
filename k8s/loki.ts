/** Loki's pods: of one size all in one, of the largest its modules apart. */
import { type LokiPart, lokiArgs } from '../loki/loki.ts';
import { objectStoreEnv } from '../object-store.ts';
import type { Place } from '../place.ts';
import { gossipPorts, type Part } from '../stack.ts';
import { askedInPlain } from './probes.ts';
import type { Program } from './program.ts';

export function lokiPrograms(place: Place): Partial<Record<Part, Program>> {
  const all = {
    loki: {
      ...program(place, 'loki'),
      // What is in memory goes to the store: over the network that takes longer than to a disk. What 120 s do not suffice for is in the log on disk.
      graceSeconds: place.objectStore && !place.tls ? 300 : 120,
      startSeconds: 900,
    },
    // It keeps nothing: any is as good as another.
    'loki-read': { ...program(place, 'loki-read'), kind: 'Deployment', graceSeconds: place.tls ? 30 : 60 },
    'loki-backend': { ...program(place, 'loki-backend'), graceSeconds: place.tls ? 60 : 120 },
  } as const;
  return Object.fromEntries(Object.entries(all).filter(([part]) => place.has(part as LokiPart)));
}

/**
 * With a second server for the kubelet (probes.ts) none of them ends by itself after SIGTERM: Loki 3.7's two servers wait for each other when all
 * else has ended. So each stands until its grace is over, which is short there.
 */
function program(place: Place, part: LokiPart) {
  const several = place.replicas('loki').length > 1;
  const { ports, probes } = askedInPlain(place, part);
  return {
    args: [`-config.file=/etc/loki/${part}.yaml`, ...lokiArgs(place, part)],
    env: {
      ...(several && { POD_IP: { fieldRef: { fieldPath: 'status.podIP' } } }),
      ...(place.objectStore && objectStoreEnv('FLEETSCOPE_S3_LOGS_BUCKET')),
    },
    configs: { '/etc/loki': part },
    ...(probes && { probes }),
    ...((several || place.tls) && { ports: { ...(several && { gossip: gossipPorts.loki }), ...ports } }),
    scratch: ['/tmp'],
    milliCpu: 250,
  };
}
