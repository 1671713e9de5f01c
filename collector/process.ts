/** What a Collector is as a process, in either tier: how much memory it may have, and what it tells of itself. */
import type { Place } from '../place.ts';
import type { Extra } from '../stack.ts';

/** The parts that a Collector's program runs as. */
type Tier = 'collector' | Extract<Extra, 'sampler'>;

/** In a container the limit is the container's; natively nothing but the profile bounds the process. */
export function memoryLimits(place: Place, tier: Tier) {
  if (place.kind !== 'native') return { limit_percentage: 80, spike_limit_percentage: 20 };
  const mib = place.memoryMib(tier);
  return { limit_mib: Math.floor(mib * 0.8), spike_limit_mib: Math.floor(mib * 0.2) };
}

/** Read from outside by Prometheus, never through the pipelines it reports on. */
export function telemetry(place: Place, tier: Tier) {
  return {
    // Stable, or each restart would begin every span series anew; two Collectors on one host need two.
    resource: { attributes: [{ name: 'service.instance.id', value: instanceId(place, tier) }] },
    logs: { level: 'info', encoding: 'json' },
    metrics: { level: 'normal', readers: [{ pull: { exporter: { prometheus: selfMetrics(place, tier) } } }] },
  };
}

/** In containers the host name, which Compose and Kubernetes set. */
export function instanceId(place: Place, tier: Tier): string {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the Collector expands it, not we.
  return place.kind === 'native' ? tier : '${env:HOSTNAME}';
}

/** The three switches decide the names: `…_total`. */
function selfMetrics(place: Place, tier: Tier) {
  return {
    host: place.bind,
    port: place.port(tier, 'metrics'),
    without_scope_info: true,
    without_type_suffix: false,
    without_units: false,
  };
}
