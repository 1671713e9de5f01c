import type { Provider } from './models.ts';

/** Token numbers in one meaning for all providers. */
export interface Tokens {
  /** All of the prompt: `cachedInput` and `cacheWrittenInput` are part of it. */
  input: number;
  cachedInput: number;
  /** Written to the cache: Anthropic bills it apart. */
  cacheWrittenInput: number;
  /** All that was generated: `reasoning` is part of it. */
  output: number;
  reasoning: number;
}

/** How a call ended: whole, with an HTTP status, with a connection reset by us, or left by its client. */
export type Outcome = 'delivered' | number | 'reset' | 'aborted';

/** One call that has ended. */
export interface SettledCall {
  /** As in the header `x-request-id` or `request-id`. */
  requestId: string;
  provider: Provider;
  /** The model's id, not its dated name; `(unknown)` where the request names none that exists. */
  model: string;
  streamed: boolean;
  /** The client said that it repeats a call that failed. */
  retry: boolean;
  outcome: Outcome;
  /** Absent where the call failed before it had an answer. */
  tokens?: Tokens;
}

/** What became of all calls of one model. `calls` = `delivered` + `aborted` + the sum of `failed`. */
export interface LedgerRow {
  provider: Provider;
  model: string;
  calls: number;
  delivered: number;
  /** By HTTP status, and `reset`. */
  failed: Record<string, number>;
  /** The client went away before the answer was whole. */
  aborted: number;
  /** Those of `calls` that asked for a stream. */
  streamed: number;
  /** Those of `calls` that repeat one which failed: `calls` - `retries` is what the program asked for. */
  retries: number;
  /** Of delivered answers: what telemetry must agree with. */
  tokens: Tokens;
  /** Of answers that were reset or aborted: generated, never delivered whole, their usage not told. */
  cutOff: Tokens;
}

export interface LedgerReport {
  rows: LedgerRow[];
  /** Calls that have begun and not ended; they are in no row yet. */
  inFlight: number;
  /** The newest calls, the oldest of them first. */
  recent: SettledCall[];
}

/** The truth that telemetry is checked against. A call is counted before the last bytes of its answer leave. */
export class Ledger {
  readonly #keep: number;
  #rows = new Map<string, LedgerRow>();
  #recent: SettledCall[] = [];
  #oldest = 0;
  #inFlight = 0;

  /** `keep`: how many calls `recent` holds. */
  constructor(keep = 1000) {
    this.#keep = keep;
  }

  begin(): void {
    this.#inFlight += 1;
  }

  settle(call: SettledCall): void {
    this.#inFlight -= 1;
    const row = this.#rowOf(call);
    row.calls += 1;
    if (call.streamed) row.streamed += 1;
    if (call.retry) row.retries += 1;
    if (call.outcome === 'delivered' || call.outcome === 'aborted') row[call.outcome] += 1;
    else row.failed[call.outcome] = (row.failed[call.outcome] ?? 0) + 1;
    if (call.tokens) add(call.outcome === 'delivered' ? row.tokens : row.cutOff, call.tokens);
    this.#recent[this.#oldest] = call;
    this.#oldest = (this.#oldest + 1) % this.#keep;
  }

  /** Copies, sorted by provider and model. */
  rows(): LedgerRow[] {
    return structuredClone([...this.#rows.values()]).sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  }

  report(): LedgerReport {
    const recent = [...this.#recent.slice(this.#oldest), ...this.#recent.slice(0, this.#oldest)];
    return { rows: this.rows(), inFlight: this.#inFlight, recent };
  }

  /** Forgets what has ended; what is in flight will be counted. */
  clear(): void {
    this.#rows = new Map();
    this.#recent = [];
    this.#oldest = 0;
  }

  #rowOf({ provider, model }: SettledCall): LedgerRow {
    const name = nameOf({ provider, model });
    let row = this.#rows.get(name);
    if (!row) {
      row = {
        ...{ provider, model, calls: 0, delivered: 0, failed: {}, aborted: 0, streamed: 0, retries: 0 },
        tokens: noTokens(),
        cutOff: noTokens(),
      };
      this.#rows.set(name, row);
    }
    return row;
  }
}

/** The sum of several rows' delivered tokens, e.g. of one provider's. */
export function sumOf(rows: readonly LedgerRow[]): Tokens {
  const sum = noTokens();
  for (const { tokens } of rows) add(sum, tokens);
  return sum;
}

function nameOf({ provider, model }: { provider: Provider; model: string }): string {
  return `${provider} ${model}`;
}

function noTokens(): Tokens {
  return { input: 0, cachedInput: 0, cacheWrittenInput: 0, output: 0, reasoning: 0 };
}

function add(sum: Tokens, tokens: Tokens): void {
  for (const kind of Object.keys(sum) as (keyof Tokens)[]) sum[kind] += tokens[kind];
}
