import { errorType, workflowName } from '../../instrumentation/src/catalog/attributes.ts';
import { stackTrace } from '../../instrumentation/src/catalog/service.ts';
import { workflowStatus } from '../../instrumentation/src/catalog/workflows.ts';
import type { ApiFact, SpanFact } from './fact.ts';
import { fingerprint } from './fingerprint.ts';
import type { StepSeen } from './fold-step.ts';
import { natural, text } from './given.ts';
import type { AgentExecution, Orchestration, RunStatus } from './record.ts';
import { orchestrationId } from './run-key.ts';
import { compare, read, type Times, timesFrom, timesOf } from './span.ts';
import { sum } from './spent.ts';

/** One run, by what told of it. */
export interface RunSeen {
  readonly session: string;
  start: ApiFact | undefined;
  end: ApiFact | undefined;
  /** In the order of their beginning; more than one where a run was taken up again. */
  readonly roots: SpanFact[];
}

/** What one piece of work came to: the last of its attempts counts. */
interface Work {
  readonly key: string;
  readonly startedAt: string;
  readonly id: string;
  readonly outcome: 'success' | 'failure' | 'cancelled' | null;
}

/** Its row. What the caller said comes before what the span says, and that before what its agents add up to. */
export function runOf(run: RunSeen, executions: readonly AgentExecution[], steps: readonly StepSeen[]): Orchestration {
  const { session, start, end } = run;
  const root = run.roots.at(-1);
  const broken = stillBroken(executions);
  const tasks = lastAttempts(tasksIn(executions, steps));
  const completed = tasks.filter(({ outcome }) => outcome === 'success').length;
  const failed = tasks.filter(({ outcome }) => outcome === 'failure').length;
  const status = statusOf(run, executions, broken);
  const error =
    status === 'failed'
      ? (errorOf(root, broken) ?? unexplained)
      : status === 'partial'
        ? errorOf(root, broken)
        : undefined;
  return {
    id: orchestrationId(session),
    session_id: session,
    task_description: text(start, 'task_description'),
    status,
    ...runTimes(run),
    total_tasks: natural(start, 'total_tasks') ?? tasks.length,
    completed_tasks: natural(end, 'completed_tasks') ?? completed,
    failed_tasks: natural(end, 'failed_tasks') ?? failed,
    git_commit_hash: text(start, 'git_commit_hash'),
    plan_file_path: text(start, 'plan_file_path'),
    progress_file_path: text(start, 'progress_file_path'),
    workflow_name: (root && read(root, workflowName)) ?? null,
    service_name: root?.service_name ?? null,
    environment: root?.environment ?? null,
    trace_id: run.roots[0]?.trace_id ?? null,
    error_message: error?.message ?? null,
    error_fingerprint: error?.fingerprint ?? null,
    ...sum(steps.map(({ spent }) => spent)),
  };
}

/** Failed executions that no later one of the same work made good. */
function stillBroken(executions: readonly AgentExecution[]): AgentExecution[] {
  const good = new Map<string, string>();
  for (const one of executions) {
    const key = workOf(one);
    if (one.status === 'completed' && one.started_at > (good.get(key) ?? '')) good.set(key, one.started_at);
  }
  return executions
    .filter((one) => one.status === 'failed' && (good.get(workOf(one)) ?? '') <= one.started_at)
    .sort((a, b) => compare(a.started_at, b.started_at) || compare(a.id, b.id));
}

/** An agent's work is the same work where the caller or the task says so. */
function workOf({ agent_name, parent_id, operation, task_id, task_number }: AgentExecution): string {
  return JSON.stringify([agent_name, parent_id, operation, task_id ?? task_number]);
}

/** Tasks that spans tell; where none does, each execution's work is one. */
function tasksIn(executions: readonly AgentExecution[], steps: readonly StepSeen[]): Work[] {
  const tasks = steps.filter(({ step }) => step.kind === 'task');
  if (tasks.length > 0)
    return tasks.map(({ step: { id, started_at, outcome }, taskId }) => ({
      key: taskId ?? id,
      startedAt: started_at,
      id,
      outcome,
    }));
  const outcomes = { in_progress: null, completed: 'success', failed: 'failure' } as const;
  return executions.map(({ id, task_id, task_number, started_at, status }) => ({
    key: task_id ?? (task_number === null ? id : `${task_number}`),
    startedAt: started_at,
    id,
    outcome: outcomes[status],
  }));
}

function lastAttempts(work: readonly Work[]): Work[] {
  const last = new Map<string, Work>();
  for (const one of work) {
    const other = last.get(one.key);
    if (
      !other ||
      compare(one.startedAt, other.startedAt) > 0 ||
      (one.startedAt === other.startedAt && one.id > other.id)
    )
      last.set(one.key, one);
  }
  return [...last.values()];
}

/**
 * A run that ended well with work that stayed broken is partial; one that was given up is partial if any of its work was
 * done; one that threw has failed.
 */
function statusOf(
  { end, roots }: RunSeen,
  executions: readonly AgentExecution[],
  broken: readonly AgentExecution[],
): RunStatus {
  const said = text(end, 'status');
  if (said === 'completed' || said === 'failed' || said === 'partial') return said;
  const root = roots.at(-1);
  if (!root) return end ? 'completed' : 'running';
  const status = read(root, workflowStatus) ?? (root.error ? 'failed' : 'completed');
  const somethingDone = executions.some((one) => one.status === 'completed');
  if (status === 'cancelled') return somethingDone ? 'partial' : 'failed';
  if (status !== 'completed') return 'failed';
  return broken.length > 0 ? 'partial' : 'completed';
}

/** Its own error, or the first of those of its agents that nobody made good. */
function errorOf(root: SpanFact | undefined, broken: readonly AgentExecution[]) {
  const [first] = broken;
  if (root && (root.error || read(root, errorType))) {
    const [type, message] = [read(root, errorType) ?? null, root.status_message];
    return {
      message: message ?? first?.error_message ?? type,
      fingerprint: fingerprint({ type, message, stack: read(root, stackTrace) }),
    };
  }
  return first && { message: first.error_message ?? first.error_type, fingerprint: first.error_fingerprint };
}

/** A run that failed and does not say why is a failure all the same, of one kind with spans and executions that do not. */
const unexplained = { message: null, fingerprint: fingerprint({}) };

/** Both ends by one clock where there is one that has both. */
function runTimes({ start, end, roots }: RunSeen): Times {
  if (start && (end || roots.length === 0)) return timesFrom(Date.parse(start.at), end && Date.parse(end.at));
  const [first] = roots as [SpanFact];
  const times = roots.map(timesOf);
  const completed = times
    .map(({ completed_at }) => completed_at as string)
    .sort(compare)
    .at(-1) as string;
  return timesFrom(Date.parse(timesOf(first).started_at), Date.parse(completed));
}
