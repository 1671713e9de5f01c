import { expect, test } from 'vitest';
import { settings } from '../instrumentation/src/settings.ts';
import { compose } from '../place.ts';
import { withoutMacros } from '../queries/macros.ts';
import { intervalSeconds } from '../stack.ts';
import { datasources } from './datasources.ts';
import { sources } from './series.ts';

test('the data sources have the uids that panels name', () => {
  const provisioned = datasources(compose).datasources.map(({ uid, type }) => ({ uid, type }));
  for (const source of Object.values(sources)) expect(provisioned).toContainEqual(source);
});

test('D19 $__rate_interval holds four pushes of a service, in Grafana and where queries are tried', () => {
  const [prometheus] = datasources(compose).datasources;
  expect(prometheus?.jsonData).toMatchObject({ timeInterval: `${intervalSeconds.push}s` });
  expect(withoutMacros('[$__rate_interval]')).toBe(`[${(4 * intervalSeconds.push) / 60}m]`);
  expect(settings.OTEL_METRIC_EXPORT_INTERVAL.unset).toBe(intervalSeconds.push * 1000);
});
