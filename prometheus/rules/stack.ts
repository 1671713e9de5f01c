import { compose } from '../../place.ts';
import { promql } from '../../queries/promql.ts';
import {
  alertmanager,
  collector,
  goProcess,
  loki,
  prometheus,
  scrapedParts,
  tempo,
} from '../../queries/stack-metrics.ts';
import { intervalSeconds } from '../../stack.ts';
import { twin } from '../../twin.ts';
import { added } from '../kit/added.ts';
import { alert } from '../kit/alert.ts';
import { group } from '../kit/group.ts';
import { gauge, type Proof } from '../kit/proof.ts';
import { rare } from '../kit/rare.ts';
import { ruleFile } from '../kit/rule-file.ts';
import { signOfLife } from '../kit/severity.ts';
import { grows, type SeriesOf, series, stays } from '../kit/world.ts';
import { type Targets, targets } from '../targets.ts';

const ours = `job=~"${scrapedParts.join('|')}"`;

const status = { ask: 'Which parts run, and since when?', command: 'npm run status' } as const;
const doctor = { ask: 'Does a test alert come through, and where does it stop?', command: 'npm run doctor' } as const;
const disk = { ask: 'How full is the disk?', query: promql`max(${loki.diskUsed})` } as const;

/** Is the stack itself well: its parts, its disk, and the way from a rule to a person? (A19) */
export function stack({ stack: limits }: Targets) {
  return group('stack', [
    alert('Watchdog', {
      spec: ['A19'],
      team: 'platform',
      levels: [{ severity: signOfLife, for: '30s' }],
      when: () => promql`vector(1)`,
      summary: 'The way from a rule to a receiver works',
      description:
        'It always fires, with the value {{ $value }}. Whoever stops hearing it knows that alerts do not arrive.',
      dashboard: 'telemetry-pipeline',
      runbook: {
        meaning:
          'Nothing is wrong as long as it fires. Its receiver reports when it has not been heard for some minutes.',
        impact: 'While it is silent, no alert reaches anybody.',
        checks: [
          status,
          doctor,
          {
            ask: 'Do rules run at all?',
            query: promql`sum by (rule_group) (increase(${prometheus.ruleFailures}[5m]))`,
          },
        ],
        remedy: [
          'Prometheus or Alertmanager is down: start it.',
          'Both run: the network between them, or between Alertmanager and its receiver.',
        ],
      },
      proof: () => ({ ...plain, bad: [], good: [], recovered: [], value: 1 }),
    }),
    alert('StackPartDown', {
      spec: ['A19', 'A16'],
      team: 'platform',
      levels: [{ severity: 'critical', under: 1, for: '1m', keepFiringFor: '2m' }],
      // A store’s signal goes with it, so that what follows from it is hidden behind it (alertmanager/inhibition.ts).
      when: ({ under }) =>
        promql`label_replace(label_replace(${prometheus.up}{${ours}}, "signal", "traces", "job", "tempo"), "signal", "logs", "job", "loki") < ${under}`,
      summary: '{{ $labels.job }} is down',
      description: 'Prometheus cannot scrape {{ $labels.job }} on {{ $labels.instance }} (up is {{ $value }}).',
      dashboard: 'telemetry-pipeline',
      runbook: {
        meaning: 'A part of this stack has not answered for a minute.',
        impact:
          'Collector: the others take over; services keep what they cannot send, for a while. Sampler: traces wait in the queue. Loki’s readers: no logs to look at. Tempo, Loki: no traces, no logs to look at; they wait in the queue. Alertmanager: nobody is told of anything.',
        checks: [
          status,
          {
            ask: 'Did its memory run out? Its last use, in bytes:',
            query: promql`max by (job) (max_over_time(${goProcess.memory}{${ours}}[1h]) or max_over_time(${collector.memory}[1h]))`,
          },
          disk,
        ],
        remedy: [
          'It was stopped: npm run up.',
          'It was killed for its memory: take the next larger profile.',
          'It does not start: its log in .fleetscope/logs, or docker compose logs, ends with the reason.',
        ],
      },
      proof: ({ under }) => gauge(series(prometheus.up, { job: 'collector', instance: 'collector-1' }), { under }),
    }),
    alert('StackDiskFilling', {
      spec: ['A19'],
      team: 'platform',
      levels: [
        { severity: 'critical', over: limits.diskCritical, for: '1m', keepFiringFor: '5m' },
        { severity: 'high', over: limits.diskHigh, for: '5m', keepFiringFor: '5m' },
      ],
      when: ({ over }) => promql`max by (instance) (${loki.diskUsed}) > ${over}`,
      summary: 'The disk of the stores fills up',
      description:
        '{{ $value | humanizePercentage }} of the disk below Loki ({{ $labels.instance }}) is in use. At 90 % Loki stops writing.',
      dashboard: 'telemetry-pipeline',
      runbook: {
        meaning: 'The disk that holds logs, usually traces and metrics as well, has little room left.',
        impact: 'When it is full, Prometheus says "taken" and drops, Loki refuses, the Collector’s queue cannot grow.',
        checks: [
          {
            ask: 'What grows? Bytes of Prometheus, Tempo and the queues:',
            query: promql`sum(${prometheus.blockBytes}) or sum(${tempo.storedBytes}) or sum(${collector.queueSize})`,
          },
          { ask: 'How fast, in share of the disk an hour?', query: promql`3600 * max(deriv(${loki.diskUsed}[1h]))` },
          {
            ask: 'What else is on this disk?',
            command: 'df -h && du -xh --max-depth=2 / 2>/dev/null | sort -h | tail',
          },
        ],
        remedy: [
          'Remove what does not belong there.',
          'Keep less: retentionDays in stack.ts, then npm run up.',
          'A larger disk.',
        ],
      },
      proof: ({ over }) => gauge(series(loki.diskUsed, { job: 'loki', instance: 'loki-1' }), { over }),
    }),
    alert('PrometheusWritesFailing', {
      spec: ['A19'],
      team: 'platform',
      levels: [{ severity: 'critical', over: 0, for: '1m', keepFiringFor: '15m' }],
      // Tempo and Loki have the same metric, from the same library.
      when: ({ over }) =>
        promql`sum(${added(promql`${prometheus.walWritesFailed}{job="prometheus"}`, '5m')}) > ${over}`,
      summary: 'Prometheus cannot write, and says that all is well',
      description:
        '{{ $value }} writes to its log failed in the last 5 minutes; the senders were told that they succeeded.',
      dashboard: 'telemetry-pipeline',
      runbook: {
        meaning:
          'The write-ahead log takes no more, almost always because the disk is full. Prometheus answers 200 all the same.',
        impact: 'Samples are lost now. Counters heal with the next sample that is written, gauges do not.',
        checks: [
          disk,
          status,
          { ask: 'Do compactions fail as well?', query: promql`sum(increase(${prometheus.compactionsFailed}[1h]))` },
        ],
        remedy: [
          'Make room on the disk, now.',
          'The disk is broken or read-only: move the data to another, then npm run up.',
        ],
      },
      proof: ({ over }) =>
        rare(series(prometheus.walWritesFailed, { job: 'prometheus', instance: 'p-1' }), { over, within: '5m' }),
    }),
    alert('PrometheusRulesFailing', {
      spec: ['A19'],
      team: 'platform',
      levels: [{ severity: 'high', over: 0, for: '1m', keepFiringFor: '5m' }],
      when: ({ over }) => promql`sum by (rule_group) (increase(${prometheus.ruleFailures}[5m])) > ${over}`,
      summary: 'Rules of {{ $labels.rule_group }} cannot be evaluated',
      description: '{{ $value | humanize }} evaluations failed in the last 5 minutes: these alerts cannot fire.',
      dashboard: 'telemetry-pipeline',
      runbook: {
        meaning: 'A query of this group fails each time, usually because two series meet that should be one.',
        impact: 'The alerts and recordings of this group see nothing.',
        checks: [
          { ask: 'Which rule, and why? Look for lastError:', command: 'npm run doctor' },
          { ask: 'Since when?', query: promql`sum by (rule_group) (increase(${prometheus.ruleFailures}[1h]))` },
          status,
        ],
        remedy: [
          'Two processes send the same series: give each its own service.instance.id.',
          'A query is wrong: mend it in prometheus/rules, prove it, npm run generate.',
        ],
      },
      proof: ({ over }) => happens(series(prometheus.ruleFailures, ofGroup), over, 1),
    }),
    alert('PrometheusRulesLate', {
      spec: ['A19', 'P08'],
      team: 'platform',
      levels: [{ severity: 'warning', over: 0, for: '5m', keepFiringFor: '15m' }],
      when: ({ over }) => promql`sum by (rule_group) (increase(${prometheus.ruleIterationsMissed}[5m])) > ${over}`,
      summary: 'Rules of {{ $labels.rule_group }} come late',
      description: `{{ $value | humanize }} evaluations were left out in the last 5 minutes: one takes longer than its interval (${intervalSeconds.evaluate} s, or a minute).`,
      dashboard: 'telemetry-pipeline',
      runbook: {
        meaning: 'Evaluating the group takes longer than the time until it is due again.',
        impact: 'Its alerts fire later than they say.',
        checks: [
          { ask: 'How many series does it search?', query: promql`sum(${prometheus.headSeries})` },
          {
            ask: 'Is the CPU used up? Cores, by part:',
            query: promql`sum by (job) (rate(${goProcess.cpuSeconds}{${ours}}[5m]))`,
          },
          status,
        ],
        remedy: [
          'Too many series: see the runbook of PrometheusSeriesGrowing.',
          'Too little CPU: take the next larger profile, or move something else away.',
          'One dear query that several rules repeat: record it once.',
        ],
      },
      proof: ({ over }) => happens(series(prometheus.ruleIterationsMissed, ofGroup), over, 5),
    }),
    alert('PrometheusAlertsUndelivered', {
      spec: ['A19'],
      team: 'platform',
      levels: [{ severity: 'critical', over: 0, for: '1m', keepFiringFor: '5m' }],
      when: ({ over }) =>
        promql`sum by (alertmanager) (increase(${prometheus.notificationErrors}[5m]) + increase(${prometheus.notificationsDropped}[5m])) > ${over}`,
      summary: 'Prometheus cannot hand its alerts to Alertmanager',
      description: '{{ $value | humanize }} alerts were not taken by {{ $labels.alertmanager }} in the last 5 minutes.',
      dashboard: 'telemetry-pipeline',
      runbook: {
        meaning: 'Alertmanager is away, or refuses what Prometheus sends.',
        impact: 'Nobody is told of anything. It is seen on the dashboard and by the silence of the Watchdog.',
        checks: [status, doctor, { ask: 'Is Alertmanager up?', query: promql`${prometheus.up}{job="alertmanager"}` }],
        remedy: [
          'Alertmanager is down: start it.',
          'It has moved: npm run up writes its new address into prometheus.yml.',
        ],
      },
      proof: ({ over }) => {
        const of = { job: 'prometheus', instance: 'p-1', alertmanager: 'http://alertmanager/api/v2/alerts' };
        const errors = series(prometheus.notificationErrors, of);
        const dropped = series(prometheus.notificationsDropped, of);
        const both = (errorsPerMinute: number, droppedPerMinute: number) => [
          ...grows(errors, errorsPerMinute),
          ...grows(dropped, droppedPerMinute),
        ];
        const proof = happens(errors, over, 1);
        return {
          ...proof,
          bad: both(60, 0),
          good: both(0, 0),
          recovered: both(0, 0),
          also: [
            { title: 'is told of one in ten minutes', phases: [[both(0.05, 0.05), 10]], told: 'at the end' },
            {
              title: 'forgets errors after five minutes',
              phases: [
                [both(60, 0), 10],
                [both(0, 0), 40],
              ],
              told: { notFrom: 15 },
            },
            {
              title: 'forgets dropped ones as well',
              phases: [
                [both(0, 60), 10],
                [both(0, 0), 40],
              ],
              told: { notFrom: 15 },
            },
          ],
        };
      },
    }),
    alert('AlertmanagerNotificationsFailing', {
      spec: ['A19'],
      team: 'platform',
      levels: [{ severity: 'critical', over: 0, for: '1m', keepFiringFor: '15m' }],
      when: ({ over }) => promql`sum by (integration) (increase(${alertmanager.notificationsFailed}[5m])) > ${over}`,
      summary: 'Notifications by {{ $labels.integration }} do not get out',
      description: '{{ $value | humanize }} attempts failed in the last 5 minutes. Alertmanager goes on trying.',
      dashboard: 'telemetry-pipeline',
      runbook: {
        meaning: 'A receiver does not take what Alertmanager sends.',
        impact: 'Those who are told by this receiver are not told.',
        checks: [
          {
            ask: 'Why? By reason:',
            query: promql`sum by (integration, reason) (increase(${alertmanager.notificationsFailed}[15m]))`,
          },
          status,
          doctor,
        ],
        remedy: [
          'clientError: the address or the token of the receiver is wrong.',
          'serverError, contextDeadlineExceeded: the receiver is down; start it, what waits is sent then.',
        ],
      },
      proof: ({ over }) => happens(series(alertmanager.notificationsFailed, { integration: 'webhook' }), over, 1),
    }),
    alert('PrometheusSeriesGrowing', {
      spec: ['A19', 'T10'],
      team: 'platform',
      levels: [{ severity: 'warning', over: limits.seriesFactor, for: '5m', keepFiringFor: '15m' }],
      when: ({ over }) =>
        promql`sum(${prometheus.headSeries}) / sum(${prometheus.headSeries} offset 1h) > ${over} and sum(${prometheus.headSeries}) >= ${limits.series}`,
      summary: 'The number of series in Prometheus grows fast',
      description:
        'There are {{ $value | printf "%.1f" }} times as many series as an hour ago. Each costs memory until it has been silent for hours.',
      dashboard: 'telemetry-pipeline',
      runbook: {
        meaning: 'Within an hour, ever new series have begun: a label with ever new values, or many new processes.',
        impact: 'Prometheus’ memory and the time of every query grow with it, until it is killed.',
        checks: [
          {
            ask: 'Whose spans have ever new names?',
            query: promql`topk(10, count by (service_name) (${collector.spanCalls}))`,
          },
          {
            ask: 'Is it still going on? New series a second:',
            query: promql`sum(rate(${prometheus.seriesCreated}[5m]))`,
          },
          { ask: 'How much memory is in use?', query: promql`max(${goProcess.memory}{job="prometheus"})` },
        ],
        remedy: [
          'An id in a span’s name or a label: take it out, spans and logs are its place.',
          'A service restarts again and again, each time with new series: mend that first.',
          'It is real growth: take the next larger profile.',
        ],
      },
      proof: ({ over }) => grown(over, limits.series),
    }),
  ]);
}

