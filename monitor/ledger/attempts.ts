/** Attempts that failed and were made again: their time and money bought nothing. */
import type { AgentExecution, Step } from './record.ts';
import { compare } from './span.ts';

/** By the id of an attempt that failed, the id of the one that stood in for it. (B06, B07) */
export function supersededBy(executions: readonly AgentExecution[], steps: readonly Step[]): Map<string, string> {
  const found = new Map<string, string>();
  // Of thousands of steps, few are worth a look.
  const numbered = steps.some(({ attempt }) => attempt > 1) ? steps.filter(isNumbered) : [];
  const attempts = [...executions.map(ofExecution), ...numbered.map(ofStep)];
  for (const group of Map.groupBy(attempts, ({ of }) => of).values()) {
    if (group.length < 2) continue;
    group.sort((a, b) => compare(a.startedAt, b.startedAt) || a.number - b.number);
    /** Failed ones that nothing stands in for yet, by their number. */
    const failed = new Map<number, Attempt[]>();
    for (const attempt of group) {
      const before = failed.get(attempt.isNamed ? 0 : attempt.number - 1);
      const again = before?.findLastIndex(({ endedAt }) => endedAt !== null && endedAt <= attempt.startedAt) ?? -1;
      if (before && again >= 0) for (const { id } of before.splice(again, 1)) found.set(id, attempt.id);
      if (!attempt.failed) continue;
      const number = attempt.isNamed ? 0 : attempt.number;
      const others = failed.get(number);
      if (others) others.push(attempt);
      else failed.set(number, [attempt]);
    }
  }
  return found;
}

interface Attempt {
  readonly id: string;
  /** What was attempted: the same for all attempts at it. */
  readonly of: string;
  /** The caller gave the work a name, so that whatever comes later under it is another attempt. Else the number must say so. */
  readonly isNamed: boolean;
  readonly number: number;
  readonly failed: boolean;
  readonly startedAt: string;
  readonly endedAt: string | null;
}

function ofExecution(execution: AgentExecution): Attempt {
  const { id, parent_id, orchestration_id, agent_name, operation, task_id, task_number, retry_count } = execution;
  const task = task_id ?? task_number;
  return {
    id,
    of: JSON.stringify(['execution', orchestration_id, parent_id, agent_name, operation, task]),
    ...{ isNamed: task !== null, number: retry_count + 1, failed: execution.status === 'failed' },
    ...{ startedAt: execution.started_at, endedAt: execution.completed_at },
  };
}

function isNumbered({ attempt, outcome }: Step): boolean {
  return attempt > 1 || outcome === 'failure';
}

function ofStep({
  id,
  parent_id,
  execution_id,
  kind,
  name,
  attempt,
  outcome,
  started_at,
  completed_at,
}: Step): Attempt {
  return {
    id,
    of: JSON.stringify([kind, execution_id, parent_id, name]),
    ...{ isNamed: false, number: attempt, failed: outcome === 'failure', startedAt: started_at, endedAt: completed_at },
  };
}
