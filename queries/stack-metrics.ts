/** The metrics that the stack's own parts expose and that queries use. Names and labels as the binaries show them. */
import { prometheusLabel } from '../instrumentation/src/catalog/prometheus-name.ts';
import { promotedResourceAttributes } from '../instrumentation/src/catalog/resource-attributes.ts';
import type { Part } from '../stack.ts';
import type { Metric, MetricType } from './metric.ts';

/** The parts that Prometheus scrapes, where they run; `job` is their name. Those of Thanos have rules of their own. */
export const scrapedParts = [
  'collector',
  'sampler',
  'tempo',
  'loki',
  'loki-read',
  'loki-backend',
  'prometheus',
  'alertmanager',
] as const satisfies Part[];

/** Each signal with the word that the Collector's metric names have for its items. */
export const signals = { traces: 'spans', metrics: 'metric_points', logs: 'log_records' } as const;

export type Signal = keyof typeof signals;

const promoted = promotedResourceAttributes.map(prometheusLabel);
const inCollector = from('collector');
const received = ['receiver', 'transport'];
// Prometheus asks for names as they are, so the dots stay: in a query these are written in quotes.
const exported = ['exporter', 'server.address', 'server.port', 'url.path'];
const firstReceived = 'an application sends its first data of the kind';
const firstExport = 'the first export of the kind';

export const collector = {
  accepted: perSignal((items) =>
    inCollector.counter(`otelcol_receiver_accepted_${items}_total`, received, `${items} taken in`, firstReceived),
  ),
  refused: perSignal((items) =>
    inCollector.counter(
      `otelcol_receiver_refused_${items}_total`,
      received,
      `${items} pushed back: the sender still has them and tries again`,
      firstReceived,
    ),
  ),
  limited: perSignal((items) =>
    inCollector.counter(
      `otelcol_processor_memory_limiter_refused_${items}_total`,
      ['processor'],
      `${items} pushed back because memory is short`,
      'memory is short for the first time',
    ),
  ),
  enqueueFailed: perSignal((items) =>
    inCollector.counter(
      `otelcol_exporter_enqueue_failed_${items}_total`,
      ['exporter'],
      `${items} that found the queue full; those of an application are pushed back`,
      'a queue is full for the first time',
    ),
  ),
  sent: perSignal((items) =>
    inCollector.counter(`otelcol_exporter_sent_${items}_total`, exported, `${items} a backend has taken`, firstExport),
  ),
  sendFailed: perSignal((items) =>
    inCollector.counter(
      `otelcol_exporter_send_failed_${items}_total`,
      exported,
      `${items} given up, because the backend refused them for good; a retry is not counted`,
      'a backend refuses data for good',
    ),
  ),
  queueSize: inCollector.gauge('otelcol_exporter_queue_size', ['exporter', 'data_type'], 'bytes waiting on disk'),
  queueCapacity: inCollector.gauge(
    'otelcol_exporter_queue_capacity',
    ['exporter', 'data_type'],
    'bytes that may wait on disk',
  ),
  inFlight: inCollector.gauge(
    'otelcol_exporter_in_flight_requests',
    ['exporter', 'data_type'],
    'requests being sent, the pause before a retry included',
    firstExport,
  ),
  undecided: from('sampler').counter(
    'otelcol_processor_tail_sampling_sampling_trace_dropped_too_early_total',
    [],
    'traces let go for want of room, before it was decided whether they are kept',
    'a sampler has no room for the first time',
  ),
  cpuSeconds: inCollector.counter('otelcol_process_cpu_seconds_total', [], 'seconds of CPU time used'),
  memory: inCollector.gauge('otelcol_process_memory_rss_bytes', [], 'bytes of memory resident'),
  uptime: inCollector.counter('otelcol_process_uptime_seconds_total', [], 'seconds since the Collector started'),
  // Made by the span_metrics connector and pushed like an application's own, every few seconds, new spans or not.
  spanCalls: ofSpans('traces_span_metrics_calls_total', 'counter', 'spans of each kind'),
  spanSeconds: ofSpans('traces_span_metrics_duration_seconds', 'histogram', 'seconds that spans of each kind took'),
};

const inTempo = from('tempo');

export const tempo = {
  spansReceived: inTempo.counter('tempo_distributor_spans_received_total', ['tenant'], 'spans received', firstReceived),
  spansRefused: inTempo.counter(
    'tempo_receiver_refused_spans',
    ['receiver', 'transport'],
    'spans refused',
    firstReceived,
  ),
  spansDiscarded: inTempo.counter(
    'tempo_discarded_spans_total',
    ['reason', 'tenant'],
    'spans taken and then dropped',
    'Tempo 3.0 drops its first span',
  ),
  pushSeconds: inTempo.histogram('tempo_distributor_push_duration_seconds', [], 'seconds to take one batch'),
  compactionErrors: inTempo.counter('tempodb_compaction_errors_total', [], 'compactions that failed'),
  storedBytes: inTempo.gauge(
    'tempodb_backend_bytes_total',
    ['tenant', 'status'],
    'bytes of blocks, counted every 5 minutes',
    'the first block is complete, up to 30 minutes after the first span',
  ),
  liveTraces: inTempo.gauge('tempo_live_store_live_traces', ['tenant'], 'traces still open', 'Tempo 3.0 has a span'),
  liveTraces28: inTempo.gauge('tempo_ingester_live_traces', ['tenant'], 'traces still open', 'Tempo 2.8 has a span'),
};

