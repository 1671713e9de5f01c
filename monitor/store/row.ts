/** What stores keep beside the rows themselves. */
import type { Fact } from '../ledger/fact.ts';
import type { Rows } from '../ledger/fold.ts';
import { type LostWork, lossesOf } from '../ledger/losses.ts';
import type { AgentExecution, Orchestration } from '../ledger/record.ts';
import { heardOf } from '../ledger/run-tree.ts';
import { timesOf } from '../ledger/span.ts';

export type KeptRun = Orchestration & { failed_alone: number };

/** A failed run in which no agent failed: its failure is told by no execution. */
export function keptRun(
  executions: readonly Pick<AgentExecution, 'status' | 'orchestration_id'>[],
): (run: Orchestration) => KeptRun {
  const failedIn = new Set(executions.flatMap((one) => (one.status === 'failed' ? [one.orchestration_id] : [])));
  return (run) => ({ ...run, failed_alone: run.error_fingerprint !== null && !failedIn.has(run.id) ? 1 : 0 });
}

/** `heard_at`: the last beginning or end of anything in it, by which a run that never ends is abandoned. */
export type HeardRun = KeptRun & { readonly heard_at: string };

/** What is kept of the runs of a thread. */
export function keptRuns({ orchestrations, executions, steps }: Rows): { runs: HeardRun[]; losses: LostWork[] } {
  const kept = keptRun(executions);
  const executionsIn = Map.groupBy(executions, ({ orchestration_id }) => orchestration_id);
  const stepsIn = Map.groupBy(steps, ({ orchestration_id }) => orchestration_id);
  const whole = orchestrations.map((orchestration) => ({
    orchestration,
    executions: executionsIn.get(orchestration.id) ?? [],
    steps: stepsIn.get(orchestration.id) ?? [],
  }));
  return {
    runs: whole.map((run) => ({ ...kept(run.orchestration), heard_at: heardOf(run) })),
    losses: whole.flatMap(lossesOf),
  };
}

/** When the last of its runs ended; of what no run has claimed, when one last heard of it. Null: something is under way. */
export function endOf({ orchestrations: runs, executions }: Rows, facts: readonly Fact[]): string | null {
  const ends = (runs.length > 0 ? runs : executions).map(({ completed_at }) => completed_at);
  if (ends.includes(null)) return null;
  const heard = () => facts.map((fact) => (fact.source === 'api' ? fact.at : (timesOf(fact).completed_at as string)));
  return (runs.length > 0 ? (ends as string[]) : heard()).reduce((last, end) => (end > last ? end : last));
}
