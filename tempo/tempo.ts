import { dskitClient, dskitProbes, dskitServer, receiverTls, tlsConfig } from '../mutual.ts';
import { fromEnvironment } from '../object-store.ts';
import { addresses, compose, listen, type Place, scheme } from '../place.ts';
import { longRetentionDays, retentionDays } from '../stack.ts';
import { twin } from '../twin.ts';
import { classesFile, hasClasses, hours, longestDays } from './classes.ts';
import type { TempoLine } from './line.ts';

/** One Tempo for everything. Each line refuses the other's keys, hence the argument. */
export function tempo(place: Place, line: TempoLine) {
  const data = place.data('tempo');
  const classed = hasClasses(place);
  return {
    ...(classed && { multitenancy_enabled: true }),
    stream_over_http_enabled: true,
    server: {
      http_listen_address: place.bind,
      http_listen_port: place.port('tempo', 'http'),
      grpc_listen_address: place.bind,
      grpc_listen_port: place.port('tempo', 'grpc'),
      log_level: 'info',
      ...dskitServer(place),
    },
    ...dskitProbes(place, 'tempo'),
    ...(place.tls && itself(place, line)),
    distributor: {
      receivers: {
        otlp: { protocols: { grpc: { endpoint: listen(place, 'tempo', 'otlp'), ...receiverTls(place) } } },
      },
    },
    query_frontend: {
      ...(line === '3.0' && { query_end_cutoff: '1s' }),
      // As far back as there are traces; the default ends after a week, and a page over a month would show an error.
      search: { max_duration: hours(classed ? longestDays : retentionDays.traces) },
    },
    ...freshness[line](data),
    storage: {
      trace: {
        backend: place.objectStore ? 's3' : 'local',
        wal: { path: `${data}/wal` },
        ...(place.objectStore ? { s3 } : { local: { path: `${data}/blocks` } }),
      },
    },
    // Service graphs only: the Collector already makes the span metrics, from every span.
    metrics_generator: {
      storage: {
        path: `${data}/generator`,
        remote_write: addresses(place, 'prometheus', 'http').map((address) => ({
          url: `${scheme(place, 'prometheus', 'http')}://${address}/api/v1/write`,
          send_exemplars: true,
          ...tlsConfig(place, 'prometheus'),
        })),
        // Whose traces they were made of is no business of Prometheus's.
        ...(classed && { remote_write_add_org_id_header: false }),
      },
    },
    overrides: {
      defaults: {
        compaction: { block_retention: hours(classed ? longRetentionDays.traces.detailed : retentionDays.traces) },
        metrics_generator: { processors: ['service-graphs'] },
      },
      ...(classed && { per_tenant_override_config: classesFile }),
    },
    usage_report: { reporting_enabled: false },
  };
}

/** Its modules ask each other by gRPC, within one process too. */
function itself(place: Place, line: TempoLine) {
  const client = dskitClient(place, 'tempo');
  return {
    querier: { frontend_worker: client },
    ...(line === '3.0'
      ? { live_store_client: client, backend_scheduler_client: client }
      : { ingester_client: client, metrics_generator_client: client }),
  };
}

/** Its own bucket; the key's name and secret as environment variables too, which Tempo expands (`-config.expand-env`). */
const s3 = {
  bucket: fromEnvironment('FLEETSCOPE_S3_TRACES_BUCKET'),
  endpoint: fromEnvironment('FLEETSCOPE_S3_ENDPOINT'),
  region: fromEnvironment('FLEETSCOPE_S3_REGION'),
  insecure: fromEnvironment('FLEETSCOPE_S3_INSECURE'),
  access_key: fromEnvironment('AWS_ACCESS_KEY_ID'),
  secret_key: fromEnvironment('AWS_SECRET_ACCESS_KEY'),
};

/** What makes a span searchable within seconds. 3.0 hides the newest 30 s from search unless told otherwise (query_end_cutoff). */
const freshness = {
  '3.0': (data: string) => ({
    live_store: {
      ...{ max_trace_idle: '2s', flush_check_period: '1s' },
      // Else below /var/tempo, wherever the rest is.
      ...{ wal: { path: `${data}/live-store/traces` }, shutdown_marker_dir: `${data}/live-store/shutdown-marker` },
    },
    backend_scheduler: { local_work_path: data },
    // It has no job to finish on one machine, and would wait 30 s for none.
    backend_worker: { finish_on_shutdown_timeout: '3s' },
  }),
  '2.8': () => ({
    ingester: {
      trace_idle_period: '2s',
      flush_check_period: '1s',
      // Small blocks: completing its default of half an hour takes more than 1.5 GiB for a light load.
      max_block_duration: '5m',
      max_block_bytes: 52_428_800,
      lifecycler: { min_ready_duration: '0s' },
    },
  }),
};

export default twin('yaml', tempo(compose, '3.0'));
