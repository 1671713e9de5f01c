import type { Counts, Spending } from '../record.ts';

/** When the day was closed. */
export type State = 'in progress' | 'ended well' | 'failed';

export class CountSum {
  readonly #by: Record<State, number> = { 'in progress': 0, 'ended well': 0, failed: 0 };

  count(state: State): void {
    this.#by[state]++;
  }

  counts(): Counts {
    const { 'in progress': in_progress, 'ended well': completed, failed } = this.#by;
    return { started: in_progress + completed + failed, completed, failed, in_progress };
  }
}

interface Spent {
  readonly cost_micro_usd: number | null;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly unpriced_calls: number;
}

/** Money is whole nano-USD: in any order it comes to the same. */
export class SpendingSum {
  #nano: number | null = null;
  #failedNano: number | null = null;
  #input = 0;
  #output = 0;
  #unpriced = 0;

  add({ cost_micro_usd, input_tokens, output_tokens, unpriced_calls }: Spent, state: State): void {
    if (cost_micro_usd !== null) {
      const nano = Math.round(cost_micro_usd * 1000);
      this.#nano = (this.#nano ?? 0) + nano;
      if (state === 'failed') this.#failedNano = (this.#failedNano ?? 0) + nano;
    }
    this.#input += input_tokens;
    this.#output += output_tokens;
    this.#unpriced += unpriced_calls;
  }

  spending(): Spending {
    const micro = (nano: number | null) => (nano === null ? null : nano / 1000);
    return {
      ...{ micro_usd: micro(this.#nano), failed_micro_usd: micro(this.#failedNano) },
      ...{ input_tokens: this.#input, output_tokens: this.#output, unpriced_calls: this.#unpriced },
    };
  }
}

/** Numbers that not every call tells: null as long as none did. */
export class ToldSum {
  #sum: number | null = null;

  add(value: unknown): void {
    if (typeof value === 'number') this.#sum = (this.#sum ?? 0) + value;
  }

  get sum(): number | null {
    return this.#sum;
  }
}

/** Keeps the first few by time, then by id, whatever order they come in. */
export function least(kept: { at: string; id: string }[], one: { at: string; id: string }, most: number): void {
  if (kept.some(({ id }) => id === one.id)) return;
  kept.push(one);
  kept.sort((a, b) => (a.at === b.at ? (a.id < b.id ? -1 : 1) : a.at < b.at ? -1 : 1));
  kept.length = Math.min(kept.length, most);
}
