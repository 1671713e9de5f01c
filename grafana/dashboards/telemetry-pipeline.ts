/** D18: the way of a span, a point and a log record through the stack, and what the stack itself costs. */
import type { Metric } from '../../queries/metric.ts';
import { promql } from '../../queries/promql.ts';
import {
  alertmanager,
  collector,
  goProcess,
  loki,
  prometheus,
  type Signal,
  scrapedParts,
  tempo,
} from '../../queries/stack-metrics.ts';
import { twin } from '../../twin.ts';
import { dashboard, details, row } from '../dashboard.ts';
import { ledgerRow } from '../ledger-row.ts';
import { bars, mishaps, stat, timeline, timeseries } from '../panels.ts';

const ours = `job=~"${scrapedParts.join('|')}"`;
const fill = promql`${collector.queueSize} / ${collector.queueCapacity}`;
const memory = promql`${goProcess.memory}{${ours}} or ${collector.memory}`;

/** Some counters begin with their first event: until then they are 0, as long as the Collector itself is seen. */
const zero = promql`0 * max(${collector.uptime})`;

const perSecond = (metric: Metric) => promql`sum(rate(${metric}[$__rate_interval])) or ${zero}`;
const inFiveMinutes = (metric: Metric) => promql`sum(increase(${metric}[5m])) or ${zero}`;
const events = (metric: Metric) => promql`sum(increase(${metric}[$__rate_interval]))`;
const eventsOrZero = (metric: Metric) => promql`${events(metric)} or ${zero}`;
const sinceStart = (metric: Metric) => promql`sum(${metric}) or ${zero}`;

const anySignal = ({ traces, metrics, logs }: Record<Signal, Metric>) =>
  promql`${eventsOrZero(traces)} + ${eventsOrZero(metrics)} + ${eventsOrZero(logs)}`;

const story = (signal: Signal) => ({
  Received: perSecond(collector.accepted[signal]),
  Sent: perSecond(collector.sent[signal]),
  Refused: perSecond(collector.refused[signal]),
  Failed: perSecond(collector.sendFailed[signal]),
});

const { refused, limited, enqueueFailed, sendFailed } = collector;
/** Not increase(), which does not see the first value of a counter that begins with a loss. */
const failed = `{__name__=~"${Object.values(sendFailed)
  .map((metric) => metric.name)
  .join('|')}"}`;

const state = row('Is everything arriving?', [
  stat('Parts down', promql`count(${prometheus.up}{${ours}}) - sum(${prometheus.up}{${ours}})`, {
    read: 'Parts of the stack that Prometheus cannot reach, of five. Any but 0: run "npm run status".',
    unit: 'none',
    steps: { green: 0, red: 1 },
  }),
  stat('Delay', promql`time() - max(timestamp(${collector.spanCalls}))`, {
    read: 'Age of the newest metric that came through Collector, queue and Prometheus. The promise is 30 s; above it look at the queues.',
    unit: 's',
    decimals: 0,
    steps: { green: 0, red: 30 },
    empty: 'no spans yet',
  }),
  stat(
    'Refused, 5 min',
    promql`${inFiveMinutes(refused.traces)} + ${inFiveMinutes(refused.metrics)} + ${inFiveMinutes(refused.logs)}`,
    {
      read: 'Spans, points and records that the Collector pushed back. Their senders try again, until their own memory is full: see "Refused, by cause".',
      unit: 'short',
      decimals: 0,
      steps: { green: 0, yellow: 1 },
    },
  ),
  stat('Lost, 1 h', promql`clamp_min((sum(${failed}) or ${zero}) - (sum(${failed} offset 1h) or ${zero}), 0)`, {
    read: 'Spans, points and records given up in the last hour, because a backend refused them for good. Any but 0: the Collector’s log says why. A restart of the Collector begins anew.',
    unit: 'short',
    decimals: 0,
    steps: { green: 0, red: 1 },
  }),
  stat('Fullest queue', promql`max(${fill})`, {
    read: 'A queue fills while its backend is away, and nothing is lost. From 50 % on find out why; when it is full, data is refused.',
    unit: 'percentunit',
    decimals: 0,
    steps: { green: 0, yellow: 0.5, red: 0.8 },
  }),
  stat('Disk used', promql`max(${loki.diskUsed})`, {
    read: 'Share of the disk below Loki that is used, by whatever. At 90 % Loki stops writing: make room, or keep less (stack.ts, retentionDays).',
    unit: 'percentunit',
    decimals: 0,
    steps: { green: 0, yellow: 0.8, red: 0.9 },
  }),
  stat('Series', promql`sum(${prometheus.headSeries})`, {
    read: 'Series with recent samples in Prometheus, the main part of its memory. When it jumps, open "What grows".',
    unit: 'short',
  }),
  stat('Memory', promql`sum(${memory})`, {
    read: 'Memory of the five parts together. "npm run up -- --profile" sets the limit of each.',
    unit: 'bytes',
  }),
]);

