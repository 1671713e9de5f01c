/** Their bill beside what we counted: day by day, model by model. Pure. (B05, C03) */
import type { OurDay } from './our-days.ts';
import type { Covered, TheirDay } from './their-days.ts';
import { tokenKinds } from './told.ts';

/**
 * - `ours lacks`: they bill what we never saw: calls without our instrumentation, or another key.
 * - `theirs lacks`: we counted what they do not bill: another account, or a model that somebody else runs.
 * - `not yet`: the day has only just ended; they may still add to it.
 */
export type Verdict = 'agrees' | 'differs' | 'ours lacks' | 'theirs lacks' | 'not yet';

export interface Amount {
  readonly name: 'input' | 'cache_read' | 'cache_write' | 'output' | 'all input' | 'money';
  /** Tokens; money in 10⁻¹² USD. Null: we know nothing of it. */
  readonly ours: bigint | null;
  readonly theirs: bigint;
  readonly agrees: boolean;
}

export interface ComparedDay {
  readonly date: string;
  /** Null: all models together. */
  readonly model: string | null;
  readonly verdict: Verdict;
  readonly amounts: readonly Amount[];
  /** Calls of ours without a price: our money lacks theirs. */
  readonly unpriced: number;
}

export interface Judge {
  /** What may differ, as a share of theirs, e.g. 0.01. */
  readonly tolerance: number;
  /** Days from this one on are not yet settled. */
  readonly openFrom: string;
  readonly covered: { readonly usage?: Covered; readonly cost?: Covered };
}

export function compareDays(ours: readonly OurDay[], theirs: readonly TheirDay[], judge: Judge): ComparedDay[] {
  const totals = new Set(theirs.filter(({ model }) => model === null).map(({ date }) => date));
  const byKey = Map.groupBy([...ours, ...theirs], ({ date, model }) => JSON.stringify([date, model]));
  const compared = [...byKey.values()].flatMap((both): ComparedDay[] => {
    const [{ date, model } = { date: '', model: null }] = both;
    const our = model === null ? sumOf(ours, date) : both.find((one): one is OurDay => 'calls' in one);
    const their = both.find((one): one is TheirDay => 'roundedBy' in one);
    const tells = {
      tokens: isIn(judge.covered.usage, date) && model !== null,
      money: isIn(judge.covered.cost, date) && totals.has(date) === (model === null),
    };
    const amounts = amountsOf(our, their, tells, judge.tolerance);
    if (amounts.every(({ ours, theirs }) => (ours ?? 0n) === 0n && theirs === 0n)) return [];
    const verdict = date >= judge.openFrom ? 'not yet' : verdictOf(our, their, amounts);
    return [{ date, model, verdict, amounts, unpriced: our?.unpriced ?? 0 }];
  });
  return compared.sort((a, b) => (a.date < b.date || (a.date === b.date && `${a.model}` < `${b.model}`) ? -1 : 1));
}

export interface Drift {
  readonly ours: bigint;
  readonly theirs: bigint;
  /** Of theirs, in 1; what rounding explains is taken off. */
  readonly ratio: number;
}

/** Over all settled days together: a call near midnight, which they count on another day, is no drift. Undefined: nobody told money. */
export function driftOf(days: readonly ComparedDay[], roundedBy: bigint): Drift | undefined {
  const money = days.flatMap(({ verdict, amounts }) =>
    verdict === 'not yet' ? [] : amounts.filter(({ name }) => name === 'money'),
  );
  if (money.length === 0) return undefined;
  const ours = money.reduce((sum, amount) => sum + (amount.ours ?? 0n), 0n);
  const theirs = money.reduce((sum, amount) => sum + amount.theirs, 0n);
  const apart = distance(ours, theirs) - roundedBy;
  if (apart <= 0n) return { ours, theirs, ratio: 0 };
  return { ours, theirs, ratio: theirs > 0n ? Number(apart) / Number(theirs) : 1 };
}

function amountsOf(
  our: OurDay | undefined,
  their: TheirDay | undefined,
  tells: { readonly tokens: boolean; readonly money: boolean },
  tolerance: number,
): Amount[] {
  const amount = (name: Amount['name'], ours: bigint | null, theirs: bigint, roundedBy = 0n): Amount => ({
    ...{ name, ours, theirs, agrees: isNear(ours ?? 0n, theirs, tolerance, roundedBy) },
  });
  const tokens = (): Amount[] => {
    const theirs = their?.tokens ?? { input: 0, cache_read: 0, cache_write: 0, output: 0 };
    const split = our ? our.tokens : { input: 0, cache_read: 0, cache_write: 0, output: 0 };
    if (split) return tokenKinds.map((kind) => amount(kind, BigInt(split[kind]), BigInt(theirs[kind])));
    const all = theirs.input + theirs.cache_read + theirs.cache_write;
    return [
      amount('all input', BigInt(our?.input ?? 0), BigInt(all)),
      amount('output', BigInt(our?.output ?? 0), BigInt(theirs.output)),
    ];
  };
  const money = () => {
    const ours = our === undefined || our.nanoUsd === null ? null : BigInt(our.nanoUsd) * 1000n;
    return amount('money', ours, their?.picoUsd ?? 0n, their?.roundedBy);
  };
  return [...(tells.tokens ? tokens() : []), ...(tells.money ? [money()] : [])];
}

function verdictOf(our: OurDay | undefined, their: TheirDay | undefined, amounts: readonly Amount[]): Verdict {
  if (amounts.every(({ agrees }) => agrees)) return 'agrees';
  if (!our) return 'ours lacks';
  return their ? 'differs' : 'theirs lacks';
}

/** In whole parts of a million: as floats, the last digit would depend on the size. */
function isNear(ours: bigint, theirs: bigint, tolerance: number, roundedBy: bigint): boolean {
  const million = 1_000_000n;
  return (distance(ours, theirs) - roundedBy) * million <= distance(theirs, 0n) * BigInt(Math.round(tolerance * 1e6));
}

function distance(one: bigint, other: bigint): bigint {
  return one > other ? one - other : other - one;
}

function isIn(covered: Covered | undefined, date: string): boolean {
  return covered !== undefined && date >= covered.from && date <= covered.through;
}

function sumOf(ours: readonly OurDay[], date: string): OurDay | undefined {
  const all = ours.filter((one) => one.date === date);
  if (all.length === 0) return undefined;
  const sum = (of: (one: OurDay) => number) => all.reduce((total, one) => total + of(one), 0);
  return {
    ...{ date, model: '', tokens: undefined, calls: sum(({ calls }) => calls) },
    ...{ input: sum(({ input }) => input), output: sum(({ output }) => output), unpriced: sum((one) => one.unpriced) },
    nanoUsd: all.every(({ nanoUsd }) => nanoUsd === null) ? null : sum(({ nanoUsd }) => nanoUsd ?? 0),
  };
}
