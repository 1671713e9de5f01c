/** What an export comes to, by day and model: rows of keys, projects and tiers added up while they pass by. */
import type { PriceTable } from '../../../../instrumentation/src/cost/price-table.ts';
import { modelName } from '../model-name.ts';
import type { Provider, Tokens, Told } from './told.ts';

export interface TheirDay {
  readonly date: string;
  /** Null: the report does not tell models apart. */
  readonly model: string | null;
  tokens: { -readonly [Kind in keyof Tokens]: number } | undefined;
  picoUsd: bigint | undefined;
  roundedBy: bigint;
}

export interface Covered {
  from: string;
  through: string;
}

export class TheirDays {
  readonly provider: Provider;
  /** Each report has days of its own; what lies outside them, it cannot lack. */
  readonly covered: { usage?: Covered; cost?: Covered } = {};
  /** As they write them: without a price in our table. */
  readonly unknownModels = new Set<string>();
  /** What was billed besides tokens, 10⁻¹² USD. */
  readonly other = new Map<string, bigint>();
  readonly #table: PriceTable;
  readonly #days = new Map<string, TheirDay>();

  constructor(provider: Provider, table: PriceTable) {
    this.provider = provider;
    this.#table = table;
  }

  add(told: Told): void {
    const { of, date, tokens, picoUsd, roundedBy = 0n, other } = told;
    const covered = this.covered[of] ?? { from: date, through: date };
    this.covered[of] = covered;
    if (date < covered.from) covered.from = date;
    if (date > covered.through) covered.through = date;
    if (other !== undefined) this.other.set(other, (this.other.get(other) ?? 0n) + (picoUsd ?? 0n));
    if (other !== undefined || (tokens === undefined && picoUsd === undefined)) return;
    const day = this.#day(date, told.model === null ? null : this.#nameOf(told.model, date));
    if (tokens) {
      day.tokens ??= { input: 0, cache_read: 0, cache_write: 0, output: 0 };
      for (const kind of Object.keys(day.tokens) as (keyof Tokens)[]) day.tokens[kind] += tokens[kind];
    }
    if (picoUsd !== undefined) day.picoUsd = (day.picoUsd ?? 0n) + picoUsd;
    day.roundedBy += roundedBy;
  }

  days(): readonly TheirDay[] {
    return [...this.#days.values()];
  }

  #nameOf(written: string, date: string): string {
    const { name, isKnown } = modelName(this.#table, this.provider, written, date);
    if (!isKnown) this.unknownModels.add(written);
    return name;
  }

  #day(date: string, model: string | null): TheirDay {
    const key = JSON.stringify([date, model]);
    const found = this.#days.get(key) ?? { date, model, tokens: undefined, picoUsd: undefined, roundedBy: 0n };
    this.#days.set(key, found);
    return found;
  }
}
