import { address, compose, listen, type Place, url } from '../place.ts';
import { intervalSeconds, queueMib, type retentionDays, sendersPerQueue, sendersToLedger } from '../stack.ts';
import { twin } from '../twin.ts';
import { content } from './content.ts';
import { conventions } from './conventions.ts';
import { factsOnly, fleetOnly } from './ledger.ts';
import { redaction } from './redaction.ts';

/** The Collector's configuration. `place` says where its neighbours are: on loopback or by Compose name. */
export function collector(place: Place) {
  return {
    extensions: {
      health_check: { endpoint: listen(place, 'collector', 'health') },
      // Reads the file again when it changes.
      'bearertokenauth/ledger': { filename: place.secret('monitor-ingest-token') },
      'file_storage/queue': {
        directory: `${place.data('collector')}/queue`,
        create_directory: true,
        // A process that is killed keeps what the page cache has; only a power cut loses unsynced writes.
        fsync: false,
        // After a power cut a broken file is set aside as *.backup, so that the Collector comes up.
        recreate: true,
        compaction: {
          on_start: true,
          on_rebound: true,
          directory: `${place.data('collector')}/queue`,
          cleanup_on_start: true,
        },
      },
    },
    receivers: {
      otlp: {
        protocols: {
          grpc: { endpoint: listen(place, 'collector', 'grpc'), max_recv_msg_size_mib: 16 },
          http: { endpoint: listen(place, 'collector', 'http'), read_timeout: '30s' },
        },
      },
    },
    processors: {
      memory_limiter: { check_interval: '1s', ...memoryLimits(place) },
      redaction,
      'transform/conventions': conventions,
      'transform/content': content,
      'transform/loki': forLoki,
      // Prometheus stores cumulative sums; a client that sends deltas is healed here rather than refused.
      delta_to_cumulative: {},
      'filter/ledger': fleetOnly,
      'transform/ledger': factsOnly,
      // Passes on at once, by itself: when the ledger's queue is full its spans are dropped here, and nobody else is told to
      // send again. A process that is killed in this moment loses them to the ledger alone.
      'batch/apart': { timeout: '0s' },
    },
    connectors: {
      // RED metrics of every span, before anything is sampled. Up to one flush interval is held in memory only.
      span_metrics: {
        histogram: { unit: 's', explicit: { buckets: spanBuckets } },
        dimensions: [{ name: 'http.request.method' }, { name: 'http.response.status_code' }, { name: 'error.type' }],
        exemplars: { enabled: true, max_per_data_point: 5 },
        aggregation_cardinality_limit: 20000,
        metrics_flush_interval: `${intervalSeconds.spanMetrics}s`,
        metrics_expiration: '15m',
      },
      'forward/ledger': {},
    },
    exporters: {
      'otlp_grpc/tempo': {
        endpoint: address(place, 'tempo', 'otlp'),
        tls: { insecure: true },
        compression: 'snappy',
        ...durable(4096),
      },
      // Small batches: Prometheus rolls a whole request back for one bad sample (storage/remote/write_otlp_handler.go).
      'otlp_http/prometheus': {
        endpoint: `${url(place, 'prometheus', 'http')}/api/v1/otlp`,
        // Its OTLP endpoint reads gzip and plain only; anything else is answered 400 and lost.
        compression: 'gzip',
        ...durable(1500),
      },
      'otlp_http/loki': { endpoint: `${url(place, 'loki', 'http')}/otlp`, ...durable(4096) },
      'otlp_http/monitor': {
        endpoint: url(place, 'monitor', 'http'),
        compression: 'gzip',
        auth: { authenticator: 'bearertokenauth/ledger' },
        ...toLedger(),
      },
    },
    service: {
      extensions: ['health_check', 'bearertokenauth/ledger', 'file_storage/queue'],
      pipelines: {
        traces: {
          receivers: ['otlp'],
          // Content goes after the conventions have read what stands in it, and before redaction would have searched it;
          // redaction is last, so that nothing that was renamed passes it by.
          processors: ['memory_limiter', 'transform/conventions', 'transform/content', 'redaction'],
          exporters: ['otlp_grpc/tempo', 'span_metrics', 'forward/ledger'],
        },
        'traces/ledger': {
          receivers: ['forward/ledger'],
          processors: ['filter/ledger', 'transform/ledger', 'batch/apart'],
          exporters: ['otlp_http/monitor'],
        },
        metrics: {
          receivers: ['otlp', 'span_metrics'],
          processors: ['memory_limiter', 'delta_to_cumulative'],
          exporters: ['otlp_http/prometheus'],
        },
        logs: {
          receivers: ['otlp'],
          processors: ['memory_limiter', 'transform/content', 'redaction', 'transform/loki'],
          exporters: ['otlp_http/loki'],
        },
      },
      telemetry: {
        // Stable, or each restart would begin every span series anew; two Collectors on one host need two.
        resource: { attributes: [{ name: 'service.instance.id', value: instanceId(place) }] },
        logs: { level: 'info', encoding: 'json' },
        metrics: {
          level: 'normal',
          readers: [{ pull: { exporter: { prometheus: selfMetrics(place) } } }],
        },
      },
    },
  };
}

