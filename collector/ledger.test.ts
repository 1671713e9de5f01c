import { expect, test } from 'vitest';
import { fleetSpan } from '../instrumentation/src/catalog/fleet-spans.ts';
import { compose } from '../place.ts';
import { collector } from './collector.ts';
import { fleetOnly } from './ledger.ts';

/** The pattern as the Collector has it once `$$` is `$` and OTTL has read the string. */
const [, written = ''] = /IsMatch\(span\.name, "(.*)"\)$/.exec(fleetOnly.trace_conditions[0] as string) ?? [];
const filter = new RegExp(written.replaceAll('$$', '$').replaceAll('\\\\', '\\'));

test.each([
  'workflow.execute',
  'workflow.executed',
  'a workflow.execute',
  'workflowxexecute',
  'chat gpt-5',
  'chat ',
  'chat',
  'embeddings text-1',
  'execute_tool search',
  'github.merge',
  'GET /chat gpt-5',
  'escalation.decide',
  'SELECT fleet',
  '',
])('R03 the Collector and the ledger agree on "%s"', (name) => {
  expect(filter.test(name)).toBe(fleetSpan(name) !== undefined);
});

test('R03 a ledger that is away costs the others nothing: a queue of its own, and a step that tells nobody of a full one', () => {
  const { exporters, service } = collector(compose);
  const { processors, exporters: to } = service.pipelines['traces/ledger'];
  expect([processors.at(-1), to]).toEqual(['batch/apart', ['otlp_http/monitor']]);
  expect(exporters['otlp_http/monitor'].sending_queue).toMatchObject({ storage: 'file_storage/queue', sizer: 'bytes' });
  // What the ledger's memory bears, several at once: monitor/ingest/memory.process.test.ts.
  expect(exporters['otlp_http/monitor'].sending_queue.batch).toMatchObject({ sizer: 'bytes', max_size: 524_288 });
  expect(service.pipelines.traces.exporters).not.toContain('otlp_http/monitor');
});