const inLoki = from('loki');

export const loki = {
  streams: inLoki.gauge('loki_ingester_memory_streams', ['tenant'], 'label sets with recent lines', firstReceived),
  discarded: inLoki.counter(
    'loki_discarded_samples_total',
    ['reason', 'tenant', 'format', 'policy', 'retention_hours'],
    'lines refused or dropped',
    'Loki refuses its first line',
  ),
  requestSeconds: inLoki.histogram(
    'loki_request_duration_seconds',
    ['method', 'route', 'status_code', 'ws'],
    'seconds per request',
    'the first request of the kind',
  ),
  walDiskFull: inLoki.counter('loki_ingester_wal_disk_full_failures_total', [], 'writes given up: the disk is full'),
  flushFailures: inLoki.counter('loki_ingester_chunks_flush_failures_total', [], 'chunks that could not be stored'),
  diskUsed: inLoki.gauge(
    'loki_ingester_wal_disk_usage_percent',
    [],
    'share of the disk below Loki that is used, 0 to 1 whatever the name says',
  ),
};

const inPrometheus = from('prometheus');

export const prometheus = {
  up: from(...scrapedParts).gauge('up', [], '1 when the last scrape worked'),
  sdFileErrors: inPrometheus.counter('prometheus_sd_file_read_errors_total', [], 'target files that could not be read'),
  scraped: from(...scrapedParts).gauge('scrape_samples_scraped', [], 'samples in the last scrape'),
  headSeries: inPrometheus.gauge('prometheus_tsdb_head_series', [], 'series with recent samples'),
  seriesCreated: inPrometheus.counter('prometheus_tsdb_head_series_created_total', [], 'series begun'),
  samplesAppended: inPrometheus.counter('prometheus_tsdb_head_samples_appended_total', ['type'], 'samples stored'),
  tooOld: inPrometheus.counter('prometheus_tsdb_too_old_samples_total', ['type'], 'samples older than may be late'),
  outOfOrder: inPrometheus.counter('prometheus_tsdb_out_of_order_samples_total', ['type'], 'samples out of order'),
  outOfBounds: inPrometheus.counter('prometheus_tsdb_out_of_bound_samples_total', ['type'], 'samples out of bounds'),
  requests: inPrometheus.counter('prometheus_http_requests_total', ['code', 'handler'], 'requests answered'),
  requestSeconds: inPrometheus.histogram(
    'prometheus_http_request_duration_seconds',
    ['handler'],
    'seconds per request',
    'the first request of the kind',
  ),
  // Tempo and Loki have the next two as well, from the same library: always select job="prometheus".
  walBytes: from('prometheus', 'tempo', 'loki').gauge(
    'prometheus_tsdb_wal_storage_size_bytes',
    ['tenant'],
    'bytes of the write-ahead log',
  ),
  walWritesFailed: from('prometheus', 'tempo', 'loki').counter(
    'prometheus_tsdb_wal_writes_failed_total',
    ['tenant'],
    'writes to the log that failed; the sender was told that all is well',
  ),
  compactionsFailed: inPrometheus.counter('prometheus_tsdb_compactions_failed_total', [], 'compactions that failed'),
  sizeRetentions: inPrometheus.counter(
    'prometheus_tsdb_size_retentions_total',
    [],
    'times that blocks went for want of room, before their days were over',
  ),
  blockBytes: inPrometheus.gauge('prometheus_tsdb_storage_blocks_bytes', [], 'bytes of blocks'),
  headChunkBytes: inPrometheus.gauge('prometheus_tsdb_head_chunks_storage_size_bytes', [], 'bytes of recent chunks'),
  ruleFailures: inPrometheus.counter(
    'prometheus_rule_evaluation_failures_total',
    ['rule_group'],
    'rules that could not be evaluated',
    'a rule file is loaded',
  ),
  ruleIterationsMissed: inPrometheus.counter(
    'prometheus_rule_group_iterations_missed_total',
    ['rule_group'],
    'evaluations left out, because the one before took too long',
    'a rule file is loaded',
  ),
  notificationErrors: inPrometheus.counter(
    'prometheus_notifications_errors_total',
    ['alertmanager'],
    'alerts that Alertmanager did not take',
  ),
  notificationsDropped: inPrometheus.counter(
    'prometheus_notifications_dropped_total',
    ['alertmanager'],
    'alerts given up before Alertmanager took them',
  ),
};

const withThanos = 'it runs in a size that has Thanos';

