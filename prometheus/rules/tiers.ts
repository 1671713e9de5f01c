import { compose } from '../../place.ts';
import { promql } from '../../queries/promql.ts';
import { collector, prometheus } from '../../queries/stack-metrics.ts';
import { twin } from '../../twin.ts';
import { added } from '../kit/added.ts';
import { alert, type Check } from '../kit/alert.ts';
import { group } from '../kit/group.ts';
import type { Proof } from '../kit/proof.ts';
import { rare } from '../kit/rare.ts';
import { ruleFile } from '../kit/rule-file.ts';
import { series, stays } from '../kit/world.ts';
import { samplerExporter } from '../pipeline/stores.ts';
import { type Targets, targets } from '../targets.ts';

/** Whose pods come and go: one that is gone has no `up` that could be 0. Of Collectors: CollectorsDown. */
const moving = promql`${prometheus.up}{job=~"loki-.+|sampler|thanos-.+"}`;

const skipped = promql`${collector.enqueueFailed.traces}{exporter="${samplerExporter}"}`;

const pods: Check = {
  ask: 'Which pods are there, and what do they wait for?',
  command: 'kubectl -n fleetscope get pods,events -o wide',
};
const samplers: Check = {
  ask: 'Which samplers are there, and with how much memory?',
  query: promql`max by (instance) (${collector.memory}{job="sampler"})`,
};
const queue: Check = {
  ask: 'How full is the queue before them?',
  query: promql`max by (instance) (${collector.queueSize}{exporter="${samplerExporter}"} / ${collector.queueCapacity})`,
};

/** Is what only the larger sizes have at work: who answers, and who decides what is kept? Silent where nothing of the kind runs. (A19, P04) */
export function tiers(_: Targets) {
  return group('tiers', [
    alert('StackPartGone', {
      spec: ['A19', 'P06'],
      team: 'platform',
      levels: [{ severity: 'high', over: 0, for: '5m', keepFiringFor: '5m' }],
      when: ({ over }) => promql`count by (job) (count_over_time(${moving}[1d])) > ${over} unless on (job) ${moving}`,
      summary: 'Not one {{ $labels.job }} is left',
      description: '{{ $value }} of them were seen in the last day, and now Prometheus knows of none.',
      dashboard: 'telemetry-pipeline',
      runbook: {
        meaning: 'A part that ran within the last day has no pod any more, not even one that does not answer.',
        impact:
          'loki-read: no logs to look at, alerts on logs are silent. thanos-query, thanos-query-frontend: Grafana shows no metrics, alerts on them go on. sampler: traces wait in the Collectors’ queues. loki-backend, thanos-compact: nothing old goes. What is stored stays.',
        checks: [
          pods,
          {
            ask: 'Was it scaled to none, by hand or by a rollout?',
            command: 'kubectl -n fleetscope get deployments,statefulsets,hpa',
          },
          { ask: 'Which parts of the kind are there?', query: promql`count by (job) (${moving})` },
        ],
        remedy: [
          'Apply the overlay again: its numbers are those of k8s/size.ts.',
          'Pods cannot be placed: no node has room, or a quota is used up; the events say so.',
          'It was taken away on purpose: silence it; after a day it ends by itself.',
        ],
      },
      proof: () => goneProof(),
    }),
    alert('CollectorSamplingSkipped', {
      spec: ['A19', 'P04'],
      team: 'platform',
      levels: [{ severity: 'warning', over: 0, for: '1m' }],
      when: ({ over }) => promql`sum(${added(skipped, '15m')}) > ${over}`,
      summary: 'Spans never reach the sampling tier',
      description: '{{ $value | humanize }} spans in the last 15 minutes: the queue before it is full.',
      dashboard: 'telemetry-pipeline',
      runbook: {
        meaning: 'The samplers were away or too slow for so long that the Collectors’ queue for them is full.',
        impact:
          'Traces of this time that have an error may be missing, or lack spans, in the class that is kept longest. In "detailed" they are whole, for its days.',
        checks: [samplers, queue, pods],
        remedy: [
          'They are down: StackPartDown or StackPartGone is there as well.',
          'They refuse for their memory: more of them, or more memory (k8s/size.ts).',
          'Tempo is slow for all: CollectorQueueFilling is there as well.',
        ],
      },
      proof: ({ over }) => {
        const of = (exporter: string) =>
          series(collector.enqueueFailed.traces, { job: 'collector', instance: 'collector-1', exporter });
        const { good, ...proof } = rare(of(samplerExporter), { over, within: '15m' });
        return { ...proof, good: [...good, ...stays(of('otlp_grpc/tempo'), 1000)] };
      },
    }),
    alert('CollectorTracesUndecided', {
      spec: ['A19', 'P04'],
      team: 'platform',
      levels: [{ severity: 'warning', over: 0, for: '1m' }],
      when: ({ over }) => promql`sum(${added(promql`${collector.undecided}`, '15m')}) > ${over}`,
      summary: 'Samplers let traces go before they have decided',
      description: '{{ $value | humanize }} traces in the last 15 minutes, for want of room.',
      dashboard: 'telemetry-pipeline',
      runbook: {
        meaning: 'More traces are open at a time than a sampler holds, so the oldest went undecided.',
        impact:
          'Those of them that have an error are missing in the class that is kept longest. In "detailed" they are whole, for its days.',
        checks: [
          samplers,
          {
            ask: 'How many spans a second do they take?',
            query: promql`sum by (instance) (rate(${collector.accepted.traces}{job="sampler"}[5m]))`,
          },
          queue,
        ],
        remedy: [
          'More samplers: each holds its share of the traces (k8s/size.ts).',
          'More memory for each: the number of traces follows it (collector/sampler.ts).',
          'A service leaves traces without a root: they stay for the whole window.',
        ],
      },
      proof: ({ over }) =>
        rare(series(collector.undecided, { job: 'sampler', instance: 'sampler-0' }), { over, within: '15m' }),
    }),
  ]);
}

/** Two of them, then none; one that is left, whatever it says; one that is another's. */
function goneProof(): Proof {
  const up = (instance: string, value = 1, job = 'loki-read') => stays(series(prometheus.up, { job, instance }), value);
  const both = [...up('loki-read-1'), ...up('loki-read-2')];
  return {
    before: [[both, 30]],
    bad: [],
    good: up('loki-read-3', 0),
    recovered: up('loki-read-3'),
    labels: { job: 'loki-read' },
    value: 2,
    // So long is the last scrape an answer, where nothing says that its target has gone.
    trueAfter: 5,
    falseAfter: 1,
    settles: 5,
    also: [
      {
        title: 'is told for most of a day, and of one that was seen once',
        phases: [
          [up('loki-read-1'), 1],
          [[], 1400],
        ],
        told: 'at the end',
        step: '1m',
      },
      {
        title: 'is no longer told after a day',
        phases: [
          [both, 30],
          [[], 1600],
        ],
        told: { notFrom: 30 + 1440 },
        step: '1m',
      },
      {
        title: 'is not told while another part of the kind goes on',
        phases: [
          [[...both, ...up('thanos-query-1', 1, 'thanos-query')], 30],
          [both, 30],
          [[...both, ...up('thanos-query-1', 1, 'thanos-query')], 30],
        ],
        told: { notFrom: 65 },
      },
      {
        title: 'is not told of Collectors: another alert is',
        phases: [
          [up('collector-1', 1, 'collector'), 30],
          [[], 60],
        ],
        told: { notFrom: 0 },
      },
    ],
  };
}

export default twin('yml', ruleFile(tiers(targets), compose));
