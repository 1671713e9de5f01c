import { promotedResourceAttributes } from '../instrumentation/src/catalog/resource-attributes.ts';
import { addresses, compose, listen, type Place } from '../place.ts';
import { type Component, intervalSeconds, lateSampleHours, retentionDays } from '../stack.ts';
import { twin } from '../twin.ts';

/** Applications push by OTLP through the Collector; the stack itself is scraped, never through the Collector it watches. */
export function prometheus(place: Place) {
  return {
    global: {
      scrape_interval: `${intervalSeconds.scrape}s`,
      evaluation_interval: `${intervalSeconds.evaluate}s`,
      // Pushed samples arrive a little late: rules look back so far that they are there.
      rule_query_offset: `${intervalSeconds.scrape}s`,
    },
    otlp: {
      // Only what is bounded and asked for in queries; the rest of a resource is on `target_info`.
      promote_resource_attributes: [...promotedResourceAttributes, 'collector.instance.id'],
    },
    storage: {
      tsdb: {
        out_of_order_time_window: `${lateSampleHours}h`,
        retention: { time: `${retentionDays.metrics}d` },
      },
      exemplars: { max_exemplars: 100000 },
    },
    rule_files: [`${place.kind === 'kubernetes' ? kubernetesRules : 'rules'}/*.yml`],
    // Each by itself, never a balancer before them: they agree among themselves who tells.
    alerting: { alertmanagers: [{ static_configs: [{ targets: addresses(place, 'alertmanager', 'http') }] }] },
    scrape_configs: [
      scrape('collector', addresses(place, 'collector', 'metrics')),
      scrape('tempo', addresses(place, 'tempo', 'http')),
      scrape('loki', addresses(place, 'loki', 'http')),
      scrape('prometheus', addresses(place, 'prometheus', 'http')),
      scrape('alertmanager', addresses(place, 'alertmanager', 'http')),
    ],
  };
}

/** Where k8s/ mounts `prometheus/rules`: not inside the configuration's folder, which is mounted read-only. */
export const kubernetesRules = '/etc/fleetscope/rules';

function scrape(job: Component, targets: string[]) {
  return { job_name: job, static_configs: [{ targets }] };
}

/** Command line beside `--config.file`. The lifecycle and admin APIs stay off. */
export function prometheusArgs(place: Place): string[] {
  return [
    `--storage.tsdb.path=${place.data('prometheus')}`,
    `--web.listen-address=${listen(place, 'prometheus', 'http')}`,
    '--web.enable-otlp-receiver',
    // Tempo's service graphs come by remote write.
    '--web.enable-remote-write-receiver',
    '--enable-feature=exemplar-storage',
  ];
}

export default twin('yml', prometheus(compose));
