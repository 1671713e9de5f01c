import type { AgentExecution, Orchestration, Step } from '../ledger/record.ts';
import type { Ledger } from '../store/store.ts';

/** One run with all that is its: for what looks at a run as a whole. */
export async function runOf(
  ledger: Ledger,
  orchestration: Orchestration,
): Promise<{ orchestration: Orchestration; executions: AgentExecution[]; steps: Step[] }> {
  for await (const run of ledger.export(orchestration.session_id)) return run;
  // It was removed since it was found.
  return { orchestration, executions: [], steps: [] };
}
