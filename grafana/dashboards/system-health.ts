/** D08: are the services, what they rest on, and the stack that watches them well? From the answer down to the disk. */
import { errorType } from '../../instrumentation/src/catalog/attributes.ts';
import { ownCpu, ownLevel } from '../../instrumentation/src/catalog/own-cost.ts';
import {
  component,
  dbConnections,
  dbDuration,
  dbOperation,
  healthStatus,
  memoryUsage,
  poolName,
  poolState,
  resourceUtilization,
} from '../../instrumentation/src/catalog/resources.ts';
import {
  eventLoopDelayMean,
  eventLoopDelayP99,
  eventLoopUtilization,
  gcDuration,
  heapUsed,
  httpClientDuration,
  httpServerDuration,
  processCpuTime,
  processDiskIo,
  processMemory,
} from '../../instrumentation/src/catalog/runtime.ts';
import { targets } from '../../prometheus/targets.ts';
import { promql } from '../../queries/promql.ts';
import { collector, loki, prometheus, scrapedParts, tempo } from '../../queries/stack-metrics.ts';
import { twin } from '../../twin.ts';
import { dashboard, details, row } from '../dashboard.ts';
import { buckets, current, grown, percentiles, quantileOf, straight } from '../lines.ts';
import { heatmap, mishaps, stacked, stat, timeline, timeseries } from '../panels.ts';
import { table } from '../table.ts';
import { environment } from '../variables.ts';

const here = 'deployment_environment_name=~"$environment"';
const ours = `job=~"${scrapedParts.join('|')}"`;
const silent = 'no service sends metrics. Start one: "npm run demo".';
const noRequests = 'no service was asked over HTTP in this time.';
const noDatabase = 'no database was asked in this time.';
const { apiSeconds, utilization } = targets;

const requests = promql`${httpServerDuration}_count{${here}}`;
const failures = promql`${httpServerDuration}_count{${here}, http_response_status_code=~"5.."}`;
/** No 5xx yet is no series: as long as requests come, that is none, not unknown many. */
const failing = promql`${grown(failures, [], '5m')} or 0 * ${grown(requests, [], '5m')}`;
const lag = current(promql`${eventLoopDelayP99}{${here}}`);
const memory = current(promql`${processMemory}{${here}}`);
const used = (resource: 'cpu' | 'memory') =>
  promql`max(${current(promql`${resourceUtilization}{${here}, resource_type="${resource}"}`)})`;

const now = row('Is everything well?', [
  stat('API response time, p95', quantileOf('p95', httpServerDuration, here, undefined, '5m'), {
    read: `In the last 5 minutes 95 of 100 requests to the services were answered faster. The promise is ${1000 * apiSeconds.p95} ms; above ${1000 * apiSeconds.p95Critical} ms people leave.`,
    unit: 's',
    steps: { green: 0, yellow: apiSeconds.p95, red: apiSeconds.p95Critical },
    empty: noRequests,
    to: 'sla',
  }),
  stat('API errors', promql`(${failing}) / ${grown(requests, [], '5m')}`, {
    read: 'Share of the requests of the last 5 minutes that were answered with 5xx. The table of routes names the one.',
    unit: 'percentunit',
    empty: noRequests,
    to: 'errors',
  }),
  stat('Database latency, p95', quantileOf('p95', dbDuration, here, undefined, '5m'), {
    read: 'In the last 5 minutes 95 of 100 database calls took less. Slow with a full pool: calls wait for a connection.',
    unit: 's',
    empty: noDatabase,
    to: 'performance',
  }),
  stat(
    'Components not well',
    promql`sum(min by (${component}) (${current(promql`${healthStatus}{${here}}`)}) < bool 2)`,
    {
      read: 'Parts of the system that say they are degraded or down. Any but 0: Operations says which, and since when.',
      unit: 'none',
      steps: { green: 0, red: 1 },
      empty: 'no service says how its parts are.',
      to: 'operations',
    },
  ),
  stat('Event-loop lag, p99', promql`max(${lag})`, {
    read: 'Of the service that is worst off: one of 100 turns was late by more. From 100 ms on every request waits for computing that belongs elsewhere.',
    unit: 's',
    empty: silent,
    to: 'performance',
  }),
  stat('CPU', used('cpu'), {
    read: 'Of the busiest service: how much of what it may use. Above 80 % for 10 minutes someone is told.',
    unit: 'percentunit',
    decimals: 0,
    steps: { green: 0, yellow: utilization.capacity, red: utilization.high },
    empty: silent,
    to: 'operations',
  }),
  stat('Memory', used('memory'), {
    read: 'Of the fullest service: how much of what it may use. A process that is killed for it leaves no trace of its own.',
    unit: 'percentunit',
    decimals: 0,
    steps: { green: 0, yellow: utilization.capacity, red: utilization.high },
    empty: silent,
    to: 'operations',
  }),
  stat('Parts of the stack down', promql`count(${prometheus.up}{${ours}}) - sum(${prometheus.up}{${ours}})`, {
    read: 'Collector, Tempo, Loki, Prometheus, Alertmanager: how many do not answer. Any but 0: what this page shows may be old.',
    unit: 'none',
    steps: { green: 0, red: 1 },
    to: 'telemetry-pipeline',
  }),
]);

