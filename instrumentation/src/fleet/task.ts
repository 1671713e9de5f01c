import { randomUUID } from 'node:crypto';
import {
  agentActiveTasks,
  agentTaskCost,
  agentTaskDuration,
  agentTaskRetries,
  agentTasksCompleted,
  agentTasksFailed,
  agentTasksStarted,
  taskExecute,
} from '../catalog/tasks.ts';
import { type AgentTrace, agentTraceOf, createKeeper } from './agent-trace.ts';
import { given } from './given.ts';
import { beat } from './heartbeat.ts';
import { add, hold, record } from './record.ts';
import { run } from './run.ts';
import { currentScope } from './scope.ts';

export interface TaskOptions {
  /** What kind of task: one of few. */
  type: string;
  /** This task. Default: a new UUID. */
  id?: string;
  /** Who works on it. Default: the agent around it. */
  agent?: string;
  /** Attempts before this one. Default: 0. */
  retries?: number;
}

export interface Task {
  readonly id: string;
  /** What was decided so far, and what it used. */
  trace(): AgentTrace;
}

/** One task of an agent: counted, timed, and with its decisions as its `AgentTrace`. (T01, S05) */
export function task<T>(options: TaskOptions, fn: (task: Task) => T): T {
  const scope = currentScope();
  const { type, id = randomUUID(), agent = scope.agentName, retries = 0 } = given(options);
  const labels = { 'agent.name': agent, 'task.type': type };
  const keeper = createKeeper('task', scope.trace);
  const trace = () => agentTraceOf(scope.agentId ?? agent ?? 'unknown', id, keeper);
  add(agentTasksStarted, 1, labels);
  if (retries > 0) add(agentTaskRetries, 1, labels);
  beat(agent);
  return run(
    {
      declaration: taskExecute,
      attributes: {
        'agent.name': agent,
        'agent.id': scope.agentId,
        'agent.task.id': id,
        'task.type': type,
        'agent.task.retry.count': retries,
      },
      scope: { ...(agent && { agentName: agent }), taskType: type, taskId: id, trace: keeper },
      giveBack: hold(agentActiveTasks, labels),
      onEnd({ outcome, errorType, seconds }, span) {
        const summary = trace();
        span.set({
          outcome,
          'agent.task.cost_usd': keeper.costUsd,
          'agent.trace.decisions': summary.decisions.length,
          'agent.trace.reasoning': summary.reasoning,
          'agent.trace.alternatives': summary.decisions.length > 0 ? summary.alternatives : undefined,
          'agent.trace.final_choice': summary.finalChoice,
          'agent.trace.confidence': summary.confidence,
          'agent.trace.token_usage.input': summary.tokenUsage.input,
          'agent.trace.token_usage.output': summary.tokenUsage.output,
        });
        if (outcome === 'success') add(agentTasksCompleted, 1, labels);
        if (outcome === 'failure') add(agentTasksFailed, 1, { ...labels, 'error.type': errorType });
        record(agentTaskDuration, seconds, { ...labels, outcome });
        const spent = keeper.ownCostUsd ?? 0;
        if (spent > 0) {
          add(agentTaskCost, spent, { ...labels, 'workflow.name': scope.workflowName, outcome });
        }
        beat(agent);
      },
    },
    () => fn({ id, trace }),
  );
}
