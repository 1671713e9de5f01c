import { compose } from '../../place.ts';
import { twins } from '../../twin.ts';
import { elasticsearchSource } from '../elasticsearch-source.ts';
import { jaegerSource, sources } from '../jaeger-source.ts';

const [jaeger, elasticsearch] = [jaegerSource(compose), elasticsearchSource(compose)];

/** What Compose's Grafana reads beside datasources.yaml: named by what COMPOSE_PROFILES may be, as collector/copies. */
export default twins('yaml', {
  none: sources(),
  jaeger: sources(jaeger),
  elasticsearch: sources(elasticsearch),
  'elasticsearch,jaeger': sources(elasticsearch, jaeger),
  'jaeger,elasticsearch': sources(elasticsearch, jaeger),
});