const trend = row('How does it change?', [
  timeseries(
    'API response times',
    { ...percentiles(httpServerDuration, here), Target: straight(apiSeconds.p95) },
    {
      read: 'p95 belongs below the dashed line. Only p99 rises: one route, or a pause for garbage. A dot is one request: a click opens its trace.',
      unit: 's',
      empty: noRequests,
      to: 'performance',
    },
  ),
  stacked(
    'API requests, by status',
    {
      '{{http_response_status_code}}': promql`sum by (http_response_status_code) (rate(${httpServerDuration}_count{${here}}[$__rate_interval]))`,
    },
    {
      read: 'Answers a second. 5xx are our own failures; many 4xx at once are one caller who does something wrong.',
      unit: 'reqps',
      empty: noRequests,
    },
  ),
  timeseries('Database latency, p95, by operation', percentiles(dbDuration, here, { of: ['p95'], by: dbOperation }), {
    read: 'One operation slow: its query. All slow: the database, or its disk. A dot is one call: a click opens its trace.',
    unit: 's',
    empty: noDatabase,
  }),
  timeseries(
    'Event-loop lag, p99, by service',
    { '{{service_name}}': promql`max by (service_name) (${lag})` },
    {
      read: 'How late turns are. It rises with CPU: too much to compute. It rises alone: something blocks, such as a synchronous file or a large JSON.',
      unit: 's',
      empty: silent,
    },
  ),
  timeseries(
    'CPU, by service',
    { '{{service_name}}': promql`sum by (service_name) (rate(${processCpuTime}{${here}}[$__rate_interval]))` },
    {
      read: 'Cores in use; 100 % is one core. More CPU for the same requests came with the last deployment, the blue lines.',
      unit: 'percentunit',
      empty: silent,
    },
  ),
  timeseries(
    'Memory, by service',
    { '{{service_name}}': promql`sum by (service_name) (${memory})` },
    {
      read: 'Resident memory. A saw is garbage that is collected; a staircase that never comes down is a leak.',
      unit: 'bytes',
      empty: silent,
    },
  ),
]);

