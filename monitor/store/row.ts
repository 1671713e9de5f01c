/** What stores keep beside the rows themselves. */
import type { Fact } from '../ledger/fact.ts';
import type { Rows } from '../ledger/fold.ts';
import { type LostWork, lossesOf } from '../ledger/losses.ts';
import type { AgentExecution, Orchestration } from '../ledger/record.ts';
import { heardOf } from '../ledger/run-tree.ts';
import { isoOf, msOf } from '../ledger/span.ts';

export type KeptRun = Orchestration & { failed_alone: number };

/** A failed run in which no agent failed: its failure is told by no execution. */
function keptRun(
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

/** How old a thread is: when one last heard of anything in it, whether or not it has ended. After a day it is given up anyway. */
export function endOf({ orchestrations, executions, steps }: Rows, facts: readonly Fact[]): string {
  let last = '';
  for (const rows of [orchestrations, executions, steps])
    for (const { started_at, completed_at } of rows) {
      const at = completed_at ?? started_at;
      if (at > last) last = at;
    }
  return isoOf(facts.reduce((ms, fact) => Math.max(ms, toldMs(fact)), last === '' ? 0 : Date.parse(last)));
}

function toldMs(fact: Fact): number {
  if (fact.source === 'api') return Date.parse(fact.at);
  return Math.max(msOf(fact.start_unix_nano), msOf(fact.end_unix_nano));
}
