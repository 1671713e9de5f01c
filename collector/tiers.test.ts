import { expect, test } from 'vitest';
import { partsOf } from '../k8s/overlay.ts';
import { type Size, scale, single, sizes, team } from '../k8s/size.ts';
import { compose, kubernetes } from '../place.ts';
import { disks, errorWindow, parts, sampledPercent } from '../stack.ts';
import { tenantHeader } from '../tempo/classes.ts';
import { collector } from './collector.ts';
import { sampler } from './sampler.ts';

type Exporter = {
  headers?: Record<string, string>;
  endpoint?: string;
  tls?: { server_name_override?: string };
  protocol?: { otlp: { tls?: { server_name_override?: string } } };
  sending_queue: { storage: string; queue_size: number };
  retry_on_failure: { max_elapsed_time: number; enabled?: boolean; multiplier?: number };
};
type Pipeline = { receivers: string[]; processors?: string[]; exporters: string[] };

const tiered = [team, scale];
const exportersOf = (config: object) => (config as { exporters: Record<string, Exporter> }).exporters;
const pipelinesOf = (config: object) =>
  (config as { service: { pipelines: Record<string, Pipeline> } }).service.pipelines;

test.each(sizes)('P03 in $name everything waits on disk, and nothing is given up', (size) => {
  const place = kubernetes(size);
  const all = [collector(place), ...(place.has('sampler') ? [sampler(place)] : [])].flatMap((config) =>
    Object.entries(exportersOf(config)),
  );
  expect(all.map(([name, { sending_queue }]) => [name, sending_queue.storage])).toEqual(
    all.map(([name]) => [name, 'file_storage/queue']),
  );
  expect(all.filter(([, { retry_on_failure }]) => retry_on_failure.max_elapsed_time !== 0)).toEqual([]);
  // Each is used, or its queue would be a promise that nobody keeps.
  const used = new Set(Object.values(pipelinesOf(collector(place))).flatMap(({ exporters }) => exporters));
  expect(Object.keys(collector(place).exporters).filter((name) => !used.has(name))).toEqual([]);
});

test.each(sizes)('P03 in $name the volumes hold every queue, and the copy that compaction makes', (size: Size) => {
  const place = kubernetes(size);
  const needed = (config: object) => ((Object.keys(exportersOf(config)).length + 1) * disks[size.profile].queue) / 1024;
  const gib = (part: 'collector' | 'sampler') => Number(/^(\d+)Gi$/.exec(size.storage[part] ?? '')?.[1]);
  expect(gib('collector')).toBeGreaterThanOrEqual(needed(collector(place)));
  if (place.has('sampler')) expect(gib('sampler')).toBeGreaterThanOrEqual(needed(sampler(place)));
  else expect(partsOf(size)).not.toContain('sampler');
});

test.each(tiered)('P04 in $name detailed gets all, sampled some, and error what the sampler keeps', (size) => {
  const place = kubernetes(size);
  const config = collector(place);
  const tenants = [config, sampler(place)].flatMap((one) =>
    Object.entries(exportersOf(one)).flatMap(([name, { headers }]) => (headers ? [[name, headers[tenantHeader]]] : [])),
  );
  expect(tenants).toEqual([
    ['otlp_grpc/tempo', 'detailed'],
    ['otlp_grpc/tempo-sampled', 'sampled'],
    ['otlp_grpc/tempo-error', 'error'],
  ]);
  const { 'traces/tempo': detailed, 'traces/sampled': sampled, 'traces/sampler': toSampler } = pipelinesOf(config);
  expect(detailed?.processors ?? [], 'nothing stands between a span and detailed').toEqual([]);
  expect(config.processors['probabilistic_sampler/class']).toMatchObject({ sampling_percentage: sampledPercent });
  expect(sampled?.processors).toEqual(['probabilistic_sampler/class']);
  // A tier that is away refuses nothing.
  expect(toSampler?.processors).toEqual(['batch/apart']);
});