const ofGroup = { job: 'prometheus', instance: 'p-1', rule_group: 'rules/tasks.yml;tasks' };

/** True at once, and over at once. */
const plain = { trueAfter: 0, falseAfter: 1, settles: 1 } satisfies Partial<Proof>;

/** `increase(…[5m]) > 0`: it happens each second; what happened before it was looked at does not count. */
export function happens(of: SeriesOf, over: number, wait: number): Proof {
  return {
    bad: grows(of, 60),
    good: grows(of, 0, 100),
    recovered: grows(of, 0),
    value: over + 60 * Math.min(5, 1 + wait),
    trueAfter: 1,
    falseAfter: 5,
    settles: 5,
    also: [
      {
        title: 'is told of one in ten minutes, as long as it can be seen',
        phases: [[grows(of, 0.1), wait + 5]],
        told: 'at the end',
      },
      {
        title: 'forgets it after five minutes',
        phases: [
          [grows(of, 60), 10],
          [grows(of, 0), 40],
        ],
        told: { notFrom: 15 },
      },
    ],
  };
}

/** Against an hour ago: half as many again, and enough to matter. */
function grown(factor: number, fewest: number): Proof {
  const of = series(prometheus.headSeries, { job: 'prometheus', instance: 'p-1' });
  const from = (count: number) => [[stays(of, count), 70]] as const;
  return {
    before: from(fewest),
    bad: stays(of, fewest * factor * 1.05),
    good: stays(of, fewest * factor * 0.95),
    recovered: stays(of, fewest),
    value: factor * 1.05,
    trueAfter: 1,
    falseAfter: 1,
    settles: 1,
    also: [
      {
        title: 'is not told of few',
        phases: [
          [stays(of, fewest / 10), 70],
          [stays(of, fewest * 0.95), 30],
        ],
        told: { notFrom: 0 },
      },
      {
        title: 'is told of just enough',
        phases: [
          [stays(of, fewest / 10), 70],
          [stays(of, fewest * 1.05), 30],
        ],
        told: 'at the end',
      },
    ],
  };
}

export default twin('yml', ruleFile(stack(targets), compose));
