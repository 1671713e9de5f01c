import { agentErrors, agentRetryCount, agentRuns } from '../../instrumentation/src/catalog/agents.ts';
import { agentName, workflowName } from '../../instrumentation/src/catalog/attributes.ts';
import { agentTokens, operationDuration } from '../../instrumentation/src/catalog/llm.ts';
import { agentTaskDuration, agentTaskRetries, agentTasksFailed } from '../../instrumentation/src/catalog/tasks.ts';
import {
  workflowApprovalWaitTime,
  workflowDuration,
  workflowExecute,
  workflowRuns,
} from '../../instrumentation/src/catalog/workflows.ts';
import { compose } from '../../place.ts';
import { promql } from '../../queries/promql.ts';
import { traceql } from '../../queries/traceql.ts';
import { twin } from '../../twin.ts';
import { alert } from '../kit/alert.ts';
import { counted } from '../kit/counted.ts';
import { group } from '../kit/group.ts';
import { share } from '../kit/proof.ts';
import type { Recording } from '../kit/record.ts';
import { ruleFile } from '../kit/rule-file.ts';
import { slowness } from '../kit/slower.ts';
import { series } from '../kit/world.ts';
import { type Targets, targets } from '../targets.ts';

const as = (status: string) => series(workflowRuns, { workflow_status: status });
const by = [workflowName];

const windows = ['15m', '1h'] as const;

/** By the window that they look at. */
const workflowRunsFailed = recorded((within) =>
  counted(`workflow:runs_failed:increase${within}`, promql`${workflowRuns}{workflow_status="failed"}`, {
    ...{ by, within, means: 'runs of a workflow that failed' },
    like: as('failed'),
    unlike: [as('completed'), as('cancelled')],
  }),
);

/** Who is told to stop has not failed: neither is counted. */
export const workflowRunsEnded = recorded((within) =>
  counted(`workflow:runs_ended:increase${within}`, promql`${workflowRuns}{workflow_status!="cancelled"}`, {
    ...{ by, within, means: 'runs of a workflow that ended, those that were called off left out' },
    like: as('completed'),
    unlike: [as('cancelled')],
  }),
);

const took = series(workflowDuration, { workflow_status: 'completed' });
const workflowSlowness = slowness('workflow:duration_seconds', workflowDuration, {
  ...{ q: 0.5, by, within: '30m', only: '{workflow_status="completed"}' },
  like: took,
  unlike: series(workflowDuration, { workflow_status: 'failed' }),
});

const taskSlowness = slowness('environment:task_duration_seconds', agentTaskDuration, {
  ...{ q: 0.95, within: '1h' },
  like: series(agentTaskDuration),
});

const agentRunsAgain = counted('agent:runs_again:increase10m', agentRetryCount, {
  ...{ by: [agentName], within: '10m', means: 'runs of an agent that were another attempt' },
  like: series(agentRetryCount),
});

export const agentRunsEnded = counted('agent:runs_ended:increase10m', agentRuns, {
  ...{ by: [agentName], within: '10m', means: 'runs of an agent that ended' },
  like: series(agentRuns),
});

