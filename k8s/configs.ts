/** The configuration files that the pods mount: those of Compose, in this place. */
import { alertmanager } from '../alertmanager/alertmanager.ts';
import { collector } from '../collector/collector.ts';
import { sampler } from '../collector/sampler.ts';
import { datasources } from '../grafana/datasources.ts';
import { composeDashboards, providers } from '../grafana/providers.ts';
import { loki } from '../loki/loki.ts';
import { tlsFiles } from '../mutual.ts';
import type { Place } from '../place.ts';
import { daily } from '../prometheus/daily.ts';
import { ruleFile } from '../prometheus/kit/rule-file.ts';
import { prometheus } from '../prometheus/prometheus.ts';
import { classes, hasClasses } from '../tempo/classes.ts';
import { tempo } from '../tempo/tempo.ts';

/** By the name of the ConfigMap, each with one file of the same name. */
export function configs(place: Place): Record<string, object> {
  return {
    collector: collector(place),
    ...(place.has('sampler') && { sampler: sampler(place) }),
    tempo: tempo(place, '3.0'),
    ...(hasClasses(place) && { 'tempo-classes': classes('3.0') }),
    loki: loki(place),
    ...(place.has('loki-read') && { 'loki-read': loki(place, 'loki-read') }),
    ...(place.has('loki-backend') && { 'loki-backend': loki(place, 'loki-backend') }),
    prometheus: prometheus(place),
    ...(place.has('thanos-rule') && { 'thanos-rule': ruleFile(daily(), place) }),
    alertmanager: alertmanager(place),
    ...tlsFiles(place),
    'grafana-datasources': datasources(place),
    'grafana-providers': providers(composeDashboards),
  };
}