/** No `batch` processor: it would acknowledge what only memory holds. The queue is on disk and never gives up. */
function durable(maxItems: number) {
  return {
    timeout: '10s',
    sending_queue: {
      storage: 'file_storage/queue',
      sizer: 'bytes',
      queue_size: queueMib * 1024 * 1024,
      num_consumers: sendersPerQueue,
      batch: { flush_timeout: '200ms', sizer: 'items', min_size: Math.min(1000, maxItems), max_size: maxItems },
    },
    retry_on_failure: { initial_interval: '1s', max_interval: '10s', max_elapsed_time: 0 },
  };
}

/** The ledger has one writer and little memory, and refuses what is larger than 4 MiB for good: batches are measured in bytes. */
function toLedger() {
  const { sending_queue, ...rest } = durable(1000);
  const batch = { flush_timeout: '200ms', sizer: 'bytes', min_size: 256 * 1024, max_size: 512 * 1024 };
  return { ...rest, sending_queue: { ...sending_queue, num_consumers: sendersToLedger, batch } };
}

/** In a container the limit is the container's; natively nothing but the profile bounds the process. */
function memoryLimits(place: Place) {
  if (place.kind !== 'native') return { limit_percentage: 80, spike_limit_percentage: 20 };
  const mib = place.memoryMib('collector');
  return { limit_mib: Math.floor(mib * 0.8), spike_limit_mib: Math.floor(mib * 0.2) };
}

/** In containers the host name, which Compose and Kubernetes set. */
function instanceId(place: Place): string {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the Collector expands it, not we.
  return place.kind === 'native' ? 'collector' : '${env:HOSTNAME}';
}

/** Read from outside by Prometheus, never through the pipelines it reports on. The three switches decide the names: `…_total`. */
function selfMetrics(place: Place) {
  return {
    host: place.bind,
    port: place.port('collector', 'metrics'),
    without_scope_info: true,
    without_type_suffix: false,
    without_units: false,
  };
}

/**
 * Loki keeps a log record for the days of its class; the last statement that matches wins. (P04)
 * It drops the name of an event, which then stands in an attribute: `| event_name="audit.violation"`.
 */
const forLoki = {
  error_mode: 'ignore',
  log_statements: [
    {
      context: 'log',
      statements: [
        `set(log.attributes["retention.class"], "${'standard' satisfies keyof typeof retentionDays.logs}")`,
        'set(log.attributes["retention.class"], "debug") where log.severity_number > 0 and log.severity_number < 9',
        'set(log.attributes["retention.class"], "error") where log.severity_number >= 17',
        'set(log.attributes["retention.class"], "security") where IsMatch(log.event_name, "^security\\\\.")',
        'set(log.attributes["retention.class"], "audit") where IsMatch(log.event_name, "^audit\\\\.")',
        'set(log.attributes["event.name"], log.event_name) where log.event_name != ""',
      ],
    },
  ],
};

/** Seconds. The conventions' HTTP buckets below 10 s, then minutes for agents' work. */
const spanBuckets = [
  '5ms',
  '10ms',
  '25ms',
  '50ms',
  '100ms',
  '250ms',
  '500ms',
  '1s',
  '2.5s',
  '5s',
  '10s',
  '30s',
  '60s',
  '300s',
];

export default twin('yaml', collector(compose));
