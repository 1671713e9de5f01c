import { promotedResourceAttributes } from '../instrumentation/src/catalog/resource-attributes.ts';
import { asked, tlsArgument } from '../mutual.ts';
import { addresses, compose, listen, type Place } from '../place.ts';
import {
  disks,
  type Extra,
  intervalSeconds,
  lateSampleHours,
  longRetentionDays,
  type Part,
  type PortOf,
  type Profile,
  retentionDays,
} from '../stack.ts';
import { twin } from '../twin.ts';
import { targetScrapes } from './scrape-targets.ts';
import { periodDays } from './slo/burn.ts';
import { replicaLabel, thanosParts, uploadedFile } from './thanos.ts';

/** Applications push by OTLP through the Collector; the stack itself is scraped, never through the Collector it watches. */
export function prometheus(place: Place) {
  return {
    global: {
      ...(place.has('thanos-sidecar') && { external_labels: whose }),
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
        retention: { time: `${keptDays(place)}d`, ...mostDisk(place) },
      },
      exemplars: { max_exemplars: 100000 },
    },
    rule_files: [`${place.kind === 'kubernetes' ? kubernetesRules : 'rules'}/*.yml`],
    // Each by itself, never a balancer before them: they agree among themselves who tells.
    alerting: {
      // The same alert from both: who of them noticed is not part of it.
      ...(place.has('thanos-sidecar') && { alert_relabel_configs: [{ action: 'labeldrop', regex: replicaLabel }] }),
      alertmanagers: [
        {
          ...asked(place, 'alertmanager', 'http'),
          static_configs: [{ targets: addresses(place, 'alertmanager', 'http') }],
        },
      ],
    },
    scrape_configs: [
      scrape(place, 'collector', 'metrics'),
      ...scrapeExtra(place, 'sampler', 'metrics'),
      scrape(place, 'tempo', 'http'),
      scrape(place, 'loki', 'http'),
      ...scrapeExtra(place, 'loki-read', 'http'),
      ...scrapeExtra(place, 'loki-backend', 'http'),
      scrape(place, 'prometheus', 'http'),
      ...thanosParts.flatMap((part) => scrapeExtra(place, part, 'http')),
      scrape(place, 'alertmanager', 'http'),
      ...targetScrapes(place),
    ],
  };
}

/** In Kubernetes the volume is its own; elsewhere others share the disk, and Compose, with one file for every profile, says it on the command line. */
function mostDisk(place: Place) {
  if (place.kind === 'kubernetes') return { percentage: diskPercent };
  return place.kind === 'native' ? { size: diskSize(place.profile) } : {};
}

/** Of its volume: more, and it drops the oldest, whatever `keptDays` says. The rest is for what a compaction writes. */
export const diskPercent = 80;

/** As Prometheus writes it: a MB is a MiB. */
export function diskSize(profile: Profile): string {
  return `${disks[profile].metrics}MB`;
}

/** Where k8s/ mounts `prometheus/rules`: not inside the configuration's folder, which is mounted read-only. */
export const kubernetesRules = '/etc/fleetscope/rules';

function scrape<P extends Part>(place: Place, job: P, port: PortOf<P>) {
  // The name that has those too which do not answer (k8s/service.ts): from the other they go before an alert on `up` is due.
  const names = { names: [`${place.host(job)}-scrape`], type: 'A', port: place.port(job, port) };
  return place.elastic(job)
    ? { job_name: job, ...asked(place, job, port), dns_sd_configs: [{ ...names, refresh_interval: '15s' }] }
    : { job_name: job, ...asked(place, job, port), static_configs: [{ targets: addresses(place, job, port) }] };
}

function scrapeExtra<P extends Extra>(place: Place, job: P, port: PortOf<P>) {
  return place.has(job) ? [scrape(place, job, port)] : [];
}

/** What tells clusters apart, and in one the two that see the same. Prometheus expands both. */
const whose = {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: Prometheus expands it, not we.
  cluster: '${FLEETSCOPE_CLUSTER}',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: as above.
  [replicaLabel]: '${POD_NAME}',
};

/**
 * Days on its own disk. Where a bucket keeps what lasts, so many as its own rules look back, and one more: they are evaluated here, and tell
 * of an error budget of 30 days also while the bucket is away.
 */
export function keptDays(place: Place): number {
  return place.has('thanos-sidecar') ? Math.max(longRetentionDays.metrics.raw, periodDays) + 1 : retentionDays.metrics;
}

/** Command line beside `--config.file`. The lifecycle and admin APIs stay off. */
export function prometheusArgs(place: Place): string[] {
  return [
    `--storage.tsdb.path=${place.data('prometheus')}`,
    `--web.listen-address=${listen(place, 'prometheus', 'http')}`,
    ...tlsArgument('--web.config.file', place, 'web-tls'),
    '--web.enable-otlp-receiver',
    // Tempo's service graphs come by remote write.
    '--web.enable-remote-write-receiver',
    '--enable-feature=exemplar-storage',
    // Blocks are compacted when the bucket has them: the sidecar sends those of two hours alone.
    ...(place.has('thanos-sidecar')
      ? [`--storage.tsdb.delay-compact-file.path=${place.data('prometheus')}/${uploadedFile}`]
      : []),
  ];
}

export default twin('yml', prometheus(compose));
