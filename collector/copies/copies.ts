import { compose } from '../../place.ts';
import { twins } from '../../twin.ts';
import { second, toJaeger } from '../copies.ts';

/** What Compose's Collector reads beside collector.yaml: named by what COMPOSE_PROFILES may be, and by whether there is a second backend. */
export default twins('yaml', {
  none: {},
  jaeger: toJaeger(compose),
  'none-but-second': second(compose, '/etc/otelcol/second/headers.yaml'),
});
