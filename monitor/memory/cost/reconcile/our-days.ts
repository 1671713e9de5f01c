/** What we know of a provider's models, day by day: of the ledger's calls, and of days whose calls are gone, of their snapshots. */
import { findPrice, type PriceTable } from '../../../../instrumentation/src/cost/price-table.ts';
import type { Ledger } from '../../../store/store.ts';
import { beginOf } from '../../periods.ts';
import type { Snapshot } from '../../record.ts';
import type { MemoryStore } from '../../store/memory-store.ts';
import { type Call, callOf } from '../call.ts';
import { modelName } from '../model-name.ts';
import type { Provider, Tokens } from './told.ts';

export interface OurDay {
  readonly date: string;
  readonly model: string;
  calls: number;
  /** Undefined: what of the input was cached is not known of each of them. */
  tokens: { -readonly [Kind in keyof Tokens]: number } | undefined;
  /** Cached tokens included, as the ledger counts. */
  input: number;
  output: number;
  /** Null: nothing is known of its money. */
  nanoUsd: number | null;
  unpriced: number;
}

export interface OurSources {
  readonly ledger: Pick<Ledger, 'stepsBetween'>;
  /** Undefined: nothing is remembered of days whose calls are gone. */
  readonly memory?: Pick<MemoryStore, 'snapshot'> | undefined;
  readonly table: PriceTable;
}

const dayMs = 86_400_000;

/** From one day through another, both in it. By day and model. */
export async function ourDays(
  sources: OurSources,
  provider: Provider,
  from: string,
  through: string,
): Promise<OurDay[]> {
  const days = new Map<string, OurDay>();
  for (let ms = beginOf(from); ms <= beginOf(through); ms += dayMs) {
    const date = new Date(ms).toISOString().slice(0, 10);
    let isThere = false;
    const window = { sinceIso: new Date(ms).toISOString(), untilIso: new Date(ms + dayMs).toISOString() };
    for await (const step of sources.ledger.stepsBetween(window)) {
      isThere = true;
      const call = callOf(step);
      if (call && isOf(provider, call, sources.table)) add(days, sources.table, provider, call);
    }
    const snapshot = isThere ? undefined : await sources.memory?.snapshot(date);
    if (snapshot) addSnapshot(days, sources.table, provider, snapshot);
  }
  return [...days.values()];
}

/** `openai.chat` is OpenAI; `azure.ai.openai` sends a bill of its own. Who runs it was not always told: then whose list it is on. */
function isOf(provider: Provider, call: Call, table: PriceTable): boolean {
  if (call.provider === undefined) return isListed(provider, call.model, table, call.at);
  return call.provider === provider || call.provider.startsWith(`${provider}.`);
}

function isListed(provider: Provider, model: string, table: PriceTable, at: Date): boolean {
  return findPrice(table, { provider, model, at }) !== undefined;
}

function add(days: Map<string, OurDay>, table: PriceTable, provider: Provider, call: Call): void {
  const day = dayOf(days, call.date, modelName(table, provider, call.model, call.date).name);
  day.calls++;
  day.input += call.input;
  day.output += call.output;
  day.unpriced += call.isUnpriced ? 1 : 0;
  if (call.nanoUsd !== null) day.nanoUsd = (day.nanoUsd ?? 0) + call.nanoUsd;
  // A call that told no tokens has none of any kind.
  const { cacheRead = 0, cacheWrite = 0 } = call.cached ?? {};
  if (!call.cached && call.input > 0) day.tokens = undefined;
  if (!day.tokens) return;
  day.tokens.cache_read += cacheRead;
  day.tokens.cache_write += cacheWrite;
  day.tokens.input += call.input - cacheRead - cacheWrite;
  day.tokens.output += call.output;
}

function addSnapshot(days: Map<string, OurDay>, table: PriceTable, provider: Provider, snapshot: Snapshot): void {
  const { date, models } = snapshot;
  for (const { model, calls, cost } of models) {
    if (!isListed(provider, model, table, new Date(`${date}T23:59:59.999Z`))) continue;
    const day = dayOf(days, date, modelName(table, provider, model, date).name);
    day.calls += calls;
    day.tokens = undefined;
    day.input += cost.input_tokens;
    day.output += cost.output_tokens;
    day.unpriced += cost.unpriced_calls;
    if (cost.micro_usd !== null) day.nanoUsd = (day.nanoUsd ?? 0) + Math.round(cost.micro_usd * 1000);
  }
}

function dayOf(days: Map<string, OurDay>, date: string, model: string): OurDay {
  const key = `${date} ${model}`;
  const found = days.get(key) ?? {
    ...{ date, model, calls: 0, tokens: { input: 0, cache_read: 0, cache_write: 0, output: 0 } },
    ...{ input: 0, output: 0, nanoUsd: null, unpriced: 0 },
  };
  days.set(key, found);
  return found;
}
