import type { AgentExecution, Orchestration, Step } from '../../ledger/record.ts';
import type { Decision } from '../record.ts';
import type { State } from './sums.ts';

/** Decisions of a day, joined with what came of them. (M03, M05) */
export class DecisionDay {
  readonly #steps: Step[] = [];
  readonly #deciding = new Set<string>();
  readonly #around = new Set<string>();
  readonly #executions = new Map<string, { row: AgentExecution; state: State }>();
  readonly #runs = new Map<string, Orchestration>();

  step(step: Step): void {
    this.#steps.push(step);
    if (step.execution_id !== null) this.#deciding.add(step.execution_id);
    if (step.orchestration_id !== null) this.#around.add(step.orchestration_id);
  }

  /** Of those that no decision names nothing is kept: steps come first. */
  execution(row: AgentExecution, state: State): void {
    if (this.#deciding.has(row.id)) this.#executions.set(row.id, { row, state });
  }

  run(row: Orchestration): void {
    if (this.#around.has(row.id)) this.#runs.set(row.id, row);
  }

  lacking(): { readonly executions: readonly string[]; readonly runs: readonly string[] } {
    return {
      executions: [...this.#deciding].filter((id) => !this.#executions.has(id)),
      runs: [...this.#around].filter((id) => !this.#runs.has(id)),
    };
  }

  rows(date: string): Decision[] {
    return this.#steps
      .map((step) => this.#row(date, step))
      .sort((a, b) => (a.at === b.at ? (a.id < b.id ? -1 : 1) : a.at < b.at ? -1 : 1));
  }

  #row(date: string, { id, started_at, name, details, execution_id, orchestration_id }: Step): Decision {
    const made = execution_id === null ? undefined : this.#executions.get(execution_id);
    const run = orchestration_id === null ? undefined : this.#runs.get(orchestration_id);
    const { choice, confidence, reasoning, ...supporting } = details;
    const isOver = made !== undefined && made.state !== 'in progress';
    return {
      ...{
        id,
        date,
        at: started_at,
        agent_name: made?.row.agent_name ?? null,
        session_id: run?.session_id ?? null,
        name,
      },
      ...{ choice: textOf(choice), reasoning: textOf(reasoning) },
      confidence: typeof confidence === 'number' ? confidence : null,
      supporting: {
        ...Object.fromEntries(
          Object.entries(supporting).map(([key, value]) => [key, typeof value === 'boolean' ? `${value}` : value]),
        ),
        ...(isOver && {
          ...{
            retries: made.row.retry_count,
            input_tokens: made.row.input_tokens,
            output_tokens: made.row.output_tokens,
          },
          ...(made.row.cost_micro_usd !== null && { cost_micro_usd: made.row.cost_micro_usd }),
          ...(made.row.duration_ms !== null && { duration_ms: made.row.duration_ms }),
        }),
      },
      outcome: isOver ? (made.state === 'failed' ? 'failure' : 'success') : 'unknown',
      outcome_at: isOver ? made.row.completed_at : null,
    };
  }
}

function textOf(value: string | number | boolean | undefined): string | null {
  return value === undefined ? null : String(value);
}
