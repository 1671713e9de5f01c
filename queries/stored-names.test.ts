import { expect, test } from 'vitest';
import { collector } from '../collector/collector.ts';
import { prometheusLabel } from '../instrumentation/src/catalog/prometheus-name.ts';
import { buildResource } from '../instrumentation/src/resource.ts';
import { loki } from '../loki/loki.ts';
import { compose } from '../place.ts';
import { closedValues, logAttributes, resourceAttributes, spanAttributes, streamLabels } from './stored-names.ts';

test('B03 what may stand between the braces is what Loki indexes', () => {
  const { resource_attributes, log_attributes } = loki(compose).limits_config.otlp_config;
  const indexed = [...resource_attributes.attributes_config, ...log_attributes].flatMap(({ attributes }) => attributes);
  expect([...streamLabels].sort()).toEqual(indexed.map(prometheusLabel).sort());
});

test('B03 the retention classes are those that the Collector gives', () => {
  const statements = collector(compose).processors['transform/loki'].log_statements.flatMap(
    ({ statements }) => statements,
  );
  const given = statements.flatMap((statement) => /"retention\.class"\], "(\w+)"/.exec(statement)?.[1] ?? []);
  expect([...(closedValues.get('retention_class') ?? [])].sort()).toEqual(given.sort());
  expect(statements.join('\n')).toContain('log.attributes["event.name"]');
  expect(logAttributes).toContain('event_name');
});

test('B03 what a service says of itself is known', () => {
  const app = { name: 'shop', version: '1.0.0', folder: '.' };
  const { attributes } = buildResource({ serviceName: '', resourceAttributes: {} }, app);
  expect(Object.keys(attributes).filter((name) => !resourceAttributes.has(name))).toEqual([]);
  expect(Object.keys(attributes).length).toBeGreaterThan(8);
});

test('B03 a set is closed only where every declaration of the name closes it', () => {
  expect(closedValues.get('outcome')).toContain('failure');
  expect(closedValues.has('agent_name')).toBe(false);
  expect(spanAttributes).toContain('agent.name');
  expect(spanAttributes).not.toContain('token.kind');
});
