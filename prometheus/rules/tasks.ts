import { agentErrors } from '../../instrumentation/src/catalog/agents.ts';
import { agentName } from '../../instrumentation/src/catalog/attributes.ts';
import { operationDuration } from '../../instrumentation/src/catalog/llm.ts';
import {
  agentTaskDuration,
  agentTasksFailed,
  agentTasksStarted,
  taskExecute,
} from '../../instrumentation/src/catalog/tasks.ts';
import { toolDuration } from '../../instrumentation/src/catalog/tools.ts';
import { compose } from '../../place.ts';
import { promql } from '../../queries/promql.ts';
import { traceql } from '../../queries/traceql.ts';
import { twin } from '../../twin.ts';
import { alert } from '../kit/alert.ts';
import { group } from '../kit/group.ts';
import { environment } from '../kit/labels.ts';
import { quantile, share } from '../kit/proof.ts';
import { type Answer, record } from '../kit/record.ts';
import { ruleFile } from '../kit/rule-file.ts';
import { grows, series } from '../kit/world.ts';
import { type Targets, targets } from '../targets.ts';

/** A counter of failures does not exist before the first one: until then the share is 0, not unknown. */
const noFailureYet = (labels: Record<string, string>): readonly Answer[] => [
  {
    title: 'is 0 before the first failure',
    world: grows(series(agentTasksStarted), 60),
    answers: [{ labels, value: 0 }],
  },
];
const production = { [environment]: 'production' };

const fleetTasksStarted = record(
  'environment:tasks_started:increase5m',
  promql`sum by (${environment}) (increase(${agentTasksStarted}[5m]))`,
  'tasks begun in 5 minutes',
);

export const fleetTaskFailures = record(
  'environment:task_failures:ratio_rate5m',
  promql`(sum by (${environment}) (increase(${agentTasksFailed}[5m])) or 0 * ${fleetTasksStarted}) / ${fleetTasksStarted}`,
  'failed tasks as a share of those begun, over 5 minutes',
  noFailureYet(production),
);

const agentTasksBegun = record(
  'agent:tasks_started:increase5m',
  promql`sum by (${environment}, ${agentName}) (increase(${agentTasksStarted}[5m]))`,
  'tasks an agent began in 5 minutes',
);

const agentTaskFailures = record(
  'agent:task_failures:ratio_rate5m',
  promql`(sum by (${environment}, ${agentName}) (increase(${agentTasksFailed}[5m])) or 0 * ${agentTasksBegun}) / ${agentTasksBegun}`,
  'failed tasks as a share of those an agent began, over 5 minutes',
  noFailureYet({ ...production, agent_name: 'qa' }),
);

const fleetTaskP95 = record(
  'environment:task_duration_seconds:p95_rate5m',
  promql`histogram_quantile(0.95, sum by (${environment}, le) (rate(${agentTaskDuration}_bucket[5m])))`,
  'seconds that 95 of 100 tasks do not reach, over 5 minutes',
);

const agentTaskP95 = record(
  'agent:task_duration_seconds:p95_rate5m',
  promql`histogram_quantile(0.95, sum by (${environment}, ${agentName}, le) (rate(${agentTaskDuration}_bucket[5m])))`,
  'seconds that 95 of 100 tasks of an agent do not reach, over 5 minutes',
);

const ended = promql`sum by (${environment}) (increase(${agentTaskDuration}_count[5m]))`;
const endedByAgent = promql`sum by (${environment}, ${agentName}) (increase(${agentTaskDuration}_count[5m]))`;

