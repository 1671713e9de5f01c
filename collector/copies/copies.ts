import { compose, elasticsearchUsers, url } from '../../place.ts';
import { twins } from '../../twin.ts';
import { namedElasticsearch, second, toElasticsearch, toJaeger } from '../copies.ts';

const jaeger = toJaeger(compose);
const elasticsearch = toElasticsearch(compose, {
  url: url(compose, 'elasticsearch', 'http'),
  user: elasticsearchUsers.writer,
  passwordFile: compose.secret('elasticsearch-writer-password'),
});
const both = {
  ...elasticsearch,
  exporters: { ...elasticsearch.exporters, ...jaeger.exporters },
  service: {
    ...elasticsearch.service,
    pipelines: { ...elasticsearch.service.pipelines, ...jaeger.service.pipelines },
  },
};

/** What Compose's Collector reads beside collector.yaml: named by what COMPOSE_PROFILES may be, and by what variables name. */
export default twins('yaml', {
  none: {},
  jaeger,
  elasticsearch,
  'elasticsearch,jaeger': both,
  'jaeger,elasticsearch': both,
  'none-but-elasticsearch': toElasticsearch(compose, namedElasticsearch('/etc/otelcol/elasticsearch/password')),
  'none-but-second': second(compose, '/etc/otelcol/second/headers.yaml'),
});
