import { agentRuns } from '../../instrumentation/src/catalog/agents.ts';
import { approvalRequest, pendingApprovals } from '../../instrumentation/src/catalog/approvals.ts';
import { agentName, workflowName } from '../../instrumentation/src/catalog/attributes.ts';
import { agentLastHeartbeat } from '../../instrumentation/src/catalog/tasks.ts';
import { workflowDuration, workflowRuns, workflowsActive } from '../../instrumentation/src/catalog/workflows.ts';
import { compose } from '../../place.ts';
import { promql } from '../../queries/promql.ts';
import { traceql } from '../../queries/traceql.ts';
import { twin } from '../../twin.ts';
import { alert } from '../kit/alert.ts';
import { counted } from '../kit/counted.ts';
import { type Duration, minutes, seconds } from '../kit/duration.ts';
import { group } from '../kit/group.ts';
import { environment } from '../kit/labels.ts';
import type { Proof } from '../kit/proof.ts';
import { type Recording, record } from '../kit/record.ts';
import { ruleFile } from '../kit/rule-file.ts';
import { grows, observes, type Phase, series, stays, type World } from '../kit/world.ts';

const production = { [environment]: 'production' };

const workflowRunsActive = record(
  'workflow:active:sum',
  promql`sum by (${environment}, ${workflowName}) (${workflowsActive})`,
  'runs of a workflow that are under way',
);

/** 0 where workflows run and nobody has ever asked for an approval. */
const approvalsWaiting = record(
  'environment:approvals_pending:sum',
  promql`sum by (${environment}) (${pendingApprovals}) or 0 * sum by (${environment}) (${workflowRunsActive})`,
  'approvals that wait for a person',
  [
    {
      title: 'is 0 before the first approval',
      world: stays(series(workflowsActive), 2),
      answers: [{ labels: production, value: 0 }],
    },
    {
      title: 'adds up the kinds',
      world: [
        ...stays(series(workflowsActive), 2),
        ...['deploy', 'merge'].flatMap((kind) => stays(series(pendingApprovals, { approval_kind: kind }), 2)),
      ],
      answers: [{ labels: production, value: 4 }],
    },
  ],
);

const took = series(workflowDuration);

const workflowTakes = record(
  'workflow:duration_seconds:p90_1d',
  promql`histogram_quantile(0.9, sum by (${environment}, ${workflowName}, le) (increase(${workflowDuration}_bucket[1d])))`,
  'seconds that nine of ten runs of a workflow did not reach, over a day',
  [
    {
      title: 'forgets the day before',
      after: [
        [observes(took, { perMinute: 1000, quantile: 0.9, value: 1 }), 30],
        [observes(took, { perMinute: 0, quantile: 0.9, value: 1 }), minutes('1d')],
      ],
      world: observes(took, { perMinute: 60, quantile: 0.9, value: 60 }),
      step: '1m',
      answers: [{ labels: { ...production, workflow_name: 'release' }, value: 60 }],
    },
  ],
);

const ended = (within: Duration): Recording =>
  counted(`workflow:runs:added${within}`, workflowRuns, {
    ...{ by: [workflowName], within, means: 'runs of a workflow that ended, however' },
    like: series(workflowRuns),
    exactly: true,
  });
const workflowRunsAdded = { '30m': ended('30m'), '4h': ended('4h') };

type Watched = keyof typeof workflowRunsAdded;

/** A workflow is quick when nine of ten of its runs take a sixth of the time that its standing still is watched. */
const sixth = (within: Watched) => seconds(within) / 6;

