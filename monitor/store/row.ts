/** What stores keep beside the rows themselves. */
import type { Fact } from '../ledger/fact.ts';
import type { Rows } from '../ledger/fold.ts';
import type { AgentExecution, Orchestration } from '../ledger/record.ts';
import { isoOf, msOf } from '../ledger/span.ts';

export type KeptRun = Orchestration & { failed_alone: number };

/** A failed run in which no agent failed: its failure is told by no execution. */
export function keptRun(
  executions: readonly Pick<AgentExecution, 'status' | 'orchestration_id'>[],
): (run: Orchestration) => KeptRun {
  const failedIn = new Set(executions.flatMap((one) => (one.status === 'failed' ? [one.orchestration_id] : [])));
  return (run) => ({ ...run, failed_alone: run.error_fingerprint !== null && !failedIn.has(run.id) ? 1 : 0 });
}

/** When the last of its runs ended, or the last span of none. Null: something is under way. */
export function endOf({ orchestrations: runs, executions: agents }: Rows, facts: readonly Fact[]): string | null {
  const ends = (runs.length > 0 ? runs : agents).map(({ completed_at }) => completed_at);
  if (ends.includes(null)) return null;
  const seen = facts.map((fact) => (fact.source === 'api' ? fact.at : isoOf(msOf(fact.end_unix_nano))));
  return (ends.length > 0 ? (ends as string[]) : seen).reduce((last, end) => (end > last ? end : last));
}
