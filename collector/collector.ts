import { exporterTls } from '../mutual.ts';
import { compose, listen, type Place, url } from '../place.ts';
import { intervalSeconds, type retentionDays, sendersToLedger } from '../stack.ts';
import { twin } from '../twin.ts';
import { content } from './content.ts';
import { conventions } from './conventions.ts';
import { edge } from './edge.ts';
import { factsOnly, fleetOnly } from './ledger.ts';
import { deltasApart, metricStores, metricsExporter, toPrometheus } from './metric-stores.ts';
import { memoryLimits, telemetry } from './process.ts';
import { durable, queueFiles } from './queue.ts';
import { redaction } from './redaction.ts';
import { tiers, toTempo } from './tiers.ts';

/** The Collector's configuration. `place` says where its neighbours are: on loopback or by Compose name. */
export function collector(place: Place) {
  const outside = edge(place);
  const otlp = ['otlp', ...Object.keys(outside.receivers)];
  const classes = tiers(place);
  const metrics = metricStores(place);
  const deltas = deltasApart(place);
  return {
    extensions: {
      health_check: { endpoint: listen(place, 'collector', 'health') },
      // Reads the file again when it changes.
      'bearertokenauth/ledger': { filename: place.secret('monitor-ingest-token') },
      ...outside.extensions,
      'file_storage/queue': queueFiles(place, 'collector'),
    },
    receivers: {
      otlp: {
        protocols: {
          grpc: { endpoint: listen(place, 'collector', 'grpc'), max_recv_msg_size_mib: 16, ...wandering(place) },
          http: { endpoint: listen(place, 'collector', 'http'), read_timeout: '30s' },
        },
      },
      ...outside.receivers,
    },
    processors: {
      memory_limiter: { check_interval: '1s', ...memoryLimits(place, 'collector') },
      redaction,
      'transform/conventions': conventions,
      'transform/content': content,
      'transform/loki': forLoki,
      // Prometheus stores cumulative sums; a client that sends deltas is healed here rather than refused.
      delta_to_cumulative: {},
      ...deltas,
      ...classes.processors,
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
      // Behind it each store has a pipeline of its own. Another store is another pipeline: collector/copies.ts.
      'forward/stores': {},
    },
    exporters: {
      'otlp_grpc/tempo': toTempo(place, 'detailed'),
      ...classes.exporters,
      [metricsExporter]: toPrometheus(place),
      ...metrics.exporters,
      'otlp_http/loki': {
        endpoint: `${url(place, 'loki', 'http')}/otlp`,
        ...exporterTls(place, 'loki'),
        ...durable(place, 4096),
      },
      'otlp_http/monitor': {
        endpoint: url(place, 'monitor', 'http'),
        ...exporterTls(place, 'monitor'),
        compression: 'gzip',
        auth: { authenticator: 'bearertokenauth/ledger' },
        ...toLedger(place),
      },
    },
    service: {
      extensions: [
        ...['health_check', 'bearertokenauth/ledger', ...Object.keys(outside.extensions)],
        'file_storage/queue',
      ],
      pipelines: {
        traces: {
          receivers: otlp,
          // Content goes after the conventions have read what stands in it, and before redaction would have searched it;
          // redaction is last, so that nothing that was renamed passes it by.
          processors: ['memory_limiter', 'transform/conventions', 'transform/content', 'redaction'],
          exporters: ['span_metrics', 'forward/stores'],
        },
        'traces/tempo': { receivers: ['forward/stores'], exporters: ['otlp_grpc/tempo'] },
        ...classes.pipelines,
        'traces/ledger': {
          receivers: ['forward/stores'],
          processors: ['filter/ledger', 'transform/ledger', 'batch/apart'],
          exporters: ['otlp_http/monitor'],
        },
        metrics: {
          receivers: [...otlp, 'span_metrics'],
          processors: ['memory_limiter', ...Object.keys(deltas), 'delta_to_cumulative'],
          exporters: ['forward/stores'],
        },
        ...metrics.pipelines,
        logs: {
          receivers: otlp,
          processors: ['memory_limiter', 'transform/content', 'redaction'],
          exporters: ['forward/stores'],
        },
        'logs/loki': {
          receivers: ['forward/stores'],
          processors: ['transform/loki'],
          exporters: ['otlp_http/loki'],
        },
      },
      telemetry: telemetry(place, 'collector'),
    },
  };
}

/** A client keeps its connection, and would never see Collectors that came later: of several, each sends it to look anew. */
function wandering(place: Place) {
  if (place.replicas('collector').length === 1) return {};
  return { keepalive: { server_parameters: { max_connection_age: '1m', max_connection_age_grace: '30s' } } };
}

/** The ledger has one writer and little memory, and refuses what is larger than 4 MiB for good: batches are measured in bytes. */
function toLedger(place: Place) {
  const { sending_queue, ...rest } = durable(place, 1000);
  const batch = { flush_timeout: '200ms', sizer: 'bytes', min_size: 256 * 1024, max_size: 512 * 1024 };
  return { ...rest, sending_queue: { ...sending_queue, num_consumers: sendersToLedger, batch } };
}

/**
 * Loki keeps a log record for the days of its class; the last statement that matches wins. (P04)
 * It drops the name of an event, which then stands in an attribute: `| event_name="audit.violation"`.
 */
export const forLoki = {
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
