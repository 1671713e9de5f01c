/** The configuration files that the pods mount: those of Compose, in this place. */
import { alertmanager } from '../alertmanager/alertmanager.ts';
import { collector } from '../collector/collector.ts';
import { datasources } from '../grafana/datasources.ts';
import { composeDashboards, providers } from '../grafana/providers.ts';
import { loki } from '../loki/loki.ts';
import type { Place } from '../place.ts';
import { prometheus } from '../prometheus/prometheus.ts';
import { tempo } from '../tempo/tempo.ts';

/** By the name of the ConfigMap, each with one file of the same name. */
export function configs(place: Place) {
  return {
    collector: collector(place),
    tempo: tempo(place, '3.0'),
    loki: loki(place),
    prometheus: prometheus(place),
    alertmanager: alertmanager(place),
    'grafana-datasources': datasources(place),
    'grafana-providers': providers(composeDashboards),
  };
}
