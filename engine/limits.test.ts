import { describe, expect, test } from 'vitest';
import { collector } from '../collector/collector.ts';
import { native } from '../place.ts';
import { diskSize, prometheus } from '../prometheus/prometheus.ts';
import { disks, goMemoryShare, nodeHeapShare, type Profile, profiles } from '../stack.ts';
import { limitsLine } from './addresses.ts';
import { composeEnv } from './docker.ts';

const sizes = Object.keys(profiles) as Profile[];

describe.each(sizes)('B13 profile %s', (profile) => {
  const place = native({ home: '/h', profile, portOf: () => 4003 });

  test('natively it sets queues, the memory limiter and what Prometheus keeps', () => {
    const { exporters, processors } = collector(place);
    for (const [name, { sending_queue }] of Object.entries(exporters))
      expect(sending_queue.queue_size, name).toBe(disks[profile].queue * 2 ** 20);
    expect(processors.memory_limiter).toMatchObject({ limit_mib: Math.floor(profiles[profile].collector * 0.8) });
    expect(prometheus(place).storage.tsdb.retention).toMatchObject({ size: `${disks[profile].metrics}MB` });
  });

  test('Compose gets the same by its variables', () => {
    expect(composeEnv(profile, () => 4003)).toMatchObject({
      FLEETSCOPE_COLLECTOR_QUEUE_BYTES: String(disks[profile].queue * 2 ** 20),
      FLEETSCOPE_PROMETHEUS_DISK: diskSize(profile),
      FLEETSCOPE_TEMPO_MEMORY: `${profiles[profile].tempo}m`,
      FLEETSCOPE_TEMPO_GOMEMLIMIT: `${Math.floor(profiles[profile].tempo * goMemoryShare)}MiB`,
      FLEETSCOPE_MONITOR_HEAP: `${Math.floor(profiles[profile].monitor * nodeHeapShare)}`,
    });
  });

  test('what `up` prints is the sum', () => {
    const state = { engine: 'docker', profile, startedAt: '', ports: {}, components: {} } as const;
    const memory = Object.values(profiles[profile]).reduce((sum, mib) => sum + mib, 0);
    const disk = (4 * disks[profile].queue + disks[profile].metrics) / 1024;
    expect(limitsLine(state)).toBe(
      `Profile ${profile}: ${memory} MiB of memory at most in all; ${disk} GiB of disk at most for metrics and queues.`,
    );
  });
});

test('B13 each profile has more of everything than the one before', () => {
  for (const [i, profile] of sizes.slice(1).entries()) {
    const smaller = sizes[i] as Profile;
    for (const [component, mib] of Object.entries(profiles[profile]))
      expect(mib, `${component} in ${profile}`).toBeGreaterThanOrEqual(
        profiles[smaller][component as keyof (typeof profiles)['team']],
      );
    expect(disks[profile].queue).toBeGreaterThanOrEqual(disks[smaller].queue);
    expect(disks[profile].metrics).toBeGreaterThan(disks[smaller].metrics);
  }
});
