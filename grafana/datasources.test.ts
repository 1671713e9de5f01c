import { expect, test } from 'vitest';
import { settings } from '../instrumentation/src/settings.ts';
import { scale, single, team } from '../k8s/size.ts';
import { compose, kubernetes } from '../place.ts';
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

test('P06 where parts have certificates, Grafana shows its own to each, and sees whose it is that answers', () => {
  for (const [size, metrics, logs] of [
    [team, 'thanos-query-frontend', 'loki'],
    [scale, 'thanos-query-frontend', 'loki-read'],
  ] as const) {
    const all = datasources(kubernetes(size)).datasources;
    expect(
      all.map(({ url, jsonData }) => [new URL(url).protocol, (jsonData as { serverName?: string }).serverName]),
    ).toEqual([
      ['https:', metrics],
      ['https:', 'tempo'],
      ['https:', logs],
      ['https:', 'alertmanager'],
    ]);
    for (const { secureJsonData, jsonData } of all) {
      expect(jsonData).toMatchObject({ tlsAuth: true, tlsAuthWithCACert: true });
      expect(secureJsonData).toMatchObject({
        tlsCACert: '$__file{/run/fleetscope/tls/ca.crt}',
        tlsClientCert: '$__file{/run/fleetscope/tls/tls.crt}',
        tlsClientKey: '$__file{/run/fleetscope/tls/tls.key}',
      });
    }
  }
  expect(JSON.stringify([datasources(compose), datasources(kubernetes(single))])).not.toContain('tls');
});
