import { workflowRuns } from '../../instrumentation/src/catalog/workflows.ts';
import { compose } from '../../place.ts';
import { logql } from '../../queries/logql.ts';
import { promql, type Query } from '../../queries/promql.ts';
import { collector, loki, overflowed, prometheus } from '../../queries/stack-metrics.ts';
import { freshSeconds } from '../../stack.ts';
import { twin } from '../../twin.ts';
import { alert } from '../kit/alert.ts';
import type { Labels } from '../kit/example-labels.ts';
import { group } from '../kit/group.ts';
import { environment, service } from '../kit/labels.ts';
import { gauge, type Proof, type Story } from '../kit/proof.ts';
import { ruleFile } from '../kit/rule-file.ts';
import { series, stays, type World } from '../kit/world.ts';
import { itemsDiscarded, itemsLost, itemsRefused, itemsSent } from '../pipeline/counts.ts';
import { telemetryAge, telemetryBehind, telemetryStale } from '../pipeline/freshness.ts';
import { ledgerExporter, ofStores } from '../pipeline/stores.ts';
import { type Targets, targets } from '../targets.ts';

const { inFlight, queueSize, queueCapacity } = collector;

/** The Collector calls it `data_type` on its queues. */
const bySignal = (query: Query) => promql`label_replace(${query}, "signal", "$1", "data_type", "(.+)")`;

const collectors = promql`${prometheus.up}{job="collector"}`;

const ofQueue = { job: 'collector', instance: 'collector-1', exporter: 'otlp_grpc/tempo', data_type: 'traces' };

const parts = { ask: 'Which part of the stack is down?', command: 'npm run status' } as const;
const hops = {
  ask: 'At which hop does a test span, metric and record stand still, and why?',
  command: 'npm run doctor',
} as const;