/** Does anything stand still? (A15) */
export function stuck() {
  return group(
    'stuck',
    [
      workflowRunsActive,
      approvalsWaiting,
      workflowTakes,
      ...Object.values(workflowRunsAdded),
      alert('WorkflowStuck', {
        spec: ['A15'],
        team: 'fleet',
        levels: [
          { severity: 'high', over: 0, within: '30m', past: 'known', for: '5m', keepFiringFor: '5m' },
          { severity: 'warning', over: 0, within: '4h', past: 'any', for: '5m', keepFiringFor: '15m' },
        ],
        when: ({ over, within, past }) => standingStill(within, past, over),
        summary: 'The workflow {{ $labels.workflow_name }} is stuck',
        description: ({ within }) =>
          `No run of {{ $labels.workflow_name }} has ended for ${within}, while {{ $value | humanize }} were under way all the time that wait for no approval.`,
        dashboard: 'workflows',
        variables: { workflow: 'workflow_name' },
        runbook: {
          meaning:
            'Runs of a workflow have been under way for far longer than its runs take, none has ended in the meantime, and there are more of them than approvals that wait for a person. After half an hour it is told of workflows of which nine in ten runs took at most five minutes; after four hours of any, unless its runs take that long.',
          impact: 'Whoever asked for these runs waits in vain, and they may hold what others need.',
          checks: [
            {
              ask: 'Is every agent that it needs still there? Seconds since each showed a sign of life:',
              query: promql`time() - max by (${agentName}) (last_over_time(${agentLastHeartbeat}[1h]))`,
            },
            {
              ask: 'Which agents work at all? Runs that ended in the last half hour:',
              query: promql`sum by (${agentName}, agent_status) (increase(${agentRuns}[30m]))`,
            },
            {
              ask: 'Which approvals did it ask for last? One whose asker is gone is not counted any more.',
              query: traceql`{ ${approvalRequest} && ${workflowName} = "$workflow_name" }`,
            },
          ],
          remedy: [
            'An agent is silent or a queue is full: see AgentSilent, QueueBacklogHigh.',
            'A call without a timeout hangs: restart the service; the runs end as failed and can be asked for again.',
            'It takes that long by nature: its usual time is learnt within a day.',
          ],
        },
        proof: ({ within, past }) => stuckProof(within, past),
      }),
    ],
    { interval: '1m', provedEvery: '5m' },
  );
}

/** Runs that were under way then and are still, since none has ended; those that wait for a person do not count. */
function standingStill(within: Watched, past: 'known' | 'any', over: number) {
  const still = promql`${workflowRunsActive} offset ${within} - on (${environment}) group_left () ${approvalsWaiting} > ${over} and ${workflowRunsActive} > 0 unless ${workflowRunsAdded[within]} > 0`;
  return past === 'known'
    ? promql`${still} and ${workflowTakes} <= ${sixth(within)}`
    : promql`${still} unless ${workflowTakes} > ${sixth(within)}`;
}

function stuckProof(within: Watched, past: 'known' | 'any'): Proof {
  const [active, runs] = [series(workflowsActive), series(workflowRuns)] as const;
  const world = (many: number, perMinute: number, takes = 60): World => [
    ...stays(active, many),
    ...grows(runs, perMinute),
    ...observes(took, { perMinute, quantile: 0.9, value: takes }),
  ];
  const watched = minutes(within);
  const usual = (takes?: number): Phase => [world(0, 1, takes), 60];
  const standing = world(1, 0);
  const long: Phase = [standing, watched + 40];
  const waiting = (environmentName: string, many: number) =>
    stays(series(pendingApprovals, { [environment]: environmentName }), many);
  const elsewhere = { [environment]: 'staging' };
  const oneEnd = grows(series(workflowRuns, { workflow_status: 'failed' }), 0, 1);
  return {
    before: [usual()],
    bad: standing,
    good: world(1, 1),
    recovered: world(0, 1),
    quiet: [...standing, ...waiting('production', 1)],
    enough: [...world(2, 0), ...waiting('production', 1)],
    value: 1,
    trueAfter: watched + 1,
    falseAfter: 1,
    settles: watched + 1,
    step: '1m',
    also: [
      {
        title: past === 'any' ? 'is told of one without a past' : 'is not told of one without a past',
        phases: [long],
        told: past === 'any' ? 'at the end' : { notFrom: 0 },
      },
      {
        title: 'is not told of one that takes that long',
        phases: [usual(1.02 * sixth(within)), long],
        told: { notFrom: 0 },
      },
      {
        title: 'is told of one that takes nearly that long',
        phases: [usual(0.98 * sixth(within)), long],
        told: 'at the end',
      },
      {
        title: 'is not told when a single run has ended',
        phases: [usual(), [standing, watched - 10], [[...standing, ...oneEnd], 25]],
        told: { notFrom: 0 },
      },
      {
        title: 'is not told when the process is gone',
        phases: [usual(), [standing, 10], [grows(runs, 0), watched + 40]],
        told: { notFrom: 0 },
      },
      {
        title: 'does not count the approvals of another environment',
        phases: [
          usual(),
          [[...standing, ...stays(series(workflowsActive, elsewhere), 9), ...waiting('staging', 9)], watched + 40],
        ],
        told: 'at the end',
      },
    ],
  };
}

export default twin('yml', ruleFile(stuck(), compose));
