/** Re-pricings that were kept: each a file of its own beside what was recorded, which stays as it is. Readers ask for either. (B05) */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import * as v from 'valibot';
import { sumMicroUsd } from '../../ledger/money.ts';
import type { Spending } from '../record.ts';
import { namesIn, textOf, writeFile } from '../schedule/write-file.ts';
import type { RepricedDay } from './reprice.ts';

export interface Repricing {
  /** 12 hexadecimal digits of what it says: the same prices over the same days are the same re-pricing. Of one that was gone back to, of `at` as well. */
  readonly id: string;
  readonly at: string;
  /** Version of the price table (price-version.ts). */
  readonly prices: string;
  /** Why, by whoever did it. */
  readonly reason: string;
  /** Days in UTC, both in it. What it does not list of them, it left as it was. */
  readonly from: string;
  readonly through: string;
  readonly old_micro_usd: number | null;
  readonly new_micro_usd: number | null;
  readonly rows: readonly RepricedDay[];
}

/** Below the folder that memory is written to. */
const folder = 'logs/repricings';

export function repricingOf(
  given: Pick<Repricing, 'at' | 'prices' | 'reason' | 'from' | 'through' | 'rows'>,
): Repricing {
  const { at, prices, reason, from, through, rows } = given;
  const id = digits(JSON.stringify([prices, from, through, rows]));
  return {
    ...{ id, at, prices, reason, from, through },
    old_micro_usd: sumMicroUsd(rows.map((row) => row.old_micro_usd)),
    new_micro_usd: sumMicroUsd(rows.map((row) => row.new_micro_usd)),
    rows,
  };
}

/**
 * One that is there already stays, with its date and its reason, unless a newer one covers some of its days: whoever goes back to older prices
 * wants them to be the newest. @returns the one that is there now
 */
export async function keepRepricing(home: string, repricing: Repricing): Promise<Repricing> {
  const all = await repricings(home);
  const { id, at, from, through } = repricing;
  const same = all.findLast((one) => one.id === id || one.id === idAgain(id, one.at));
  if (same && same === all.findLast((one) => one.from <= through && one.through >= from)) return same;
  const kept = same ? { ...repricing, id: idAgain(id, at) } : repricing;
  await writeFile(home, `${folder}/${at.slice(0, 10)}-${kept.id}.json`, `${JSON.stringify(kept, null, 2)}\n`);
  return kept;
}

function idAgain(id: string, at: string): string {
  return digits(JSON.stringify([id, at]));
}

function digits(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}

const money = v.nullable(v.number());
const shape = v.looseObject({
  ...{ id: v.string(), at: v.string(), prices: v.string(), reason: v.string(), from: v.string(), through: v.string() },
  ...{ old_micro_usd: money, new_micro_usd: money },
  rows: v.array(v.looseObject({ date: v.string(), model: v.string(), old_micro_usd: money, new_micro_usd: money })),
});

/** The oldest first. @throws Error that names a file that is none */
export async function repricings(home: string): Promise<Repricing[]> {
  const names = (await namesIn(home, folder)).filter((name) => /^\d{4}-\d{2}-\d{2}-[0-9a-f]{12}\.json$/.test(name));
  const all: Repricing[] = [];
  for (const name of names) {
    const path = join(home, folder, name);
    try {
      all.push(v.parse(shape, JSON.parse((await textOf(home, `${folder}/${name}`)) ?? '')) as unknown as Repricing);
    } catch (cause) {
      throw new Error(`Cannot read ${path}: ${(cause as Error).message}. Restore it, or remove it and price anew.`, {
        cause,
      });
    }
  }
  return all.sort((a, b) => (a.at < b.at || (a.at === b.at && a.id < b.id) ? -1 : 1));
}

/** Which money is asked for: what was recorded, or that of the newest re-pricing, or of one by its id. */
export type WhichPrices = 'recorded' | 'newest' | { readonly id: string };

/** What a model cost on a day. `recorded` is the day's own (`ModelDay.cost`). */
export function spendingOn(
  all: readonly Repricing[],
  which: WhichPrices,
  { date, model, recorded }: { readonly date: string; readonly model: string; readonly recorded: Spending },
): Spending {
  if (which === 'recorded') return recorded;
  const covers = all.filter(
    ({ id, from, through }) => date >= from && date <= through && (which === 'newest' || which.id === id),
  );
  const row = covers.at(-1)?.rows.find((one) => one.date === date && one.model === model);
  if (!row) return recorded;
  // What of it was of failed work was not priced anew.
  return { ...recorded, micro_usd: row.new_micro_usd, failed_micro_usd: null, unpriced_calls: row.new_unpriced_calls };
}