/** Does everything that services send arrive, in time and whole? (A19) */
export function pipeline({ stack }: Targets) {
  return group('pipeline', [
    telemetryAge,
    telemetryBehind,
    telemetryStale,
    itemsSent,
    itemsRefused,
    itemsLost,
    itemsDiscarded,
    alert('CollectorQueueFilling', {
      spec: ['A19'],
      team: 'platform',
      levels: [
        { severity: 'critical', over: stack.queueCritical, for: '1m', keepFiringFor: '5m' },
        { severity: 'high', over: stack.queueHigh, for: '5m', keepFiringFor: '5m' },
      ],
      when: ({ over }) =>
        promql`max by (instance, exporter, signal) (${bySignal(promql`${ofStores(queueSize)} / ${queueCapacity}`)}) > ${over}`,
      summary: 'The queue of {{ $labels.exporter }} fills up',
      description:
        '{{ $value | humanizePercentage }} of the queue of {{ $labels.exporter }} on {{ $labels.instance }} is in use.',
      dashboard: 'telemetry-pipeline',
      runbook: {
        meaning: 'A store is away or too slow, so what services send waits on the Collector’s disk.',
        impact:
          'Nothing is lost yet. When the queue is full, services are told to keep their data; their memory is small.',
        checks: [
          parts,
          {
            ask: 'How fast does it fill? Bytes a second, by queue:',
            query: promql`sum by (exporter) (deriv(${queueSize}[10m]))`,
          },
          hops,
        ],
        remedy: [
          'The store is down: start it. The queue delivers what waits.',
          'The store is slow: look at its memory and its disk, take the next larger profile.',
          'It will be away for long and there is disk: the next larger profile has larger queues.',
        ],
      },
      proof: ({ over }) => {
        const world = (share: number, of: Labels = ofQueue) => [
          ...stays(series(queueSize, of), share * 1000),
          ...stays(series(queueCapacity, of), 1000),
        ];
        return {
          ...plain,
          bad: world(over * 1.05),
          good: world(over),
          recovered: world(over),
          labels,
          value: over * 1.05,
          also: [notOfLedger(world(1, { ...ofQueue, exporter: ledgerExporter }))],
        };
      },
    }),
    alert('CollectorsDown', {
      spec: ['A19', 'A16'],
      team: 'platform',
      levels: [{ severity: 'critical', under: 1, for: '1m', keepFiringFor: '2m' }],
      // Where pods come and go, one that is gone has no `up` that could be 0.
      when: ({ under }) =>
        promql`max by (job) (${collectors} or label_replace(vector(0), "job", "collector", "", "")) < ${under}`,
      summary: 'No Collector is there: nothing that services send is taken',
      description: 'Not one {{ $labels.job }} answers Prometheus (the best up is {{ $value }}).',
      dashboard: 'telemetry-pipeline',
      runbook: {
        meaning: 'Every Collector has been down for a minute, or none runs.',
        impact:
          'Services keep what they cannot send, for a while; then it is lost. Dashboards and alerts on what they send show nothing, so ServiceDown is silent too.',
        checks: [
          parts,
          { ask: 'Which were there, and until when?', query: promql`min by (instance) (${collectors})` },
          {
            ask: 'Did their memory run out? The last use, in bytes:',
            query: promql`max by (instance) (max_over_time(${collector.memory}[1h]))`,
          },
        ],
        remedy: [
          'They were stopped, or scaled to none: npm run up; in Kubernetes, apply the overlay again.',
          'They wait for a node or a volume: kubectl -n fleetscope describe pod -l app.kubernetes.io/name=collector.',
          'A mistake in the configuration, the same for all: roll back.',
        ],
      },
      proof: () => {
        const up = (instance: string, value: number) =>
          stays(series(prometheus.up, { job: 'collector', instance }), value);
        const other = stays(series(prometheus.up, { job: 'tempo', instance: 'tempo' }), 1);
        return {
          ...plain,
          bad: [...up('collector-1', 0), ...up('collector-2', 0), ...other],
          good: [...up('collector-1', 0), ...up('collector-2', 1)],
          recovered: up('collector-1', 1),
          value: 0,
          also: [
            {
              title: 'is told where none is left at all',
              phases: [
                [[...up('collector-1', 1), ...other], 10],
                [other, 10],
              ],
              told: 'at the end',
            },
          ],
        };
      },
    }),
    alert('CollectorExportStuck', {
      spec: ['A19'],
      team: 'platform',
      levels: [{ severity: 'high', over: 0, for: '1m', keepFiringFor: '5m' }],
      // A retry is counted nowhere and never given up: an outage shows as requests in flight while nothing is sent.
      when: ({ over }) =>
        promql`max by (instance, exporter, signal) (${bySignal(promql`min_over_time(${ofStores(inFlight)}[2m])`)}) > ${over} unless ${itemsSent} > 0`,
      summary: '{{ $labels.exporter }} delivers nothing',
      description:
        '{{ $value }} requests of {{ $labels.exporter }} on {{ $labels.instance }} are under way, and for two minutes none has arrived.',
      dashboard: 'telemetry-pipeline',
      runbook: {
        meaning: 'The Collector tries again and again to hand data on, and the other side does not take it.',
        impact: 'Dashboards and alerts on this signal show the past. Nothing is lost while the queue has room.',
        checks: [
          parts,
          { ask: 'How full is its queue?', query: promql`max by (exporter) (${queueSize} / ${queueCapacity})` },
          hops,
        ],
        remedy: [
          'The store is down: start it. The queue delivers what waits.',
          'It answers with an error: the Collector’s log says which. 401 or 403: the credentials; 429: its limits.',
          'A vendor is away: nothing to do, the other exporters have queues of their own.',
        ],
      },
      proof: ({ over }) => ({
        // What is sent is given: how it is counted is proved by the recording.
        bad: [...stays(series(inFlight, ofQueue), 1), ...stays(series(itemsSent, ofExporter), 0)],
        good: [...stays(series(inFlight, ofQueue), 4), ...stays(series(itemsSent, ofExporter), 0.5)],
        recovered: [...stays(series(inFlight, ofQueue), 4), ...stays(series(itemsSent, ofExporter), 0.5)],
        labels,
        value: over + 1,
        trueAfter: 0,
        falseAfter: 1,
        settles: 2,
        also: [
          {
            title: 'is not told of what has only just begun to wait',
            phases: [
              [stays(series(inFlight, ofQueue), 0), 10],
              [stays(series(inFlight, ofQueue), 4), 1],
            ],
            told: { notFrom: 0 },
          },
          {
            title: 'is told after two minutes, however long nothing waited before',
            phases: [
              [stays(series(inFlight, ofQueue), 0), 10],
              [stays(series(inFlight, ofQueue), 1), 3],
            ],
            told: 'at the end',
          },
          notOfLedger(stays(series(inFlight, { ...ofQueue, exporter: ledgerExporter }), 4)),
        ],
      }),
    }),
    alert('CollectorDataLost', {
      spec: ['A19'],
      team: 'platform',
      levels: [{ severity: 'high', over: 0, for: '1m' }],
      when: ({ over }) => promql`${ofStores(itemsLost)} > ${over}`,
      summary: '{{ $labels.exporter }} has given up data for good',
      description:
        '{{ $value }} items ({{ $labels.signal }}) were refused for good by the other side of {{ $labels.exporter }} in the last 15 minutes.',
      dashboard: 'telemetry-pipeline',
      runbook: {
        meaning: 'A store has answered that it will never take this data, so the Collector dropped it.',
        impact: 'These spans, points or records are gone.',
        checks: [
          {
            ask: 'Why did the store refuse them?',
            query: promql`sum by (reason) (increase(${loki.discarded}[15m]))`,
          },
          {
            ask: 'Were samples too old? Then a clock is wrong, or an outage was too long.',
            query: promql`sum(increase(${prometheus.tooOld}[15m])) + sum(increase(${prometheus.outOfBounds}[15m]))`,
          },
          hops,
        ],
        remedy: [
          'One bad sample takes its whole request with it: the Collector’s log names the metric. Mend its sender.',
          'A limit of the store: raise it in loki/loki.ts or tempo/tempo.ts, or send less.',
          'A clock that is wrong: set it.',
        ],
      },
      proof: ({ over }) => {
        const proof = gauge(series(itemsLost, { exporter: 'otlp_grpc/tempo', signal: 'traces' }), { over });
        const ledger = stays(series(itemsLost, { exporter: ledgerExporter, signal: 'traces' }), 1000);
        return { ...proof, also: [...(proof.also ?? []), notOfLedger(ledger)] };
      },
    }),
    alert('CollectorDataRefused', {
      spec: ['A19'],
      team: 'platform',
      levels: [{ severity: 'high', over: 0, for: '5m', keepFiringFor: '5m' }],
      when: ({ over }) => promql`${itemsRefused} > ${over}`,
      summary: 'The Collector refuses {{ $labels.signal }}',
      description:
        '{{ $value | humanize }} items were pushed back by {{ $labels.instance }} in the last 5 minutes. Their senders still have them, for a while.',
      dashboard: 'telemetry-pipeline',
      runbook: {
        meaning: 'The Collector’s memory is short or a queue is full, so it tells services to try again later.',
        impact: 'Services keep what they could not send, as long as their own memory allows; then it is lost.',
        checks: [
          {
            ask: 'Is its memory short?',
            query: promql`sum(increase(${collector.limited.traces}[5m])) or sum(increase(${collector.limited.metrics}[5m])) or sum(increase(${collector.limited.logs}[5m]))`,
          },
          { ask: 'Is a queue full?', query: promql`max by (exporter) (${queueSize} / ${queueCapacity})` },
          hops,
        ],
        remedy: [
          'Memory: npm run up -- --profile team, or send less: sample, or lower a service’s level.',
          'A full queue: bring its store back.',
        ],
      },
      proof: ({ over }) =>
        gauge(series(itemsRefused, { instance: 'collector-1', receiver: 'otlp', signal: 'traces' }), { over }),
    }),
    alert('TelemetryStale', {
      spec: ['A19', 'P08'],
      team: 'platform',
      levels: [{ severity: 'high', over: 0, for: '5m', keepFiringFor: '5m' }],
      when: ({ over }) => promql`${telemetryStale} > ${over}`,
      summary: 'What services send as {{ $labels.signal }} arrives late',
      description: `In {{ $value | humanizePercentage }} of the Collectors data waits longer than ${freshSeconds} s.`,
      dashboard: 'telemetry-pipeline',
      runbook: {
        meaning: `For five minutes, data of this signal has waited longer than ${freshSeconds} s: it is stuck, every sender is busy, or a Collector is down.`,
        impact: 'Dashboards show the past, and alerts come late.',
        checks: [
          parts,
          { ask: 'Which queue holds it?', query: promql`max by (exporter) (${queueSize} / ${queueCapacity})` },
          hops,
        ],
        remedy: [
          'A store or a Collector is down: start it.',
          'A backlog is being worked off: it ends by itself, look at the fill of the queue.',
          'More comes than goes: take the next larger profile, or send less.',
        ],
      },
      proof: ({ over }) => gauge(series(telemetryStale, { signal: 'traces' }), { over }),
    }),
    alert('TelemetryDiscarded', {
      spec: ['A19'],
      team: 'platform',
      levels: [{ severity: 'warning', over: 0, for: '1m' }],
      when: ({ over }) => promql`${itemsDiscarded} > ${over}`,
      summary: '{{ $labels.store }} discards data: {{ $labels.reason }}',
      description: '{{ $value | humanize }} items in the last 15 minutes.',
      dashboard: 'telemetry-pipeline',
      runbook: {
        meaning: 'A store took a request and dropped a part of it, by its own rules. The reason is its own word.',
        impact: 'These lines, spans or samples are gone; the rest arrives.',
        checks: [
          {
            ask: 'Whose log lines? Look for a service that suddenly logs more.',
            query: logql`sum by (service_name) (count_over_time({service_name=~".+"}[15m]))`,
          },
          {
            ask: 'Are samples too old? Then a sender’s clock is wrong.',
            query: promql`sum by (type) (increase(${prometheus.tooOld}[15m]))`,
          },
          hops,
        ],
        remedy: [
          'rate_limited, per_stream_rate_limit, live_traces_exceeded: a service sends too much. Quieten it, or raise the limit.',
          'too old, out of bounds: set the sender’s clock; after an outage longer than lateSampleHours it is to be expected.',
          'trace_too_large: a trace that never ends. Let each unit of work begin its own.',
        ],
      },
      proof: ({ over }) => gauge(series(itemsDiscarded, { store: 'Loki', reason: 'rate_limited' }), { over }),
    }),
    alert('TelemetryCardinalityOverflow', {
      spec: ['A19', 'T10'],
      team: 'platform',
      levels: [{ severity: 'warning', over: 0, for: '5m', keepFiringFor: '15m' }],
      when: ({ over }) =>
        promql`count by (${environment}, ${service}, metric) (label_replace(${overflowed}, "metric", "$1", "__name__", "(.+)")) > ${over}`,
      summary: '{{ $labels.metric }} of {{ $labels.service_name }} has too many label values',
      description:
        '{{ $value }} processes have more label values than a metric may have: what is too much is added up in one series.',
      dashboard: 'telemetry-pipeline',
      runbook: {
        meaning:
          'A label of this metric takes ever new values, such as an id, and the SDK’s limit of series was reached.',
        impact: 'Its sums stay right; by label it is wrong: new values are no longer told apart.',
        checks: [
          { ask: 'Which label grows?', query: promql`count by (${service}, ${environment}) (${overflowed})` },
          { ask: 'How many series does Prometheus hold?', query: promql`sum(${prometheus.headSeries})` },
          {
            ask: 'Do span names grow as well? Their series, by service:',
            query: promql`topk(10, count by (${service}) (${collector.spanCalls}))`,
          },
        ],
        remedy: [
          'Take the label off the metric: an id belongs on spans and logs (instrumentation/README.md).',
          'Many values are right: raise the limit of the view in the service.',
        ],
      },
      proof: ({ over }) => ({
        ...plain,
        bad: stays(series(workflowRuns, { otel_metric_overflow: 'true' }), 7),
        good: stays(series(workflowRuns), 7),
        recovered: stays(series(workflowRuns), 7),
        labels: { metric: 'workflow_runs_total' },
        value: over + 1,
        falseAfter: 5,
      }),
    }),
  ]);
}

const ofExporter = { instance: 'collector-1', exporter: 'otlp_grpc/tempo', signal: 'traces' };
const labels = { signal: 'traces' };

function notOfLedger(world: World): Story {
  return { title: 'is not told of the ledger, which wakes nobody', phases: [[world, 30]], told: { notFrom: 0 } };
}

/** True at once, and over at once. */
const plain = { trueAfter: 0, falseAfter: 1, settles: 1 } satisfies Partial<Proof>;

export default twin('yml', ruleFile(pipeline(targets), compose));
