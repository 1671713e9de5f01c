import {
  component,
  componentOperation,
  componentOperations,
  healthStatus,
  resourceType,
  resourceUtilization,
} from '../../instrumentation/src/catalog/resources.ts';
import { processMemory } from '../../instrumentation/src/catalog/runtime.ts';
import { started } from '../../instrumentation/src/catalog/service.ts';
import { compose } from '../../place.ts';
import { logql } from '../../queries/logql.ts';
import { promql } from '../../queries/promql.ts';
import { collector, prometheus, serviceGraph } from '../../queries/stack-metrics.ts';
import { traceql } from '../../queries/traceql.ts';
import { retentionDays } from '../../stack.ts';
import { twin } from '../../twin.ts';
import { alert } from '../kit/alert.ts';
import { counted } from '../kit/counted.ts';
import { fewest } from '../kit/fewest.ts';
import { group } from '../kit/group.ts';
import { environment, service } from '../kit/labels.ts';
import { gauge, type Proof, share } from '../kit/proof.ts';
import { record } from '../kit/record.ts';
import { ruleFile } from '../kit/rule-file.ts';
import { type Phase, series, stays } from '../kit/world.ts';
import { ledgerService } from '../pipeline/ledger.ts';
import { memorySays, memoryService } from '../pipeline/memory.ts';
import { silenceProof } from '../pipeline/silence-proof.ts';
import { besideCollector } from '../pipeline/undelivered-proof.ts';
import { type Targets, targets } from '../targets.ts';

const production = { [environment]: 'production', [service]: 'fleet' };
const alive = stays(series(processMemory), 1e8);

/** Services that end by design: nobody misses them. */
const jobs = '.+-(job|cron|batch)';

/** Ours that nobody is woken for: LedgerDown, MemoryDown. */
const quiet = [ledgerService, memoryService];

// A process pushes its metrics once a minute or more often. Of those who push more seldom there is not always one here.
export const lastPush = record(
  'service:last_push:timestamp_seconds',
  promql`max by (${environment}, ${service}) (timestamp(${processMemory}) and count_over_time(${processMemory}{${service}!~"${jobs}"}[2m]))`,
  'when a process of the service last sent metrics, if that is less than two minutes ago',
  [
    {
      title: 'is there for less than two minutes',
      after: [[alive, 10.25]],
      world: [],
      atMinute: 1.75,
      answers: [{ labels: production, value: 10.25 * 60 }],
    },
    { title: 'is gone after two minutes', after: [[alive, 10]], world: [], atMinute: 2, answers: [] },
  ],
);

const minutesPushed = record(
  'service:minutes_pushed:count30m',
  promql`count_over_time(${lastPush}[30m:1m])`,
  'minutes of the last 30 in which a process of the service sent metrics',
);

const operations = (outcome: string) => series(componentOperations, { outcome });

const partFailures = counted(
  'component:operations_failed:increase10m',
  promql`${componentOperations}{outcome="failure"}`,
  {
    ...{ by: [service, component], within: '10m', means: 'operations of a part that failed' },
    like: operations('failure'),
    unlike: [operations('success'), operations('cancelled')],
  },
);

const partOperations = counted('component:operations:increase10m', componentOperations, {
  ...{ by: [service, component], within: '10m', means: 'operations of a part' },
  like: operations('success'),
});

/** Metrics wait in Collectors that are down or cannot hand them on, or there is none at all: then it is not the services that are silent. */
export const undelivered = promql`max(${prometheus.up}{job="collector"}) == 0 or (sum(increase(${collector.sent.metrics}[2m])) == 0 and sum(${collector.queueSize}{data_type="metrics"}) > 0) or absent(${prometheus.up}{job="collector"})`;

const ofService = `${service}="$service_name"`;

