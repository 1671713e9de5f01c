import { dskitClient, dskitPaths, dskitProbes, dskitServer } from '../mutual.ts';
import { fromEnvironment } from '../object-store.ts';
import { address, addresses, compose, logsReader, type Place, scheme } from '../place.ts';
import { gossipName, gossipPorts, type RetentionClass, retentionDays } from '../stack.ts';
import { twin } from '../twin.ts';

/** As what Loki may run: `loki` alone is all of it; beside the others it takes logs, and they answer and tidy up. */
export type LokiPart = 'loki' | 'loki-read' | 'loki-backend';

/** Loki on local files in one process, or in several that share a store of objects. Logs arrive by OTLP from the Collector. */
export function loki(place: Place, part: LokiPart = 'loki') {
  const data = place.data(part);
  const several = place.replicas('loki').length > 1;
  const apart = place.has('loki-backend');
  if (several && !place.objectStore)
    throw new RangeError(
      'Cannot run several Lokis: they would not see each other’s files. Give the size a store of objects.',
    );
  const objectStore = place.objectStore ? 's3' : 'filesystem';
  const [reader, backend] = [logsReader(place), apart ? 'loki-backend' : 'loki'] as const;
  return {
    auth_enabled: false,
    server: {
      http_listen_address: place.bind,
      http_listen_port: place.port('loki', 'http'),
      grpc_listen_address: place.bind,
      grpc_listen_port: place.port('loki', 'grpc'),
      log_level: 'info',
      ...dskitServer(place),
    },
    ...dskitProbes(place, part),
    common: {
      instance_addr: several ? podIp : '127.0.0.1',
      path_prefix: data,
      // Each line is with three ingesters, of which two must have it before it is acknowledged: one may be gone.
      replication_factor: several ? 3 : 1,
      ring: { kvstore: { store: several ? 'memberlist' : 'inmemory' } },
      ...(part === 'loki-read' && { compactor_grpc_address: address(place, 'loki-backend', 'grpc') }),
      ...(!place.objectStore && {
        storage: { filesystem: { chunks_directory: `${data}/chunks`, rules_directory: `${data}/rules` } },
      }),
    },
    ...(several && { memberlist: memberlist(place) }),
    schema_config: {
      configs: [
        {
          from: '2026-01-01',
          store: 'tsdb',
          object_store: objectStore,
          schema: 'v13',
          index: { prefix: 'index_', period: '24h' },
        },
      ],
    },
    ...(place.objectStore && {
      // The client that 4.0 takes by default.
      storage_config: {
        use_thanos_objstore: true,
        object_store: { s3 },
        // Which lines are in which object: kept by few, and asked of them.
        ...(part === 'loki-read' && {
          tsdb_shipper: {
            index_gateway_client: {
              server_address: `dns+${address(place, 'loki-backend', 'grpc')}`,
              ...dskitClient(place, 'loki-backend'),
            },
          },
        }),
      },
      ruler_storage: { backend: 's3', s3, storage_prefix: 'rules' },
    }),
    ingester: {
      wal: {
        enabled: true,
        flush_on_shutdown: true,
        // The default is more than its memory; beyond this a replay writes to the store as it goes.
        replay_memory_ceiling: `${Math.floor(place.memoryMib(part) / 2)}MB`,
      },
      // Of several the next one restarts only when this one has been well for a while.
      ...(!several && { lifecycler: { min_ready_duration: '0s' } }),
    },
    // In one process the parts find each other by these look-ups: 10 s each, before Loki says it is ready.
    frontend: { scheduler_dns_lookup_period: '1s', ...dskitClient(place, reader) },
    frontend_worker: { dns_lookup_duration: '1s', ...dskitClient(place, reader) },
    ...(place.tls && {
      query_scheduler: dskitClient(place, reader),
      ingester_client: dskitClient(place, 'loki'),
      compactor_grpc_client: dskitClient(place, backend).grpc_client_config,
    }),
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
      // Each of several compactors has its own list of what to delete, and only the elected one works its own off.
      ...(several && { deletion_mode: 'disabled' }),
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
    },
    compactor: {
      working_directory: `${data}/compactor`,
      retention_enabled: true,
      delete_request_store: objectStore,
      compaction_interval: '10m',
      // Whoever is elected next finds what the last one had marked, and deletes it.
      ...(several && { deletion_marker_object_store_prefix: 'markers/' }),
    },
    ...((!apart || part === 'loki-read') && {
      ruler: {
        // All of them, as Prometheus tells all.
        alertmanager_url: addresses(place, 'alertmanager', 'http')
          .map((at) => `${scheme(place, 'alertmanager', 'http')}://${at}`)
          .join(','),
        enable_alertmanager_v2: true,
        ...(place.tls && {
          alertmanager_client: dskitPaths(place, 'alertmanager'),
          ruler_client: dskitClient(place, reader).grpc_client_config,
        }),
        // Each rule is one ruler's.
        ...(several && { enable_sharding: true }),
      },
    }),
    analytics: { reporting_enabled: false },
  };
}

/** By its modules, not as `read`, `write` and `backend`: those names end with Loki 4.0. */
const modules: Record<LokiPart, string> = {
  loki: 'distributor,ingester',
  // The ruler asks as a querier does; beside an index gateway it would make that one ask itself.
  'loki-read': 'query-frontend,query-scheduler,querier,ruler',
  'loki-backend': 'compactor,index-gateway',
};

/** What a part is started with beside its file. The variables that it expands: object-store.ts's, and its own address. */
export function lokiArgs(place: Place, part: LokiPart = 'loki'): string[] {
  return [
    ...(place.objectStore ? ['-config.expand-env=true'] : []),
    ...(place.has('loki-backend') ? [`-target=${modules[part]}`] : []),
  ];
}

const podIp = fromEnvironment('POD_IP');

const s3 = {
  bucket_name: fromEnvironment('FLEETSCOPE_S3_LOGS_BUCKET'),
  endpoint: fromEnvironment('FLEETSCOPE_S3_ENDPOINT'),
  region: fromEnvironment('FLEETSCOPE_S3_REGION'),
  insecure: fromEnvironment('FLEETSCOPE_S3_INSECURE'),
  access_key_id: fromEnvironment('AWS_ACCESS_KEY_ID'),
  secret_access_key: fromEnvironment('AWS_SECRET_ACCESS_KEY'),
};

/** How they know each other: who takes which stream, and who of them compacts. */
function memberlist(place: Place) {
  return {
    bind_addr: [place.bind],
    bind_port: gossipPorts.loki,
    // Pods may have public addresses, which it would not take for its own.
    advertise_addr: podIp,
    // A name that is theirs before they are ready.
    join_members: [`dns+${gossipName('loki')}:${gossipPorts.loki}`],
    // All may have got new addresses at once.
    rejoin_interval: '30s',
    // Others in the cluster gossip too, perhaps at an address that was one of ours.
    cluster_label: 'fleetscope-loki',
    // Encrypted, and the called show a certificate: its servers have no way to ask the caller for one. All of Loki have this name in theirs.
    ...(place.tls && { ...dskitClient(place, 'loki').grpc_client_config, tls_server_name: gossipName('loki') }),
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