const trend = row('How does it change?', [
  timeseries('Spans', story('traces'), {
    read: 'Sent follows received. A gap is the queue at work; refused and failed are 0 on a good day.',
    unit: 'cps',
  }),
  timeseries('Metric points', story('metrics'), {
    read: 'Sent is more than received: the Collector adds the span metrics. Refused and failed are 0 on a good day.',
    unit: 'cps',
  }),
  timeseries('Log records', story('logs'), {
    read: 'Sent follows received. A gap is the queue at work; refused and failed are 0 on a good day.',
    unit: 'cps',
  }),
  timeseries(
    'Queue fill',
    { '{{exporter}}': promql`max by (exporter) (${fill})` },
    {
      read: 'Share of each queue that is in use. A rising line is a backend that is away or too slow; it falls once the backend is back.',
      unit: 'percentunit',
      max: 1,
      steps: { green: 0, yellow: 0.5, red: 0.8 },
    },
  ),
  timeseries(
    'Waiting on disk',
    { '{{exporter}}': promql`sum by (exporter) (${collector.queueSize})` },
    {
      read: 'What the Collector has taken and a backend has not. It survives a restart. The limit is the queue of the profile, `disks` in stack.ts.',
      unit: 'bytes',
    },
  ),
  timeseries(
    'Requests in flight',
    { '{{exporter}}': promql`sum by (exporter) (${collector.inFlight})` },
    {
      read: 'Requests being sent, the pause before a retry included. A line that stays at 4, all senders of a queue, is a backend that does not answer.',
      unit: 'short',
      empty: 'nothing has been exported since the Collector started.',
    },
  ),
]);

const cause = row('Why?', [
  timeline(
    'Parts that answer',
    { '{{job}}': promql`max by (job) (${prometheus.up}{${ours}})` },
    {
      read: 'Which part Prometheus could scrape, and when not. A red stretch explains most of what else is on this page.',
      unit: 'bool_yes_no',
      steps: { red: 0, green: 1 },
    },
  ),
  mishaps(
    'Refused, by cause',
    {
      'Memory is short': anySignal(limited),
      'Queue is full': anySignal(enqueueFailed),
    },
    {
      read: 'Memory is short: raise the profile, or send less. Queue is full: bring the backend back.',
      unit: 'short',
    },
  ),
  timeseries(
    'Failed since the Collector started',
    {
      Spans: sinceStart(sendFailed.traces),
      Points: sinceStart(sendFailed.metrics),
      Records: sinceStart(sendFailed.logs),
    },
    {
      read: 'Given up for good; each step is a loss. Compare with "Discarded by the backends", which has the reason.',
      unit: 'short',
    },
  ),
  mishaps(
    'Discarded by the backends',
    {
      'Loki: {{reason}}': promql`sum by (reason) (increase(${loki.discarded}[$__rate_interval]))`,
      'Tempo: {{reason}}': promql`sum by (reason) (increase(${tempo.spansDiscarded}[$__rate_interval]))`,
      'Tempo: refused': events(tempo.spansRefused),
      'Prometheus: too old': events(prometheus.tooOld),
      'Prometheus: out of order': events(prometheus.outOfOrder),
      'Prometheus: out of bounds': events(prometheus.outOfBounds),
    },
    {
      read: 'What a backend took no part of, by its own reason. Too old: a sender’s clock is wrong, or an outage was longer than lateSampleHours in stack.ts.',
      height: 10,
      unit: 'short',
      empty: 'the lines of Loki and Tempo begin with their first discard.',
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
      read: 'How long each backend works on one request of the Collector. A slow one fills its queue: look at its memory and at the disk.',
      height: 10,
      unit: 's',
      empty: 'the line of a backend begins with its first batch.',
    },
  ),
  mishaps(
    'Writes to disk that failed',
    {
      'Prometheus: log': promql`sum(increase(${prometheus.walWritesFailed}{job="prometheus"}[$__rate_interval]))`,
      'Prometheus: compaction': events(prometheus.compactionsFailed),
      'Loki: disk full': events(loki.walDiskFull),
      'Loki: chunks': events(loki.flushFailures),
      'Tempo: compaction': events(tempo.compactionErrors),
    },
    {
      read: 'Above 0 data is being lost although senders were told that all is well: make room on the disk now.',
      height: 10,
      unit: 'short',
    },
  ),
]);