const routes = ['http_request_method', 'http_route'];
const asked = promql`${httpClientDuration}_count{${here}}`;
const unanswered = promql`${httpClientDuration}_count{${here}, error_type!=""}`;
const cause = row('Is it us, whom we ask, or the stack?', [
  table(
    'Routes',
    {
      Method: { label: 'http_request_method' },
      Route: { label: 'http_route' },
      Requests: { query: grown(requests, routes), unit: 'short', decimals: 0, bar: true },
      '5xx': {
        query: promql`${grown(failures, routes)} or 0 * ${grown(requests, routes)}`,
        unit: 'short',
        decimals: 0,
        steps: { green: 0, red: 1 },
      },
      p95: {
        query: promql`histogram_quantile(0.95, sum by (${routes.join(', ')}, le) (rate(${httpServerDuration}_bucket{${here}}[$__range])))`,
        unit: 's',
        steps: { green: 0, yellow: apiSeconds.p95, red: apiSeconds.p95Critical },
      },
    },
    {
      read: 'Our own API, in the time range, the slowest first. A route is empty where no framework names it.',
      sort: 'p95',
      empty: noRequests,
    },
  ),
  table(
    'Whom we ask',
    {
      Host: { label: 'server_address' },
      Requests: { query: grown(asked, ['server_address']), unit: 'short', decimals: 0, bar: true },
      Failed: {
        query: promql`${grown(unanswered, ['server_address'])} or 0 * ${grown(asked, ['server_address'])}`,
        unit: 'short',
        decimals: 0,
        steps: { green: 0, yellow: 1 },
      },
      p95: {
        query: promql`histogram_quantile(0.95, sum by (server_address, le) (rate(${httpClientDuration}_bucket{${here}}[$__range])))`,
        unit: 's',
      },
    },
    {
      read: 'Services that ours call over HTTP, in the time range, the slowest first. Slow here and slow there: it is not us.',
      sort: 'p95',
      empty: 'no service has asked another over HTTP in this time.',
    },
  ),
  timeline(
    'Parts of the stack that answer',
    { '{{job}}': promql`max by (job) (${prometheus.up}{${ours}})` },
    {
      read: 'A red stretch: this part was away, and what it should have stored came later, or not at all.',
      unit: 'bool_yes_no',
      steps: { red: 0, green: 1 },
      to: 'telemetry-pipeline',
    },
  ),
  timeseries(
    'Queues of the Collector',
    { '{{exporter}}': promql`max by (exporter) (${collector.queueSize} / ${collector.queueCapacity})` },
    {
      read: 'Share of each queue that is in use. It rises while a backend is away, and nothing is lost until it is full.',
      unit: 'percentunit',
      max: 1,
      to: 'telemetry-pipeline',
    },
  ),
  timeseries(
    'Time to take a batch, mean',
    {
      Tempo: promql`sum(rate(${tempo.pushSeconds}_sum[$__rate_interval])) / sum(rate(${tempo.pushSeconds}_count[$__rate_interval]))`,
      Loki: promql`sum(rate(${loki.requestSeconds}_sum{route="otlp_v1_logs"}[$__rate_interval])) / sum(rate(${loki.requestSeconds}_count{route="otlp_v1_logs"}[$__rate_interval]))`,
      Prometheus: promql`sum(rate(${prometheus.requestSeconds}_sum{handler="/api/v1/otlp/v1/metrics"}[$__rate_interval])) / sum(rate(${prometheus.requestSeconds}_count{handler="/api/v1/otlp/v1/metrics"}[$__rate_interval]))`,
    },
    {
      read: 'How long each backend works on one request of the Collector. One that slows down is short of memory, CPU or disk.',
      unit: 's',
      empty: 'the line of a backend begins with its first batch.',
      to: 'telemetry-pipeline',
    },
  ),
]);

/** What a program fills by what it does; the other spaces are V8's own and stay as they are. */
const filled = '(new|old|code|trusted|large_object|new_large_object)_space';