/** What keeps metrics for years (prometheus/thanos.ts); their `job` is the name of the part. */
export const thanos = {
  halted: inPrometheus.gauge('thanos_compact_halted', [], '1 when the compactor has stopped for good', withThanos),
  todo: inPrometheus.gauge('thanos_compact_todo_compactions', [], 'compactions that are to be done', withThanos),
  uploadsFailed: inPrometheus.counter(
    'thanos_shipper_upload_failures_total',
    [],
    'blocks that the bucket did not take',
    withThanos,
  ),
  bucketFailures: inPrometheus.counter(
    'thanos_objstore_bucket_operation_failures_total',
    ['operation'],
    'requests to the bucket that failed',
    withThanos,
  ),
};

export const alertmanager = {
  notificationsFailed: from('alertmanager').counter(
    'alertmanager_notifications_failed_total',
    ['integration', 'reason'],
    'notifications that a receiver did not take',
  ),
};

/** What Tempo's metrics generator makes of spans that call each other, written to Prometheus without `job`. */
export const serviceGraph = {
  requests: between('traces_service_graph_request_total', 'counter', 'requests from one service to another'),
  failed: between('traces_service_graph_request_failed_total', 'counter', 'of these, the ones that failed'),
  serverSeconds: between('traces_service_graph_request_server_seconds', 'histogram', 'seconds, as the server saw it'),
  clientSeconds: between('traces_service_graph_request_client_seconds', 'histogram', 'seconds, as the client saw it'),
};

const alertLabels = ['alertname', 'severity', 'team', 'slo', 'long', 'short'];
const ofWhat = ['service_name', 'agent_name', 'workflow_name', 'job', 'instance'];

/** What Prometheus itself writes about rules and about who sends by OTLP. */
export const written = {
  alerts: {
    name: 'ALERTS',
    type: 'gauge',
    labels: [...alertLabels, 'alertstate', ...ofWhat],
    means: '1 while an alert is pending or firing',
    from: ['prometheus'],
    absentUntil: 'an alert is pending',
  } satisfies Metric as Metric,
  alertsForState: {
    name: 'ALERTS_FOR_STATE',
    type: 'gauge',
    labels: [...alertLabels, ...ofWhat],
    means: 'since when an alert has been pending or firing, in seconds since 1970',
    from: ['prometheus'],
    absentUntil: 'an alert is pending',
  } satisfies Metric as Metric,
  targetInfo: {
    name: 'target_info',
    type: 'gauge',
    // Name, namespace and instance of the service are in `job` and `instance`, and nowhere else.
    labels: ['job', 'instance', 'service_version', 'deployment_environment_name'],
    means: '1 for each process that sends metrics, with what its resource says',
    from: ['application'],
    absentUntil: 'a service sends metrics',
  } satisfies Metric as Metric,
};

/** Any metric of a service that had more label values than the SDK's limit: this series is the sum of the rest. (T10) */
export const overflowed: Metric = {
  name: '{otel_metric_overflow="true"}',
  type: 'gauge',
  labels: ['__name__', 'otel_metric_overflow', 'job', 'instance', ...promoted],
  means: 'what of a metric has no series of its own any more',
  from: ['application'],
  absentUntil: 'a metric has more series than it may',
};

/** What every Go program but the Collector says about itself. */
export const goProcess = {
  cpuSeconds: from('tempo', 'loki', 'prometheus', 'alertmanager').counter(
    'process_cpu_seconds_total',
    [],
    'seconds of CPU time used',
  ),
  memory: from('tempo', 'loki', 'prometheus', 'alertmanager').gauge(
    'process_resident_memory_bytes',
    [],
    'bytes of memory resident',
  ),
};

export const stackMetrics: readonly Metric[] = [
  ...[collector, tempo, loki, prometheus, thanos, alertmanager, serviceGraph, written, goProcess],
].flatMap((part) => Object.values<Metric | Record<Signal, Metric>>(part).flatMap(entries));

function entries(entry: Metric | Record<Signal, Metric>): Metric[] {
  return 'name' in entry ? [entry as Metric] : Object.values(entry);
}

function perSignal(metric: (items: string) => Metric): Record<Signal, Metric> {
  return {
    traces: metric(signals.traces),
    metrics: metric(signals.metrics),
    logs: metric(signals.logs),
  };
}

/** Builders for the metrics of scraped parts: each series has `job` and `instance` beside its own labels. */
function from(...parts: Part[]) {
  const metric =
    (type: MetricType) =>
    (name: string, labels: string[], means: string, absentUntil?: string): Metric => ({
      name,
      type,
      labels: ['job', 'instance', ...labels],
      means,
      from: parts,
      ...(absentUntil !== undefined && { absentUntil }),
    });
  return { counter: metric('counter'), gauge: metric('gauge'), histogram: metric('histogram') };
}

function ofSpans(name: string, type: MetricType, means: string): Metric {
  return {
    name,
    type,
    labels: [
      ...['job', 'instance', ...promoted, 'collector_instance_id', 'span_name', 'span_kind', 'status_code'],
      ...['http_request_method', 'http_response_status_code', 'error_type'],
    ],
    means,
    from: ['collector'],
    absentUntil: 'an application sends its first span',
  };
}

function between(name: string, type: MetricType, means: string): Metric {
  return {
    name,
    type,
    labels: ['client', 'server', 'connection_type'],
    means,
    from: ['tempo'],
    absentUntil: 'a span of one service has its parent in another',
  };
}
