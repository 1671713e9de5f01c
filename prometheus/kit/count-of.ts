import type { Metric as Declared } from '../../instrumentation/src/catalog/metric.ts';
import { fleetMetric } from '../../queries/fleet-metrics.ts';
import type { Metric } from '../../queries/metric.ts';

/** The counter inside a histogram, for worlds in which its values do not matter: how many were observed. */
export function countOf(histogram: Declared): Metric {
  const stored = fleetMetric(histogram);
  return { ...stored, name: `${stored.name}_count`, type: 'counter' };
}
