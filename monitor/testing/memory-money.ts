/** What money went to, and what it bought nothing with: the plainest reading of what a store must tell. */
import { type LostWork, lossesAt } from '../ledger/losses.ts';
import { sumMicroUsd } from '../ledger/money.ts';
import type { AgentExecution, Orchestration, Step } from '../ledger/record.ts';
import type { Run } from '../ledger/run-tree.ts';
import { compare } from '../ledger/span.ts';
import type { Cost, CostBy, Loss, Window } from '../store/store.ts';

export interface AllRows {
  readonly runs: readonly Orchestration[];
  readonly executions: readonly AgentExecution[];
  readonly steps: readonly Step[];
}

/** What was spent, under a name. */
interface Entry extends Pick<Step, 'cost_micro_usd' | 'input_tokens' | 'output_tokens' | 'unpriced_calls'> {
  readonly name: string | null;
  /** 0: it is not what is counted. */
  readonly times: 0 | 1;
  readonly failed: boolean;
}

export function costsOf(by: CostBy, rows: AllRows, window: Window): Cost[] {
  const entries = entriesOf(by, rows, ({ started_at: at }) => isIn(at, window));
  return [...Map.groupBy(entries, ({ name }) => name || null)]
    .map(
      ([name, of]): Cost => ({
        name,
        times: total(of.map(({ times }) => times)),
        failed: of.filter(({ failed, times }) => failed && times > 0).length,
        cost_micro_usd: sumMicroUsd(of.map(({ cost_micro_usd }) => cost_micro_usd)),
        input_tokens: total(of.map(({ input_tokens }) => input_tokens)),
        output_tokens: total(of.map(({ output_tokens }) => output_tokens)),
        unpriced_calls: total(of.map(({ unpriced_calls }) => unpriced_calls)),
      }),
    )
    .sort((a, b) => (b.cost_micro_usd ?? -1) - (a.cost_micro_usd ?? -1) || compare(a.name ?? '', b.name ?? ''));
}

function entriesOf(
  by: CostBy,
  { runs, executions, steps }: AllRows,
  isWanted: (row: { readonly started_at: string }) => boolean,
): Entry[] {
  const named = <Row extends Omit<Entry, 'name' | 'times' | 'failed'> & { readonly started_at: string }>(
    rows: readonly Row[],
    nameOf: (row: Row) => string | null,
    isFailed: (row: Row) => boolean,
  ) => rows.filter(isWanted).map((row): Entry => ({ ...row, name: nameOf(row), times: 1, failed: isFailed(row) }));
  const rest = (isRest: (step: Step) => boolean) =>
    steps
      .filter((step) => isWanted(step) && isRest(step) && isSpent(step))
      .map((step): Entry => ({ ...step, name: null, times: 0, failed: false }));
  const hasFailed = ({ status }: { readonly status: string }) => status === 'failed';
  switch (by) {
    case 'agent':
      return [...named(executions, (one) => one.agent_name, hasFailed), ...rest((one) => one.execution_id === null)];
    case 'task':
      return [...named(executions, (one) => one.operation, hasFailed), ...rest((one) => one.execution_id === null)];
    case 'workflow':
      return [...named(runs, (one) => one.workflow_name, hasFailed), ...rest((one) => one.orchestration_id === null)];
    default: {
      const calls = steps.filter(({ kind }) => kind === by);
      return [
        ...named(
          calls,
          (one) => one.name,
          ({ outcome }) => outcome === 'failure',
        ),
        ...rest(({ kind }) => kind !== by),
      ];
    }
  }
}

function isSpent({ cost_micro_usd, input_tokens, output_tokens, unpriced_calls }: Step): boolean {
  return cost_micro_usd !== null || input_tokens + output_tokens + unpriced_calls > 0;
}

export function lossesIn(runs: readonly Run[], window: Window, nowMs: number): Loss[] {
  const lost = runs
    .flatMap((run) => lossesAt(run, nowMs).map((one) => ({ ...one, session_id: run.orchestration.session_id })))
    .filter(({ at }) => isIn(at, window))
    .sort((a, b) => compare(b.at, a.at) || compare(b.id, a.id));
  return [...Map.groupBy(lost, ({ reason, error_fingerprint }) => `${reason} ${error_fingerprint ?? ''}`)]
    .map(([, of]): Loss => {
      const { reason, error_fingerprint, error_type, error_message } = of[0] as LostWork;
      return {
        ...{ reason, error_fingerprint, error_type, error_message, times: of.length },
        cost_micro_usd: sumMicroUsd(of.map(({ cost_micro_usd }) => cost_micro_usd)),
        duration_ms: total(of.map(({ duration_ms }) => duration_ms)),
        sessions: [...new Set(of.map(({ session_id }) => session_id))].slice(0, 5),
      };
    })
    .sort(
      (a, b) =>
        (b.cost_micro_usd ?? -1) - (a.cost_micro_usd ?? -1) ||
        b.duration_ms - a.duration_ms ||
        compare(a.reason, b.reason) ||
        compare(a.error_fingerprint ?? '', b.error_fingerprint ?? ''),
    );
}

function isIn(at: string, { sinceIso, untilIso }: Window): boolean {
  return (sinceIso === undefined || at >= sinceIso) && (untilIso === undefined || at < untilIso);
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}