/** Does what people ask for come through, and as soon as it did yesterday? (A15, A18) */
export function workflows({ workflows: limits, trend, retries, enough }: Targets) {
  const slow = {
    over: limits.slowFactor,
    atLeast: limits.slowAtLeastSeconds,
    enough: enough.runs,
  };
  const slowing = { over: trend.slowFactor, atLeast: trend.slowAtLeastSeconds, enough: enough.tasks };
  return group(
    'workflows',
    [
      ...windows.flatMap((within) => [workflowRunsFailed[within], workflowRunsEnded[within]]),
      ...workflowSlowness.rules,
      ...taskSlowness.rules,
      agentRunsAgain,
      agentRunsEnded,
      alert('WorkflowFailureRateHigh', {
        spec: ['A15'],
        team: 'fleet',
        levels: [
          { severity: 'high', over: limits.failuresHigh, within: '15m', for: '2m', keepFiringFor: '10m' },
          { severity: 'warning', over: limits.failures, within: '1h', for: '5m', keepFiringFor: '15m' },
        ],
        when: ({ over, within }) =>
          promql`${workflowRunsFailed[within]} / ${workflowRunsEnded[within]} > ${over} and ${workflowRunsEnded[within]} >= ${enough.runs}`,
        summary: 'The workflow {{ $labels.workflow_name }} fails too often',
        description: ({ within }) =>
          `{{ $value | humanizePercentage }} of the runs of {{ $labels.workflow_name }} that ended in the last ${within} failed.`,
        dashboard: 'workflows',
        variables: { workflow: 'workflow_name' },
        runbook: {
          meaning: 'Of the runs of a workflow that ended, those that were called off left out, too many failed.',
          impact: 'Somebody asked for each of these runs and got nothing.',
          checks: [
            {
              ask: 'Which agent fails, and with which error?',
              query: promql`topk(5, sum by (${agentName}, error_type) (increase(${agentErrors}[1h])))`,
            },
            {
              ask: 'What happened in a run that failed?',
              query: traceql`{ ${workflowExecute} && ${workflowName} = "$workflow_name" && status = error }`,
            },
            {
              ask: 'Since when, and whatever sets it off, or only one trigger?',
              query: promql`sum by (workflow_trigger, workflow_status) (increase(${workflowRuns}{${workflowName}="$workflow_name"}[15m]))`,
            },
          ],
          remedy: [
            'One agent or one error: see AgentErrorRateHigh, or whichever of its alerts fires.',
            'One trigger: look at what it sends, then at who changed it.',
            'It began with a deployment: roll back, then run again what failed.',
          ],
        },
        proof: ({ over, within }) =>
          share({ bad: as('failed'), rest: as('completed') }, { over, within, enough: enough.runs }),
      }),
      alert('WorkflowSlow', {
        spec: ['A15'],
        team: 'fleet',
        levels: [{ severity: 'warning', over: limits.slowFactor, for: '10m', keepFiringFor: '15m' }],
        when: ({ over }) => workflowSlowness.slower({ ...slow, over }),
        summary: 'The workflow {{ $labels.workflow_name }} takes far longer than usual',
        description:
          'Half of the runs of {{ $labels.workflow_name }} in the last 30 minutes took longer than {{ $value | humanizeDuration }}: several times what is typical of it.',
        dashboard: 'workflows',
        variables: { workflow: 'workflow_name' },
        runbook: {
          meaning:
            'The typical run of a workflow, half are quicker and half slower, takes several times what it took on the day before.',
          impact: 'Who asked for it waits longer. What is planned to follow it comes late.',
          checks: [
            {
              ask: 'Do people answer late? Then see ApprovalResponseSlow.',
              query: promql`histogram_quantile(0.5, sum by (le) (rate(${workflowApprovalWaitTime}_bucket{${workflowName}="$workflow_name"}[30m])))`,
            },
            {
              ask: 'Which agent, or which model, has become slow?',
              query: promql`topk(5, histogram_quantile(0.5, sum by (${agentName}, task_type, le) (rate(${agentTaskDuration}_bucket[30m]))))`,
            },
            {
              ask: 'Where did one of its runs spend its time?',
              query: traceql`{ ${workflowExecute} && ${workflowName} = "$workflow_name" }`,
            },
          ],
          remedy: [
            'A model is slow: let another answer until it is back.',
            'Tasks are done again and again: see AgentRetryStorm.',
            'It does more than it used to, and shall: tomorrow this is what is usual.',
          ],
        },
        proof: ({ over }) => workflowSlowness.proof({ ...slow, over }),
      }),
      alert('FleetTasksSlowing', {
        spec: ['A18'],
        team: 'fleet',
        levels: [{ severity: 'warning', over: trend.slowFactor, for: '10m', keepFiringFor: '30m' }],
        when: ({ over }) => taskSlowness.slower({ ...slowing, over }),
        summary: 'The tasks of the fleet take longer than they did',
        description:
          '5 of 100 tasks of the last hour took longer than {{ $value | humanizeDuration }}: clearly more than on the day before.',
        dashboard: 'performance',
        runbook: {
          meaning:
            'The time that 95 of 100 tasks stay below has grown, over an hour, to well above what it was on the day before. It may still be below the target; FleetTasksSlow tells when it is not.',
          impact: 'None yet. If it goes on, workflows come late.',
          checks: [
            {
              ask: 'Which agent and which kind of task? Compare with the day before.',
              query: promql`topk(5, histogram_quantile(0.95, sum by (${agentName}, task_type, le) (rate(${agentTaskDuration}_bucket[1h]))))`,
            },
            {
              ask: 'Have the models become slower?',
              query: promql`histogram_quantile(0.95, sum by (gen_ai_request_model, le) (rate(${operationDuration}_bucket[1h])))`,
            },
            {
              ask: 'Or do tasks read and write more? Tokens of a task:',
              query: promql`sum(rate(${agentTokens}[1h])) / sum(rate(${agentTaskDuration}_count[1h]))`,
            },
          ],
          remedy: [
            'A model has become slower: compare it with its siblings, or ask its provider.',
            'Tasks have grown: conversations that are carried along, memory that finds too much.',
            'More of the slow kind of task is asked for: nothing is wrong.',
          ],
        },
        proof: ({ over }) => taskSlowness.proof({ ...slowing, over }),
      }),
      alert('AgentRetryStorm', {
        spec: ['A15'],
        team: 'fleet',
        levels: [{ severity: 'high', over: retries, for: '2m', keepFiringFor: '10m' }],
        when: ({ over }) =>
          promql`${agentRunsAgain} / ${agentRunsEnded} > ${over} and ${agentRunsEnded} >= ${enough.runs}`,
        summary: 'The agent {{ $labels.agent_name }} does little but try again',
        description:
          '{{ $value | humanizePercentage }} of the runs of {{ $labels.agent_name }} in the last 10 minutes were another attempt.',
        dashboard: 'agent-detail',
        variables: { agent: 'agent_name' },
        runbook: {
          meaning: 'More than half of what an agent does is to do again what it has done before.',
          impact: 'Each attempt costs money and takes the place of other work; whatever refuses it is asked even more.',
          checks: [
            {
              ask: 'What fails, so that it is tried again?',
              query: promql`topk(5, sum by (task_type, error_type) (increase(${agentTasksFailed}{${agentName}="$agent_name"}[15m])))`,
            },
            {
              ask: 'Or is good work sent back? Tasks begun again, by kind:',
              query: promql`sum by (task_type) (increase(${agentTaskRetries}{${agentName}="$agent_name"}[15m]))`,
            },
            {
              ask: 'Does a model or a provider fail behind it?',
              query: promql`sum by (gen_ai_request_model, error_type) (increase(${operationDuration}_count{error_type!=""}[15m]))`,
            },
          ],
          remedy: [
            'Something refuses or fails: stop trying again at once. Wait longer each time, and give up after a few.',
            'A review sends everything back: compare what it asks for with what the agent is told.',
            'A task that cannot succeed is tried for ever: take it out, and give attempts a limit.',
          ],
        },
        proof: ({ over }) =>
          share(
            { bad: series(agentRetryCount), total: series(agentRuns) },
            { over, within: '10m', enough: enough.runs },
          ),
      }),
    ],
    { interval: '1m', provedEvery: '5m' },
  );
}

function recorded(make: (within: (typeof windows)[number]) => Recording) {
  return { '15m': make('15m'), '1h': make('1h') };
}

export default twin('yml', ruleFile(workflows(targets), compose));
