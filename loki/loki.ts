import { compose, type Place, url } from '../place.ts';
import { type RetentionClass, retentionDays } from '../stack.ts';
import { twin } from '../twin.ts';

/** Loki in one process on local files. Logs arrive by OTLP from the Collector. */
export function loki(place: Place) {
  const data = place.data('loki');
  return {
    auth_enabled: false,
    server: {
      http_listen_address: place.bind,
      http_listen_port: place.port('loki', 'http'),
      grpc_listen_address: place.bind,
      grpc_listen_port: place.port('loki', 'grpc'),
      log_level: 'info',
    },
    common: {
      instance_addr: '127.0.0.1',
      path_prefix: data,
      replication_factor: 1,
      ring: { kvstore: { store: 'inmemory' } },
      storage: { filesystem: { chunks_directory: `${data}/chunks`, rules_directory: `${data}/rules` } },
    },
    schema_config: {
      configs: [
        {
          from: '2026-01-01',
          store: 'tsdb',
          object_store: 'filesystem',
          schema: 'v13',
          index: { prefix: 'index_', period: '24h' },
        },
      ],
    },
    ingester: { wal: { enabled: true, flush_on_shutdown: true }, lifecycler: { min_ready_duration: '0s' } },
    // In one process the parts find each other by these look-ups: 10 s each, before Loki says it is ready.
    frontend: { scheduler_dns_lookup_period: '1s' },
    frontend_worker: { dns_lookup_duration: '1s' },
    limits_config: {
      otlp_config: {
        // Few index labels: every other resource and log attribute is structured metadata, found by `| key="value"`.
        resource_attributes: {
          ignore_defaults: true,
          attributes_config: [
            { action: 'index_label', attributes: ['service.name', 'service.namespace', 'deployment.environment.name'] },
          ],
        },
        // The only level retention can select on; the Collector computes it.
        log_attributes: [{ action: 'index_label', attributes: ['retention.class'] }],
      },
      retention_period: `${retentionDays.logs.standard * 24}h`,
      retention_stream: (Object.keys(retentionDays.logs) as RetentionClass[]).map(retentionStream),
      // Longer than any outage that the Collector's queue replays, or replayed lines would be refused.
      reject_old_samples_max_age: '168h',
      // A dashboard of 30 days asks for a few lines of each: in hours they are 720 queries, and ten times slower.
      split_queries_by_interval: '24h',
      max_query_length: `${Math.max(...Object.values(retentionDays.logs)) * 24}h`,
      ingestion_rate_mb: 30,
      ingestion_burst_size_mb: 60,
      per_stream_rate_limit: '15MB',
      per_stream_rate_limit_burst: '60MB',
      max_line_size_truncate: true,
      // A replay after an outage arrives beside fresh lines of the same stream.
      unordered_writes: true,
    },
    compactor: {
      working_directory: `${data}/compactor`,
      retention_enabled: true,
      delete_request_store: 'filesystem',
      compaction_interval: '10m',
    },
    ruler: { alertmanager_url: url(place, 'alertmanager', 'http'), enable_alertmanager_v2: true },
    analytics: { reporting_enabled: false },
  };
}

/** The selector for one class; all have the same priority because no record has two. */
function retentionStream(retentionClass: RetentionClass) {
  return {
    selector: `{retention_class="${retentionClass}"}`,
    priority: 1,
    period: `${retentionDays.logs[retentionClass] * 24}h`,
  };
}

export default twin('yaml', loki(compose));