const runtime = details('What does the runtime do?', [
  timeseries(
    'Heap, by space',
    {
      '{{v8js_heap_space_name}}': promql`sum by (v8js_heap_space_name) (${current(promql`${heapUsed}{${here}, v8js_heap_space_name=~"${filled}"}`)})`,
    },
    {
      read: 'The old space holds what lives long: when it only grows, take a heap snapshot. A large object space that grows: big strings or buffers.',
      unit: 'bytes',
      empty: silent,
    },
  ),
  timeseries(
    'Time in garbage collection, by kind',
    { '{{v8js_gc_type}}': promql`sum by (v8js_gc_type) (rate(${gcDuration}_sum{${here}}[$__rate_interval]))` },
    {
      read: 'Share of a second in which the program stood still. Minor is everyday; much of major: the heap is nearly full.',
      unit: 'percentunit',
      empty: 'nothing had to be collected in this time.',
    },
  ),
  heatmap('Pauses for garbage collection', buckets(gcDuration, here), {
    read: 'How long each pause was. Those above 100 ms are felt by whoever asks at that moment.',
    unit: 's',
    empty: 'nothing had to be collected in this time.',
  }),
  timeseries(
    'Event loop in use, by service',
    { '{{service_name}}': promql`max by (service_name) (${current(promql`${eventLoopUtilization}{${here}}`)})` },
    {
      read: 'Share of the time in which the loop had something to do. Near 100 % the process takes no more: run another.',
      unit: 'percentunit',
      max: 1,
      empty: silent,
    },
  ),
  timeseries(
    'Event-loop lag, mean, by service',
    { '{{service_name}}': promql`max by (service_name) (${current(promql`${eventLoopDelayMean}{${here}}`)})` },
    {
      read: 'A few ms is the resolution of the timer itself. A mean that follows the p99 is a loop that is always late.',
      unit: 's',
      empty: silent,
    },
  ),
  timeseries(
    'Disk, by direction',
    { '{{disk_io_direction}}': promql`sum by (disk_io_direction) (rate(${processDiskIo}{${here}}[$__rate_interval]))` },
    {
      read: 'Bytes a second that the services read from and wrote to disks, caches excluded.',
      unit: 'Bps',
      empty: 'only Linux tells, and no service there sends metrics.',
    },
  ),
]);

const parts = details('What do the parts use?', [
  timeseries(
    'Connections, by pool and state',
    {
      '{{db_client_connection_pool_name}}: {{db_client_connection_state}}': promql`sum by (${poolName}, ${poolState}) (${current(promql`${dbConnections}{${here}}`)})`,
    },
    {
      read: 'None idle for a while: calls wait for a connection. Make the pool larger, or the calls shorter.',
      unit: 'short',
      empty: 'no service tells of its pools.',
    },
  ),
  timeseries(
    'Memory, by component',
    { '{{component}}': promql`sum by (${component}) (${current(promql`${memoryUsage}{${here}}`)})` },
    {
      read: 'What parts hold: the process itself, and what was asked of others, such as a Redis or an index in memory.',
      unit: 'bytes',
      empty: silent,
    },
  ),
  mishaps(
    'Database calls that failed',
    {
      '{{db_operation_name}}: {{error_type}}': grown(
        promql`${dbDuration}_count{${here}, error_type!=""}`,
        [dbOperation, errorType],
        '$__interval',
      ),
    },
    {
      every: '1m',
      read: 'By operation and error. A lock or a timeout: too many at once. Anything else: a change of the schema, or of the code.',
      unit: 'short',
      empty: 'no database call has failed.',
      to: 'errors',
    },
  ),
]);

const instances = 'service_name, service_instance_id, service_version';
const processes = details('Which process?', [
  table(
    'Processes',
    {
      Service: { label: 'service_name' },
      Version: { label: 'service_version' },
      Instance: { label: 'service_instance_id' },
      CPU: {
        query: promql`sum by (${instances}) (rate(${processCpuTime}{${here}}[5m]))`,
        unit: 'percentunit',
        decimals: 0,
      },
      Memory: { query: promql`sum by (${instances}) (${memory})`, unit: 'bytes', bar: true },
      'Lag, p99': { query: promql`max by (${instances}) (${lag})`, unit: 's' },
      'Own cost': {
        query: promql`sum by (${instances}) (${current(promql`${ownCpu}{${here}}`)})`,
        unit: 'percentunit',
        decimals: 2,
      },
      Level: { query: promql`min by (${instances}) (${current(promql`${ownLevel}{${here}}`)})`, unit: 'none' },
    },
    {
      read: 'One line per process. Own cost is the share of a core that telemetry takes; level 3 records everything, 2 spans, 1 metrics only: below 3 it stepped down so as not to hurt the service.',
      sort: 'Memory',
      width: 24,
      empty: silent,
    },
  ),
]);

export default twin(
  'json',
  dashboard('system-health', { question: 'Are the services, and what they rest on, well?', variables: [environment] }, [
    now,
    trend,
    cause,
    runtime,
    parts,
    processes,
  ]),
);
