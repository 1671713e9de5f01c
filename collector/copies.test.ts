import { expect, test } from 'vitest';
import { compose } from '../place.ts';
import { collector } from './collector.ts';
import { namedElasticsearch, second, toElasticsearch, toJaeger } from './copies.ts';

const all = {
  second: second(compose, '/headers'),
  jaeger: toJaeger(compose),
  elasticsearch: toElasticsearch(compose, namedElasticsearch('/password')),
};
const ours = collector(compose);

test.each(Object.entries(all))(
  'P11 a copy for %s makes nobody wait: its own bounded queue and senders, behind a step that tells nobody',
  (_, copy) => {
    const exporters = Object.entries<{ sending_queue: object; retry_on_failure: object }>(copy.exporters);
    expect(exporters).toHaveLength(1);
    for (const [name, { sending_queue, retry_on_failure }] of exporters) {
      expect(name).toMatch(/^otlp_.+\/copy-.+$/);
      expect(sending_queue).toMatchObject({
        storage: 'file_storage/queue',
        block_on_overflow: false,
        num_consumers: 2,
      });
      expect(retry_on_failure).toMatchObject({ max_elapsed_time: '30m' });
    }
    for (const { receivers, processors, exporters: to } of Object.values(copy.service.pipelines)) {
      expect([receivers, processors.at(-1), to]).toEqual([['forward/stores'], 'batch/apart', [exporters[0]?.[0]]]);
    }
  },
);

test('P11 no copy takes a list of collector.yaml apart, or a name of it for itself', () => {
  for (const copy of Object.values(all)) {
    const { pipelines, ...service } = copy.service as { pipelines: object; extensions?: string[] };
    expect(Object.keys(pipelines).filter((name) => name in ours.service.pipelines)).toEqual([]);
    for (const section of ['extensions', 'processors', 'exporters'] as const) {
      const taken = Object.keys((copy as Partial<Record<typeof section, object>>)[section] ?? {});
      expect(taken.filter((name) => name in ours[section])).toEqual([]);
    }
    // A list takes the place of the one before it.
    if (service.extensions) expect(service.extensions).toEqual(expect.arrayContaining([...ours.service.extensions]));
  }
});

test('P11 every pipeline of a signal ends where copies begin, behind redaction', () => {
  expect(ours.service.pipelines.traces.processors.at(-1)).toBe('redaction');
  expect(ours.service.pipelines.logs.processors.at(-1)).toBe('redaction');
  for (const signal of ['traces', 'metrics', 'logs'] as const)
    expect(ours.service.pipelines[signal].exporters).toContain('forward/stores');
});
