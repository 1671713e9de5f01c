import { expect, test } from 'vitest';
import { type Signal, signals } from '../../queries/stack-metrics.ts';
import { allPanelQueries } from '../panel-queries.ts';

const asked = allPanelQueries()
  .filter((query) => query.dashboard === 'telemetry-pipeline')
  .map((query) => query.expr)
  .join('\n');

const perSignal = {
  received: 'otelcol_receiver_accepted',
  refused: 'otelcol_receiver_refused',
  sent: 'otelcol_exporter_sent',
  failed: 'otelcol_exporter_send_failed',
  'stopped by a full queue': 'otelcol_exporter_enqueue_failed',
  'stopped by short memory': 'otelcol_processor_memory_limiter_refused',
};

test.each(
  Object.entries(perSignal).flatMap(([what, metric]) =>
    (Object.keys(signals) as Signal[]).map((signal) => [signal, what, `${metric}_${signals[signal]}`]),
  ),
)('D18 the pipeline shows what of %s is %s', (_signal, _what, metric) => {
  expect(asked).toContain(metric);
});

test.each([
  ['what is queued', ['otelcol_exporter_queue_size', 'otelcol_exporter_queue_capacity']],
  ['what each backend drops', ['loki_discarded', 'tempo_discarded', 'prometheus_tsdb_too_old']],
  ['freshness', ['time() - max(timestamp(traces_span_metrics_calls_total))', 'timestamp(up']],
  ['cardinality', ['prometheus_tsdb_head_series', 'loki_ingester_memory_streams', 'live_traces']],
  ['the cost of the stack itself', ['process_cpu_seconds', 'process_resident_memory_bytes', 'storage_blocks_bytes']],
])('D18 the pipeline shows %s', (_what, metrics) => {
  for (const metric of metrics) expect(asked).toContain(metric);
});
