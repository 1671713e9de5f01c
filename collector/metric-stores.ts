/** Metrics, to each Prometheus there is: every one of several has all samples, from a queue of its own. (P06) */
import { exporterTls } from '../mutual.ts';
import { addresses, type Place, scheme } from '../place.ts';
import { instanceId } from './process.ts';
import { durable } from './queue.ts';

/** Of the first of them, or the only one. */
export const metricsExporter = 'otlp_http/prometheus';

export function toPrometheus(place: Place, replica = 0) {
  return {
    endpoint: `${scheme(place, 'prometheus', 'http')}://${addresses(place, 'prometheus', 'http')[replica]}/api/v1/otlp`,
    ...exporterTls(place, 'prometheus'),
    // Its OTLP endpoint reads gzip and plain only; anything else is answered 400 and lost.
    compression: 'gzip',
    // Small batches: Prometheus rolls a whole request back for one bad sample (storage/remote/write_otlp_handler.go).
    ...durable(place, 1500),
  };
}

/**
 * Of several each has a pipeline that is `apart`: one that is away until its queue is full misses what comes then, and keeps nothing
 * from the others. Sums are cumulative: what a killed Collector had not yet written down is in the next push.
 */
export function metricStores(place: Place) {
  const [, ...others] = place.replicas('prometheus');
  const pipeline = (exporter: string) => ({
    receivers: ['forward/stores'],
    ...(others.length > 0 && { processors: ['batch/apart'] }),
    exporters: [exporter],
  });
  const names = others.map((_, i) => `prometheus-${i + 1}`);
  return {
    exporters: Object.fromEntries(names.map((name, i) => [`otlp_http/${name}`, toPrometheus(place, i + 1)])),
    pipelines: {
      'metrics/prometheus': pipeline(metricsExporter),
      ...Object.fromEntries(names.map((name) => [`metrics/${name}`, pipeline(`otlp_http/${name}`)])),
    },
  };
}

/**
 * Where several Collectors add deltas up, a client's come now to one and now to another: each makes a sum of its own, told apart by
 * the name that span_metrics uses for the same.
 */
export function deltasApart(place: Place) {
  if (place.replicas('collector').length === 1) return {};
  const mark = `set(datapoint.attributes["collector.instance.id"], "${instanceId(place, 'collector')}")`;
  const statements = [`${mark} where metric.aggregation_temporality == AGGREGATION_TEMPORALITY_DELTA`];
  return { 'transform/deltas': { error_mode: 'ignore', metric_statements: [{ context: 'datapoint', statements }] } };
}
