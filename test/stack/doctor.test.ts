import { afterEach, expect, test } from 'vitest';
import { examine, type Report } from '../../doctor/doctor.ts';
import { bend, startStack, type TestStack } from './stack.ts';

let stack: TestStack | undefined;
afterEach(async () => {
  await stack?.stop();
  stack = undefined;
});

test('B09 the doctor finds a span, a metric, a log and an alert at every hop of a healthy stack', async () => {
  stack = await startStack();
  const report = await examine(stack.targets, { canaries: 1, timeoutMs: 30_000 });
  expect(report.hops.map(({ hop, ok }) => `${hop}: ${ok}`)).toEqual([
    'SDK: true',
    'Collector: true',
    'Queue: true',
    'Tempo, by id: true',
    'Tempo, by search: true',
    'Prometheus: true',
    'Loki: true',
    'Ledger: true',
    'Alertmanager: true',
    'Escalation: true',
  ]);
  expect(report.ok).toBe(true);
});

test('B09 with the Collector down the SDK hop fails and names the endpoint setting', async () => {
  stack = await startStack();
  await stack.supervisor.stopOne('collector');
  const report = await examine(stack.targets, { canaries: 1, timeoutMs: 2_000 });
  expect(failed(report, 'SDK')).toContain('OTEL_EXPORTER_OTLP_ENDPOINT');
  expect(failed(report, 'Collector')).toContain('FLEETSCOPE_COLLECTOR_HEALTH');
  expect(report.hops.find(({ hop }) => hop === 'Alertmanager')?.ok).toBe(true);
});

test('B09 a wrong exporter endpoint is told from a backend that is down', async () => {
  // Nothing listens on port 1: what is sent to Loki waits in the queue.
  stack = await startStack((all) =>
    bend(all, 'collector', (text) =>
      text.replace(/endpoint: http:\/\/[\d.:]+\/otlp$/m, 'endpoint: http://127.0.0.1:1/otlp'),
    ),
  );
  const wrong = await examine(stack.targets, { canaries: 1, timeoutMs: 4_000 });
  expect(failed(wrong, 'Loki')).toContain('exporters.otlp_http/loki.endpoint in collector/collector.ts');

  await stack.supervisor.stopOne('tempo');
  const down = await examine(stack.targets, { canaries: 1, timeoutMs: 2_000 });
  expect(failed(down, 'Tempo, by id')).toContain('FLEETSCOPE_TEMPO_HTTP');
});

test('B09 a Prometheus that sends its alerts nowhere is found', async () => {
  stack = await startStack((all) => bend(all, 'prometheus', (text) => text.replace(/^alerting:\n( .*\n)+/m, '')));
  const report = await examine(stack.targets, { canaries: 1, timeoutMs: 2_000 });
  expect(failed(report, 'Alertmanager')).toContain('alerting.alertmanagers in prometheus/prometheus.ts');
});

test('B09 an escalation service that is down, or does not know Alertmanager, is found', async () => {
  stack = await startStack((all) =>
    bend(all, 'alertmanager', (text) => text.replaceAll(/credentials_file: .*$/gm, 'credentials: another')),
  );
  const unknown = await examine(stack.targets, { canaries: 1, timeoutMs: 2_000 });
  expect(failed(unknown, 'Escalation')).toContain('.fleetscope/secrets/escalation-webhook-token');
  expect(unknown.hops.find(({ hop }) => hop === 'Alertmanager')?.ok).toBe(true);

  await stack.supervisor.stopOne('escalation');
  const down = await examine(stack.targets, { canaries: 1, timeoutMs: 2_000 });
  expect(failed(down, 'Escalation')).toContain('FLEETSCOPE_ESCALATION_HTTP');
});

test('B09 a ledger that is down, or does not know the Collector, is found; the stores are as they were', async () => {
  // The Collector reads another secret than the ledger.
  stack = await startStack((all) =>
    bend(all, 'collector', (text) => text.replace(/(filename: .*)monitor-ingest-token$/m, '$1escalation-api-token')),
  );
  const unknown = await examine(stack.targets, { canaries: 1, timeoutMs: 3_000 });
  expect(failed(unknown, 'Ledger')).toContain('.fleetscope/secrets/monitor-ingest-token');
  expect(unknown.hops.find(({ hop }) => hop === 'Tempo, by id')?.ok).toBe(true);

  await stack.supervisor.stopOne('monitor');
  const down = await examine(stack.targets, { canaries: 1, timeoutMs: 2_000 });
  expect(failed(down, 'Ledger')).toContain('FLEETSCOPE_MONITOR_HTTP');
  expect(down.hops.find(({ hop }) => hop === 'Tempo, by id')?.ok).toBe(true);
});

function failed(report: Report, hop: string): string | undefined {
  const found = report.hops.find((one) => one.hop === hop);
  expect(found, `hop "${hop}" of ${JSON.stringify(report.hops, null, 1)}`).toMatchObject({ ok: false });
  return found?.setting;
}