/** Are the services there, and what they consist of? (A15, A16, A17) */
export function services({ down, failures, memorySeconds }: Targets) {
  return group('services', [
    lastPush,
    minutesPushed,
    partFailures,
    partOperations,
    alert('ServiceDown', {
      spec: ['A15', 'A16'],
      team: 'platform',
      levels: [{ severity: 'critical', over: down.seconds, for: '1m' }],
      // It pushes, so nothing says that it is not up: it is missed by what it was in the hour before, whichever process
      // that was. After the hour nobody expects it any more.
      when: ({ over }) =>
        promql`time() - max_over_time(${lastPush}{${service}!~"${quiet.join('|')}"}[1h]) > ${over} and max_over_time(${minutesPushed}[1h]) >= ${down.expectedMinutes} unless on () (${undelivered})`,
      summary: 'The service {{ $labels.service_name }} is down',
      description:
        'No process of {{ $labels.service_name }} has sent metrics for {{ $value | humanizeDuration }}. Before, it did so every minute.',
      dashboard: 'system-health',
      runbook: {
        meaning:
          'In the hour before, a service sent metrics for half an hour without a gap; now none of its processes does. The Collector is there and hands on what it gets, so it is the service. One that was ended on purpose is told of as well, for an hour.',
        impact: 'Whatever the service does is not done.',
        checks: [
          { ask: 'What did it say last?', query: logql`{service_name="$service_name"}` },
          {
            ask: 'Did it start again and again? Each line is a process that came up.',
            query: logql`{service_name="$service_name"} | event_name=${started}`,
          },
          {
            ask: 'Was its memory full before? Share of what it may use, by process:',
            query: promql`max by (service_instance_id) (max_over_time(${resourceUtilization}{${ofService},${resourceType}="memory"}[1h]))`,
          },
        ],
        remedy: [
          'It crashed: start it, then read the end of its log. Out of memory: raise the limit, then look for the leak.',
          'It runs but sends nothing: npm run doctor says at which hop its telemetry is lost.',
          'It began with a deployment: roll back.',
          'It has ended for good: silence the alert for an hour. It ends by design: name it *-job, or add it to jobs in prometheus/rules/services.ts.',
        ],
      },
      proof: ({ over }) => downProof(over, down.expectedMinutes),
    }),
    alert('MemoryDown', {
      spec: ['M01', 'A19'],
      team: 'platform',
      // A ticket, at any hour: what is missed is made up for.
      levels: [{ severity: 'warning', over: memorySeconds.down, for: '1m' }],
      when: ({ over }) =>
        promql`time() - max_over_time(${lastPush}{${service}="${memoryService}"}[6h]) > ${over} unless on () (${undelivered})`,
      summary: 'The memory is down',
      description: 'It has sent no metrics for {{ $value | humanizeDuration }}. Days that end meanwhile wait.',
      dashboard: 'telemetry-pipeline',
      runbook: {
        meaning: 'The service that writes down what the fleet did has been silent, and the Collector is well.',
        impact: `No hour, day or week is written meanwhile. Nothing is lost: once it runs it makes what it missed, as far back as metrics are kept (${retentionDays.metrics} days). MemoryLate tells when a day is late.`,
        checks: [
          { ask: 'Does it run, and since when?', command: 'npm run status' },
          { ask: 'What did it say last? It may have crashed before it could send that.', command: memorySays },
          { ask: 'And to Loki?', query: logql`{service_name="fleetscope-memory"}` },
        ],
        remedy: [
          'It was stopped: npm run up. Under Compose: docker compose restart memory. On Kubernetes it is a container of monitor-0, which the kubelet starts.',
          'It starts and ends: its log ends with the reason: a full disk, a folder that is not its own, a database of a newer version, a MongoDB that is away.',
          'It has ended for good: silence the alert; after six hours it ends by itself.',
        ],
      },
      proof: ({ over }) => silenceProof(memoryService, over),
    }),
    alert('ServicePartDown', {
      spec: ['A16'],
      team: 'platform',
      levels: [
        { severity: 'critical', under: 1, for: '1m', keepFiringFor: '5m' },
        { severity: 'warning', under: 2, for: '10m', keepFiringFor: '10m' },
      ],
      when: ({ under }) => promql`min by (${environment}, ${service}, ${component}) (${healthStatus}) < ${under}`,
      summary: 'The part {{ $labels.component }} of {{ $labels.service_name }} does not work as it should',
      description:
        '{{ $labels.service_name }} says {{ $value }} of its part {{ $labels.component }}: 0 is down, 1 is degraded.',
      dashboard: 'system-health',
      runbook: {
        meaning: 'A service itself says, by health(), that something that it needs or consists of is down or degraded.',
        impact: 'Whatever needs this part fails or is done without it.',
        checks: [
          {
            ask: 'How do its operations end?',
            query: promql`sum by (outcome, error_type) (increase(${componentOperations}{${ofService},${component}="$component"}[10m]))`,
          },
          {
            ask: 'Do all processes see it, or one? One: its network, its key, its state.',
            query: promql`min by (service_instance_id) (${healthStatus}{${ofService},${component}="$component"})`,
          },
          {
            ask: 'What happened in an operation that failed?',
            query: traceql`{ ${componentOperation} && ${component} = "$component" && status = error }`,
          },
        ],
        remedy: [
          'Somebody else runs the part: look at their status page, and tell them.',
          'A key or an address has changed: give the service the new one.',
          'It works again, but nobody has asked since: health() speaks when it is used.',
        ],
      },
      proof: ({ under }) => gauge(series(healthStatus), { under }),
    }),
    alert('ServicePartFailing', {
      spec: ['A17'],
      team: 'platform',
      levels: [{ severity: 'high', over: failures.high, for: '2m', keepFiringFor: '10m' }],
      when: ({ over }) =>
        promql`${partFailures} / ${partOperations} > ${over} and ${partOperations} >= ${fewest(over)}`,
      summary: 'The part {{ $labels.component }} of {{ $labels.service_name }} fails too often',
      description:
        '{{ $value | humanizePercentage }} of the operations of {{ $labels.component }} in {{ $labels.service_name }} in the last 10 minutes failed.',
      dashboard: 'system-health',
      runbook: {
        meaning: 'The error rate of one part of a service, failed operations as a share of all, is above the target.',
        impact: 'What needs this part fails, or is tried again.',
        checks: [
          {
            ask: 'Which error?',
            query: promql`topk(5, sum by (error_type) (increase(${componentOperations}{${ofService},${component}="$component",outcome="failure"}[10m])))`,
          },
          {
            ask: 'Since when, and more calls than usual?',
            query: promql`sum by (outcome) (rate(${componentOperations}{${ofService},${component}="$component"}[10m]))`,
          },
          {
            ask: 'Does another service fail behind it?',
            query: promql`topk(5, sum by (client, server) (rate(${serviceGraph.failed}[10m])))`,
          },
        ],
        remedy: [
          'The error names somebody else: look there first.',
          'Refusals (401, 403, 404) are mistakes of ours: who asks for what is not there?',
          'It began with a deployment: roll back.',
        ],
      },
      proof: ({ over }) =>
        share(
          { bad: operations('failure'), rest: operations('success') },
          { over, within: '10m', enough: fewest(over) },
        ),
    }),
  ]);
}

