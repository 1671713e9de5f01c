/** The catalogue's metrics as Prometheus stores them. */
import { metrics } from '../instrumentation/src/catalog/catalog.ts';
import type { Metric as Declared } from '../instrumentation/src/catalog/metric.ts';
import { prometheusLabel, prometheusName } from '../instrumentation/src/catalog/prometheus-name.ts';
import { promotedResourceAttributes } from '../instrumentation/src/catalog/resource-attributes.ts';
import type { Metric } from './metric.ts';

const types = { counter: 'counter', upDownCounter: 'gauge', gauge: 'gauge', histogram: 'histogram' } as const;

/** One entry of the catalogue, with the labels that its series have in Prometheus. */
export function fleetMetric(declared: Declared): Metric {
  return {
    name: prometheusName(declared),
    type: types[declared.kind],
    labels: [
      'job',
      'instance',
      ...promotedResourceAttributes.map(prometheusLabel),
      ...declared.labels.map(({ name }) => prometheusLabel(name)),
    ],
    means: declared.means,
    from: ['application'],
    absentUntil: `a service records ${declared.name}`,
  };
}

export const fleetMetrics: readonly Metric[] = metrics.map(fleetMetric);