test.each(tiered)('P04 in $name a trace comes to one sampler, by the queue that is on disk', (size) => {
  const { exporters } = collector(kubernetes(size));
  expect(exporters['load_balancing/sampler']).toMatchObject({
    routing_key: 'traceID',
    resolver: { dns: { hostname: 'sampler', port: String(parts.sampler.ports.grpc) } },
    protocol: { otlp: { sending_queue: { enabled: false }, retry_on_failure: { enabled: false } } },
    // It has no defaults: left out, it would not try again, or without a pause.
    retry_on_failure: { enabled: true, multiplier: 1.5 },
  });
});

test('P04 a sampler waits for a root, lets its window end, and makes the Collectors wait when it must', () => {
  const config = sampler(kubernetes(team));
  const { decision_wait, decision_wait_after_root_received: afterRoot } = config.processors['tail_sampling/class'];
  expect([decision_wait, afterRoot]).toEqual([`${errorWindow.mostSeconds}s`, `${errorWindow.afterRootSeconds}s`]);
  expect(config.exporters['otlp_grpc/tempo-error'].sending_queue.block_on_overflow).toBe(true);
  expect(config.service.pipelines.traces.processors[0]).toBe('memory_limiter');
});

test.each(sizes)('P06 in $name each Prometheus has an exporter and a queue of its own', (size) => {
  const place = kubernetes(size);
  const config = collector(place);
  const to = Object.entries(exportersOf(config)).filter(([name]) => name.startsWith('otlp_http/prometheus'));
  expect(to.map(([, { endpoint }]) => endpoint)).toEqual(
    place.replicas('prometheus').map((host) => `${size.tls ? 'https' : 'http'}://${host}:9090/api/v1/otlp`),
  );
  const pipelines = Object.values(pipelinesOf(config)).filter(({ exporters }) =>
    to.some(([name]) => exporters.includes(name)),
  );
  expect(pipelines.map(({ exporters }) => exporters)).toEqual(to.map(([name]) => [name]));
  // Of several, one that is away keeps nothing from the others; the only one pushes back.
  const apart = pipelines.filter(({ processors }) => processors?.includes('batch/apart'));
  expect(apart).toHaveLength(to.length > 1 ? to.length : 0);
});

test.each(tiered)(
  'P06 in $name every exporter shows a certificate, and asks for the name of whom it wants to reach',
  (size) => {
    const place = kubernetes(size);
    const exporters = { ...exportersOf(collector(place)), ...exportersOf(sampler(place)) };
    const names = Object.entries(exporters).map(([name, exporter]) => {
      const { tls } = { ...exporter, ...exporter.protocol?.otlp };
      expect(tls, name).toMatchObject({ ca_file: place.tls?.authority, cert_file: place.tls?.certificate });
      // What dials pods by their addresses finds no address in a certificate.
      return [name.split('/')[1]?.replace(/-(\d|sampled|error)$/, ''), tls?.server_name_override];
    });
    expect(names.length).toBeGreaterThan(6);
    for (const [to, name] of names) expect(name).toBe(to);
    expect(sampler(place).receivers.otlp.protocols.grpc).toMatchObject({
      tls: { client_ca_file: place.tls?.authority, client_ca_file_reload: true, reload_interval: '1m' },
    });
    // Applications of labelled namespaces have no certificate of ours.
    expect(collector(place).receivers.otlp.protocols.grpc).not.toHaveProperty('tls');
    expect(JSON.stringify([collector(kubernetes(single)), collector(compose)])).not.toContain('ca_file');
  },
);

test('P03 several Collectors are found by clients that are connected, and tell their sums apart', () => {
  const several = collector(kubernetes(team));
  expect(several.receivers.otlp.protocols.grpc).toMatchObject({
    keepalive: { server_parameters: { max_connection_age: '1m' } },
  });
  expect(several.service.pipelines.metrics.processors).toEqual([
    'memory_limiter',
    'transform/deltas',
    'delta_to_cumulative',
  ]);
  for (const place of [compose, kubernetes(single)]) {
    const one = collector(place);
    expect(one.receivers.otlp.protocols.grpc).not.toHaveProperty('keepalive');
    expect(one.service.pipelines.metrics.processors).toEqual(['memory_limiter', 'delta_to_cumulative']);
    expect(Object.keys(one.exporters)).toEqual([
      'otlp_grpc/tempo',
      'otlp_http/prometheus',
      'otlp_http/loki',
      'otlp_http/monitor',
    ]);
  }
});
