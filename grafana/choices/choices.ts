import { compose } from '../../place.ts';
import { twins } from '../../twin.ts';
import { jaegerSource, sources } from '../jaeger-source.ts';

/** What Compose's Grafana reads beside datasources.yaml: named by what COMPOSE_PROFILES may be, as collector/copies. */
export default twins('yaml', {
  none: sources(),
  jaeger: sources(jaegerSource(compose)),
});
