import { compose } from '../../place.ts';
import { twins } from '../../twin.ts';
import { second, toElasticsearch, toJaeger } from '../copies.ts';

/** What Compose's Collector reads beside collector.yaml: named by what COMPOSE_PROFILES may be, and by what variables name. */
export default twins('yaml', {
  none: {},
  jaeger: toJaeger(compose),
  'none-but-elasticsearch': toElasticsearch(compose, '/etc/otelcol/elasticsearch/password'),
  'none-but-second': second(compose, '/etc/otelcol/second/headers.yaml'),
});
