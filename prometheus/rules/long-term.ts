import { compose } from '../../place.ts';
import { promql } from '../../queries/promql.ts';
import { prometheus, thanos } from '../../queries/stack-metrics.ts';
import { twin } from '../../twin.ts';
import { added } from '../kit/added.ts';
import { alert } from '../kit/alert.ts';
import { group } from '../kit/group.ts';
import { gauge } from '../kit/proof.ts';
import { rare } from '../kit/rare.ts';
import { ruleFile } from '../kit/rule-file.ts';
import { series } from '../kit/world.ts';
import { type Targets, targets } from '../targets.ts';
import { fresh } from '../thanos.ts';
import { happens } from './stack.ts';

const parts = promql`${prometheus.up}{job=~"thanos-.*"}`;

const said = {
  ask: 'What does it say itself? The sidecar is in the pods of Prometheus: name=prometheus -c thanos-sidecar.',
  command: 'kubectl -n fleetscope logs -l app.kubernetes.io/name=$job --prefix --tail=50',
} as const;
const sidecarSaid = {
  ask: 'What does it say itself?',
  command: 'kubectl -n fleetscope logs -l app.kubernetes.io/name=prometheus -c thanos-sidecar --prefix --tail=50',
} as const;
const bucket = {
  ask: 'Does the bucket refuse others as well?',
  query: promql`sum by (job, operation) (rate(${thanos.bucketFailures}[5m]))`,
} as const;

/** Is what is older than Prometheus’ own disk kept, and answered? Silent where nothing of the kind runs. (P04, P06) */
export function longTerm(_: Targets) {
  return group('long-term', [
    alert('ThanosPartDown', {
      spec: ['P06', 'A19'],
      team: 'platform',
      levels: [{ severity: 'high', under: 1, for: '5m', keepFiringFor: '5m' }],
      when: ({ under }) => promql`${parts} < ${under}`,
      summary: '{{ $labels.job }} is down',
      description: 'Prometheus cannot scrape {{ $labels.job }} on {{ $labels.instance }} (up is {{ $value }}).',
      dashboard: 'telemetry-pipeline',
      runbook: {
        meaning: 'A part of the long-term store has not answered for five minutes.',
        impact: `Queries: Grafana shows no metrics, alerts go on. Store: nothing older than ${fresh} days is shown. Sidecar: blocks wait on the disk of its Prometheus. The others can be away for a day.`,
        checks: [
          said,
          { ask: 'Which parts are there?', query: promql`min by (job) (${parts})` },
          {
            ask: 'Was it killed for its memory?',
            command: 'kubectl -n fleetscope describe pod -l app.kubernetes.io/name=$job',
          },
        ],
        remedy: [
          'It was killed for its memory: memoryMib in k8s/size.ts.',
          'It waits for the bucket: the Secret fleetscope-object-store, or the way there.',
        ],
      },
      proof: ({ under }) =>
        gauge(series(prometheus.up, { job: 'thanos-store', instance: 'thanos-store-0' }), { under }),
    }),
    alert('ThanosCompactorHalted', {
      spec: ['P04', 'A19'],
      team: 'platform',
      levels: [{ severity: 'high', over: 0, for: '5m', keepFiringFor: '5m' }],
      when: ({ over }) => promql`${thanos.halted} > ${over}`,
      summary: '{{ $labels.job }} has stopped for good',
      description:
        '{{ $labels.job }} on {{ $labels.instance }} has found blocks that it cannot make one of (halted is {{ $value }}).',
      dashboard: 'telemetry-pipeline',
      runbook: {
        meaning:
          'The compactor found blocks that contradict each other, and does nothing more until somebody has looked.',
        impact:
          'Nothing is lost yet. No resolution is made, nothing old is removed: after 7 days queries find gaps, and the bucket grows.',
        checks: [said, { ask: 'How much waits?', query: promql`max(${thanos.todo})` }, bucket],
        remedy: [
          'Two compactors run on this bucket: end one.',
          'A broken block: its id is in the log; thanos tools bucket mark --marker=no-compact-mark.json --id=<id>, then delete the pod.',
        ],
      },
      proof: ({ over }) =>
        gauge(series(thanos.halted, { job: 'thanos-compact', instance: 'thanos-compact' }), { over }),
    }),
    alert('ThanosUploadFailing', {
      spec: ['P04', 'A19'],
      team: 'platform',
      levels: [{ severity: 'high', over: 0, for: '15m', keepFiringFor: '15m' }],
      when: ({ over }) => promql`sum by (job, instance) (increase(${thanos.uploadsFailed}[5m])) > ${over}`,
      summary: 'The bucket does not take the blocks of {{ $labels.instance }}',
      description:
        '{{ $value | humanize }} times in 5 minutes the bucket did not take a block of {{ $labels.instance }}.',
      dashboard: 'telemetry-pipeline',
      runbook: {
        meaning: 'A block of two hours is ready, and the bucket refuses it or is out of reach.',
        impact: `None for ${fresh} days. Then Grafana has a gap between what the bucket has and the last ${fresh} days, until it takes them; alerts go on. The blocks wait on the disk for a month; if it is lost, so are they.`,
        checks: [
          sidecarSaid,
          bucket,
          {
            ask: 'How full is that disk, in bytes of blocks?',
            query: promql`max by (instance) (${prometheus.blockBytes})`,
          },
        ],
        remedy: [
          'The key has expired or may not write: renew it in the Secret fleetscope-object-store.',
          'The way there is closed: a network policy of your own must open it.',
        ],
      },
      proof: ({ over }) =>
        happens(series(thanos.uploadsFailed, { job: 'thanos-sidecar', instance: 'prometheus-0' }), over, 15),
    }),
    alert('PrometheusHistoryCut', {
      spec: ['P04', 'A19'],
      team: 'platform',
      levels: [{ severity: 'warning', over: 0, for: '1m' }],
      when: ({ over }) => promql`sum by (instance) (${added(promql`${prometheus.sizeRetentions}`, '3h')}) > ${over}`,
      summary: 'Prometheus drops metrics before their days are over',
      description:
        '{{ $value }} times in the last 3 hours {{ $labels.instance }} made room by removing its oldest block.',
      dashboard: 'telemetry-pipeline',
      runbook: {
        meaning:
          'Its disk, or the share of it that it may fill, is used up: the oldest two hours or more went too early.',
        impact:
          'Questions and error budgets that look further back see less. Where a bucket keeps the past, blocks that are in it already are lost nowhere.',
        checks: [
          {
            ask: 'How large are its blocks, in bytes?',
            query: promql`max by (instance) (${prometheus.blockBytes})`,
          },
          {
            ask: 'Are there more series than there were?',
            query: promql`sum by (instance) (${prometheus.headSeries})`,
          },
          {
            ask: 'Does the bucket have what went?',
            query: promql`sum by (instance) (increase(${thanos.uploadsFailed}[1h]))`,
          },
        ],
        remedy: [
          'A larger disk: its claim (k8s/size.ts), or the next larger profile.',
          'Fewer series: PrometheusSeriesGrowing says where they come from.',
          'Fewer days: retentionDays.metrics in stack.ts, so that what is promised is kept.',
        ],
      },
      proof: ({ over }) =>
        rare(series(prometheus.sizeRetentions, { job: 'prometheus', instance: 'prometheus-0' }), {
          over,
          within: '3h',
        }),
    }),
  ]);
}

export default twin('yml', ruleFile(longTerm(targets), compose));