const cost = details('What does the stack itself cost?', [
  timeseries(
    'Memory, by part',
    { '{{job}}': promql`sum by (job) (${memory})` },
    {
      read: 'Resident memory. Its limits are the profiles in stack.ts; the Go runtime keeps below 80 % of them.',
      unit: 'bytes',
      width: 6,
    },
  ),
  timeseries(
    'CPU, by part',
    {
      '{{job}}': promql`sum by (job) (rate(${goProcess.cpuSeconds}{${ours}}[$__rate_interval]) or rate(${collector.cpuSeconds}[$__rate_interval]))`,
    },
    { read: '100 % is one core. Peaks every two hours are Prometheus writing a block.', unit: 'percentunit', width: 6 },
  ),
  timeseries(
    'Disk, by store',
    {
      Prometheus: promql`sum(${prometheus.blockBytes}) + sum(${prometheus.headChunkBytes}) + sum(${prometheus.walBytes}{job="prometheus"})`,
      Tempo: promql`sum(${tempo.storedBytes}{status="live"})`,
      'Collector queues': promql`sum(${collector.queueSize})`,
    },
    {
      read: 'What is kept. Loki does not say how much it keeps; see "Disk used" for all together.',
      unit: 'bytes',
      empty: 'the line of Tempo begins with its first finished block, after up to half an hour.',
      width: 6,
    },
  ),
  bars(
    'Own series, by part',
    { '{{job}}': promql`sort_desc(sum by (job) (${prometheus.scraped}{${ours}}))` },
    {
      read: 'How many series each part of the stack says about itself: the price of this dashboard.',
      unit: 'short',
      width: 6,
    },
  ),
]);

const growth = details('What grows, what is late?', [
  timeseries('Series begun', promql`sum(rate(${prometheus.seriesCreated}[$__rate_interval]))`, {
    read: 'New series per second. A line that does not come down is a label with ever new values: look for it among the bars.',
    unit: 'cps',
  }),
  timeseries(
    'Samples stored',
    { '{{type}}': promql`sum by (type) (rate(${prometheus.samplesAppended}[$__rate_interval]))` },
    { read: 'Samples per second that Prometheus keeps, the stack’s own included.', unit: 'cps' },
  ),
  bars(
    'Span series, by service',
    { '{{service_name}}': promql`topk(10, count by (service_name) (${collector.spanCalls}))` },
    {
      read: 'Series that the span names of a service make. Hundreds mean that ids are in its span names: name spans after the kind of work.',
      unit: 'short',
      empty: 'no spans yet.',
    },
  ),
  timeseries(
    'Streams and open traces',
    {
      'Log streams': promql`sum(${loki.streams})`,
      'Open traces': promql`sum(avg_over_time(${tempo.liveTraces}[$__rate_interval])) or sum(avg_over_time(${tempo.liveTraces28}[$__rate_interval]))`,
    },
    {
      read: 'Each log stream costs Loki memory and small files; only service, environment and retention class may make one.',
      unit: 'short',
      empty: 'the lines begin with the first log record and the first span.',
    },
  ),
  timeseries(
    'Scrape age',
    { '{{job}}': promql`max by (job) (time() - timestamp(${prometheus.up}{${ours}}))` },
    {
      read: 'Seconds since each part was last looked at: up to 15. A rising line means that Prometheus is late.',
      unit: 's',
    },
  ),
  mishaps(
    'Alerts that got stuck',
    {
      'Rules that failed': events(prometheus.ruleFailures),
      'Not taken by Alertmanager': events(prometheus.notificationErrors),
      'Given up by Prometheus': events(prometheus.notificationsDropped),
      'Not taken by a receiver': events(alertmanager.notificationsFailed),
    },
    {
      read: 'Above 0 someone is not told: the line names the step at which an alert stays behind.',
      unit: 'short',
      empty: 'the line of the rules begins when a rule file is loaded.',
    },
  ),
]);

export default twin(
  'json',
  dashboard(
    'telemetry-pipeline',
    { question: 'Does everything that services send arrive, in time, and what does the stack itself cost?' },
    [state, trend, cause, ledgerRow, cost, growth],
  ),
);
