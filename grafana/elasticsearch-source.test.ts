import { expect, test } from 'vitest';
import { compose } from '../place.ts';
import { datasources } from './datasources.ts';
import { elasticsearchSource } from './elasticsearch-source.ts';
import { jaegerSource, sources } from './jaeger-source.ts';

const chosen = [elasticsearchSource(compose), jaegerSource(compose)];

test('P07 what was chosen leads to ours: from a log record to its trace, from a span to its logs', () => {
  const [elasticsearch, jaeger] = chosen as [ReturnType<typeof elasticsearchSource>, ReturnType<typeof jaegerSource>];
  const ours = datasources(compose).datasources.map(({ uid }) => uid as string);
  expect(elasticsearch.jsonData.dataLinks.map(({ field, datasourceUid }) => [field, datasourceUid])).toEqual([
    ['trace_id', 'tempo'],
  ]);
  expect(ours).toEqual(expect.arrayContaining(['tempo', jaeger.jsonData.tracesToLogsV2.datasourceUid]));
  // Beside ours, never in place of one.
  for (const { uid, name } of chosen)
    expect([...ours, ...ours.map((one) => one.toUpperCase())], name).not.toContain(uid);
});

test('P06 Grafana reads the password of its user from a file, and its configuration holds none', () => {
  const { basicAuthUser, secureJsonData } = elasticsearchSource(compose);
  expect(basicAuthUser).toBe('grafana');
  expect(secureJsonData).toEqual({
    basicAuthPassword: '$__file{/run/fleetscope/secrets/elasticsearch-reader-password}',
  });
});

test('P07 a file of sources forgets those that are in it no more', () => {
  expect(sources()).toEqual({ apiVersion: 1, prune: true, datasources: [] });
});
