import { expect, test } from 'vitest';
import { parsePipeline } from './pipeline.ts';

test('B09 queue, capacity, failures and refusals are read from the Collector, with and without _total', () => {
  const text = `# HELP otelcol_exporter_queue_size Current size
otelcol_exporter_queue_size{data_type="traces",exporter="otlp_grpc/tempo"} 12
otelcol_exporter_queue_capacity{data_type="traces",exporter="otlp_grpc/tempo"} 100
otelcol_exporter_send_failed_spans{exporter="otlp_grpc/tempo"} 3
otelcol_exporter_enqueue_failed_spans_total{exporter="otlp_grpc/tempo"} 4
otelcol_receiver_refused_spans_total{receiver="otlp",transport="grpc"} 5
otelcol_receiver_refused_log_records{receiver="otlp",transport="http"} 6
otelcol_process_uptime{} 1`;
  expect(parsePipeline(text)).toEqual({
    exporters: { 'otlp_grpc/tempo': { queued: 12, capacity: 100, failed: 7 } },
    refused: 11,
  });
});
