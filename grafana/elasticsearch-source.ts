import { elasticsearchUsers, type Place, url } from '../place.ts';

/** Elasticsearch beside the others, where Compose runs it: from its log records to the same traces as from Loki's. (P07) */
export function elasticsearchSource(place: Place) {
  return {
    name: 'Elasticsearch',
    uid: 'elasticsearch',
    type: 'elasticsearch',
    access: 'proxy',
    url: url(place, 'elasticsearch', 'http'),
    basicAuth: true,
    basicAuthUser: elasticsearchUsers.reader,
    // Grafana reads the file itself.
    secureJsonData: { basicAuthPassword: `$__file{${place.secret('elasticsearch-reader-password')}}` },
    jsonData: {
      index: 'logs-*',
      timeField: '@timestamp',
      logMessageField: 'body.text',
      logLevelField: 'severity_text',
      dataLinks: [{ field: 'trace_id', url: '$${__value.raw}', datasourceUid: 'tempo', urlDisplayLabel: 'View trace' }],
    },
  };
}
