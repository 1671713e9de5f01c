import { certificateName, compose, logsReader, metricsReader, type Place, url } from '../place.ts';
import { intervalSeconds, type Part } from '../stack.ts';
import { everyClass, hasClasses, tenantHeader } from '../tempo/classes.ts';
import { twin } from '../twin.ts';
import { toLogs } from './to-logs.ts';

/** The four data sources and the links between them: metric → trace (exemplar) → logs and metrics → trace. */
export function datasources(place: Place) {
  const throughThanos = metricsReader(place) !== 'prometheus';
  const shown = certificate(place);
  const known = (part: Part) =>
    place.tls && { tlsAuth: true, tlsAuthWithCACert: true, serverName: certificateName(part) };
  return {
    apiVersion: 1,
    prune: true,
    datasources: [
      {
        name: 'Prometheus',
        uid: 'prometheus',
        type: 'prometheus',
        access: 'proxy',
        url: url(place, metricsReader(place), 'http'),
        isDefault: true,
        ...shown,
        jsonData: {
          ...known(metricsReader(place)),
          httpMethod: 'POST',
          prometheusType: throughThanos ? 'Thanos' : 'Prometheus',
          // What is older than its samples is answered by what is left of it, at any zoom.
          ...(throughThanos && { customQueryParameters: 'max_source_resolution=auto' }),
          // Drives $__rate_interval: the longest interval at which anything here reports. Panels of the stack itself say less.
          timeInterval: `${intervalSeconds.push}s`,
          manageAlerts: true,
          alertmanagerUid: 'alertmanager',
          exemplarTraceIdDestinations: [{ name: 'trace_id', datasourceUid: 'tempo', urlDisplayLabel: 'View trace' }],
        },
      },
      {
        name: 'Tempo',
        uid: 'tempo',
        type: 'tempo',
        access: 'proxy',
        url: url(place, 'tempo', 'http'),
        ...(hasClasses(place) ? { secureJsonData: { ...shown.secureJsonData, httpHeaderValue1: everyClass } } : shown),
        jsonData: {
          ...known('tempo'),
          ...(hasClasses(place) && { httpHeaderName1: tenantHeader }),
          tracesToLogsV2: toLogs,
          tracesToMetrics: {
            datasourceUid: 'prometheus',
            spanStartTimeShift: '-15m',
            spanEndTimeShift: '15m',
            tags: [{ key: 'service.name', value: 'service_name' }],
            queries: [
              {
                name: 'Spans per second by name',
                query: 'sum by (span_name) (rate(traces_span_metrics_calls_total{$$__tags}[5m]))',
              },
              {
                name: 'p95 by name',
                query:
                  'histogram_quantile(0.95, sum by (le, span_name) (rate(traces_span_metrics_duration_seconds_bucket{$$__tags}[5m])))',
              },
            ],
          },
          serviceMap: { datasourceUid: 'prometheus' },
          nodeGraph: { enabled: true },
        },
      },
      {
        name: 'Loki',
        uid: 'loki',
        type: 'loki',
        access: 'proxy',
        url: url(place, logsReader(place), 'http'),
        ...shown,
        jsonData: {
          ...known(logsReader(place)),
          derivedFields: [
            {
              name: 'trace_id',
              // OTLP logs carry the trace id as structured metadata, not in the line.
              matcherType: 'label',
              matcherRegex: 'trace_id',
              url: '$${__value.raw}',
              datasourceUid: 'tempo',
              urlDisplayLabel: 'View trace',
            },
          ],
        },
      },
      {
        name: 'Alertmanager',
        uid: 'alertmanager',
        type: 'alertmanager',
        access: 'proxy',
        url: url(place, 'alertmanager', 'http'),
        ...shown,
        jsonData: { ...known('alertmanager'), implementation: 'prometheus', handleGrafanaManagedAlerts: false },
      },
    ],
  };
}

/** By which Grafana is known, read from the files when it starts: one that is renewed is shown after the next start. (P06) */
function certificate({ tls }: Place) {
  if (!tls) return {};
  const [tlsCACert, tlsClientCert, tlsClientKey] = [tls.authority, tls.certificate, tls.key].map(
    (path) => `$__file{${path}}`,
  );
  return { secureJsonData: { tlsCACert, tlsClientCert, tlsClientKey } };
}

export default twin('yaml', datasources(compose));