/** Do the tasks of the fleet end well, and soon? Fleet first: one agent alone is less urgent. (A01, A04, A11, A12) */
export function tasks({ taskFailures, taskSeconds, enough }: Targets) {
  return group('tasks', [
    fleetTasksStarted,
    fleetTaskFailures,
    agentTasksBegun,
    agentTaskFailures,
    fleetTaskP95,
    agentTaskP95,
    alert('FleetErrorRateHigh', {
      spec: ['A01'],
      team: 'fleet',
      levels: [{ severity: 'critical', over: taskFailures.critical, for: '2m', keepFiringFor: '5m' }],
      when: ({ over }) => promql`${fleetTaskFailures} > ${over} and ${fleetTasksStarted} >= ${enough.tasks}`,
      summary: 'Too many tasks of the fleet fail',
      description: '{{ $value | humanizePercentage }} of the tasks begun in the last 5 minutes failed.',
      dashboard: 'errors',
      runbook: {
        meaning: 'Over all agents of one environment, more of the tasks begun in 5 minutes failed than is tolerated.',
        impact: 'Work is lost or done again: requests wait, and retries cost money.',
        checks: [
          {
            ask: 'Which agent, and which error? One agent: its own change. One error everywhere: what they all share.',
            query: promql`topk(10, sum by (${agentName}, error_type) (increase(${agentTasksFailed}[10m])))`,
          },
          {
            ask: 'Does a model or a provider fail? Then the tasks only show it.',
            query: promql`sum by (gen_ai_request_model, error_type) (increase(${operationDuration}_count{error_type!=""}[10m]))`,
          },
          { ask: 'What happened inside a task that failed?', query: traceql`{ ${taskExecute} && status = error }` },
        ],
        remedy: [
          'A provider is down or throttles: switch to the fallback model, or pause the workflows that need it.',
          'It began with a deployment: roll back.',
          'One agent: stop handing tasks to it until its error is understood.',
        ],
      },
      proof: ({ over }) =>
        share(
          { bad: series(agentTasksFailed), total: series(agentTasksStarted) },
          { over, within: '5m', enough: enough.tasks },
        ),
    }),
    alert('AgentErrorRateHigh', {
      spec: ['A11'],
      team: 'fleet',
      levels: [{ severity: 'warning', over: taskFailures.singleAgent, for: '5m', keepFiringFor: '10m' }],
      when: ({ over }) => promql`${agentTaskFailures} > ${over} and ${agentTasksBegun} >= ${enough.tasks}`,
      summary: 'The agent {{ $labels.agent_name }} fails too many of its tasks',
      description:
        '{{ $value | humanizePercentage }} of the tasks that {{ $labels.agent_name }} began in the last 5 minutes failed.',
      dashboard: 'agent-detail',
      variables: { agent: 'agent_name' },
      runbook: {
        meaning: 'One agent fails more of its tasks than a single agent may; the fleet as a whole may still be well.',
        impact: 'What depends on this agent waits or is done again.',
        checks: [
          {
            ask: 'Which error?',
            query: promql`topk(5, sum by (error_type, task_type) (increase(${agentTasksFailed}{${agentName}="$agent_name"}[15m])))`,
          },
          {
            ask: 'Do whole runs of the agent fail, or single tasks inside them?',
            query: promql`sum by (error_type) (increase(${agentErrors}{${agentName}="$agent_name"}[15m]))`,
          },
          {
            ask: 'What happened inside a task that failed?',
            query: traceql`{ ${taskExecute} && status = error && ${agentName} = "$agent_name" }`,
          },
        ],
        remedy: [
          'The error names a tool or a model: look at that one first.',
          'It began with a new version of the agent or its prompt: go back to the former.',
          'One kind of task: send it to another agent until it is mended.',
        ],
      },
      proof: ({ over }) =>
        share(
          { bad: series(agentTasksFailed), total: series(agentTasksStarted) },
          { over, within: '5m', enough: enough.tasks },
        ),
    }),
    alert('FleetTasksSlow', {
      spec: ['A04'],
      team: 'fleet',
      levels: [{ severity: 'high', over: taskSeconds.p95, for: '5m', keepFiringFor: '5m' }],
      when: ({ over }) => promql`${fleetTaskP95} > ${over} and ${ended} >= ${enough.tasks}`,
      summary: 'The tasks of the fleet take too long',
      description: '5 of 100 tasks took longer than {{ $value | humanizeDuration }} in the last 5 minutes.',
      dashboard: 'performance',
      runbook: {
        meaning: 'The time that 95 of 100 tasks stay below, over all agents of one environment, is above the target.',
        impact: 'Workflows take longer, and people who wait for an answer notice.',
        checks: [
          {
            ask: 'Which agent and which kind of task?',
            query: promql`topk(10, histogram_quantile(0.95, sum by (${agentName}, task_type, le) (rate(${agentTaskDuration}_bucket[10m]))))`,
          },
          {
            ask: 'Is it the models, the tools, or the wait in queues?',
            query: promql`histogram_quantile(0.95, sum by (gen_ai_request_model, le) (rate(${operationDuration}_bucket[10m])))`,
          },
          { ask: 'Where did one slow task spend its time?', query: traceql`{ ${taskExecute} && duration > 5s }` },
        ],
        remedy: [
          'One model is slow: let another answer until it is back.',
          'Queues wait: see QueueBacklogHigh.',
          'Tasks have grown (more steps, longer prompts): split them.',
        ],
      },
      proof: ({ over }) => quantile(series(agentTaskDuration), { q: 0.95, over, within: '5m', enough: enough.tasks }),
    }),
    alert('AgentTasksSlow', {
      spec: ['A12'],
      team: 'fleet',
      levels: [{ severity: 'warning', over: taskSeconds.singleAgentP95, for: '5m', keepFiringFor: '10m' }],
      when: ({ over }) => promql`${agentTaskP95} > ${over} and ${endedByAgent} >= ${enough.tasks}`,
      summary: 'The tasks of {{ $labels.agent_name }} take too long',
      description:
        '5 of 100 tasks of {{ $labels.agent_name }} took longer than {{ $value | humanizeDuration }} in the last 5 minutes.',
      dashboard: 'agent-detail',
      variables: { agent: 'agent_name' },
      runbook: {
        meaning: 'One agent takes longer than a single agent may; the fleet as a whole may still be in time.',
        impact: 'What depends on this agent waits.',
        checks: [
          {
            ask: 'Which kind of task?',
            query: promql`histogram_quantile(0.95, sum by (task_type, le) (rate(${agentTaskDuration}_bucket{${agentName}="$agent_name"}[15m])))`,
          },
          {
            ask: 'Are the tools slow, or what stands before them?',
            query: promql`topk(5, histogram_quantile(0.95, sum by (gen_ai_tool_name, le) (rate(${toolDuration}_bucket[15m]))))`,
          },
          {
            ask: 'Where did one slow task spend its time?',
            query: traceql`{ ${taskExecute} && ${agentName} = "$agent_name" && duration > 10s }`,
          },
        ],
        remedy: [
          'A tool or a model is slow: look at that one first.',
          'The agent does more than it used to (steps, tokens): compare with the traces of a good day.',
        ],
      },
      proof: ({ over }) => quantile(series(agentTaskDuration), { q: 0.95, over, within: '5m', enough: enough.tasks }),
    }),
  ]);
}

export default twin('yml', ruleFile(tasks(targets), compose));
