import { expect, test } from 'vitest';
import { diagnose } from './diagnose.ts';
import type { Pipeline } from './pipeline.ts';

function pipeline(queued: number, failed: number, exporter = 'otlp_grpc/tempo'): Pipeline {
  return { exporters: { [exporter]: { queued, capacity: 100, failed } }, refused: 0 };
}

test('B09 the cause of a missing canary is told apart: no answer, refused, waiting, hidden', () => {
  const seen = (answers: boolean, after: Pipeline) =>
    diagnose('Tempo, by search', { answers, before: pipeline(0, 1), after });
  expect(seen(false, pipeline(50, 9))).toContain('FLEETSCOPE_TEMPO_HTTP');
  expect(seen(true, pipeline(50, 9))).toContain('refuses what it sends for good');
  expect(seen(true, pipeline(50, 1))).toContain('exporters.otlp_grpc/tempo.endpoint');
  expect(seen(true, pipeline(0, 1))).toContain('query_end_cutoff');
});

test('B09 a canary that is missing in the ledger: its address, its token, its queue, its filter', () => {
  const of = (queued: number, failed: number) => pipeline(queued, failed, 'otlp_http/monitor');
  const seen = (answers: boolean, after: Pipeline) => diagnose('Ledger', { answers, before: of(0, 1), after });
  expect(seen(false, of(50, 9))).toContain('FLEETSCOPE_MONITOR_HTTP');
  expect(seen(true, of(50, 9))).toContain('monitor-ingest-token');
  expect(seen(true, of(50, 1))).toContain('exporters.otlp_http/monitor.endpoint');
  expect(seen(true, of(0, 1))).toContain('collector/ledger.ts');
});