/** There for an hour, the last time at a quarter of a minute, then not; and those who must not be missed. */
function downProof(over: number, expectedMinutes: number): Proof {
  const other = stays(series(processMemory, { instance: 'fleet-2', service_instance_id: 'fleet-2' }), 1e8);
  const job = stays(series(processMemory, { service_name: 'nightly-job' }), 1e8);
  const hour: Phase = [alive, 60];
  const seldom = (pushes: number) =>
    Array.from({ length: pushes }, (): Phase[] => [
      [alive, 1],
      [[], 4],
    ]).flat();
  const never = { notFrom: 0 };
  const tooLate = Math.floor(over / 60 + 0.25) + 0.75;
  const proof: Proof = {
    before: [[alive, 60.25]],
    bad: [],
    good: other,
    recovered: alive,
    labels: production,
    value: (tooLate + 1) * 60,
    trueAfter: tooLate,
    falseAfter: 1,
    settles: tooLate,
    also: [
      {
        title: 'is told in time',
        phases: [
          [alive, 60.75],
          [[], over / 60 + 1.25],
        ],
        told: 'at the end',
      },
      { title: 'is no longer told after an hour', phases: [hour, [[], 90]], told: { notFrom: 62 + 60 } },
      {
        title: 'is not told of one that was not there for long',
        phases: [
          [alive, expectedMinutes - 3],
          [[], 60],
        ],
        told: never,
      },
      {
        title: 'is told of one that was there for long',
        phases: [
          [alive, expectedMinutes - 2],
          [[], 20],
        ],
        told: 'at the end',
      },
      {
        title: 'is not told of one that ends by design',
        phases: [
          [job, 60],
          [[], 60],
        ],
        told: never,
      },
      ...quiet.map((name) => ({
        title: `is not told of ${name}, which wakes nobody`,
        phases: [[stays(series(processMemory, { service_name: name }), 1e8), 60] as Phase, [[], 60] as Phase],
        told: never,
      })),
      { title: 'is not told of a restart', phases: [hour, [[], 2], [other, 30]], told: never },
      { title: 'is not told of one that pushes every five minutes', phases: [...seldom(24), [[], 60]], told: never },
      {
        title: 'is not told of one that pushed more often long ago',
        phases: [hour, ...seldom(24), [[], 30]],
        told: { notFrom: 60 + 100 },
      },
    ],
  };
  return besideCollector(proof, alive, 60);
}

export default twin('yml', ruleFile(services(targets), compose));
