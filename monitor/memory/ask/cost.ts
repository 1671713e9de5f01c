/** `ask cost`: what days cost, and what for. (M06) */
import { oneOf, text } from '../../cli/options.ts';
import { sumMicroUsd } from '../../ledger/money.ts';
import { count, money, number, oneLine, share } from '../../words.ts';
import { type Repricing, repricings, spendingOn, type WhichPrices } from '../cost/repricings.ts';
import type { ModelDay, Snapshot, Spending } from '../record.ts';
import { known, newestDay } from './known.ts';
import type { Question } from './question.ts';
import { type Days, datesIn, daysNamed, during, spanOptions, spanText } from './span.ts';

const kinds = ['agent', 'model'] as const;

export interface CostRow {
  /** Null: all together. */
  readonly name: string | null;
  readonly cost_micro_usd: number | null;
  readonly failed_micro_usd: number | null;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly unpriced_calls: number;
  /** Of the tokens; null: it is not known, or not of agents. */
  readonly cache_read_tokens: number | null;
  readonly cache_write_tokens: number | null;
  readonly reasoning_tokens: number | null;
}

export const cost: Question = {
  usage: 'cost',
  description: 'what a day, a month or any days cost, by agent or by model; default: the newest day',
  options: [
    ...spanOptions,
    ['--by <kind>', `${kinds.join(', ')}; default: agent`],
    ['--prices <which>', 'recorded, newest, or the id of a re-pricing (npm run memory -- reprice --apply); by model'],
    ['--folder <path>', 'that the re-pricings are in, logs/ of it; default: FLEETSCOPE_MEMORY_ROOT, or this folder'],
  ],
  async answer({ memory, options, screen }) {
    const prices = pricesOf(text(options, 'prices'));
    const by = byOf(text(options, 'by'), prices);
    const newest = await newestDay(memory);
    const span = daysNamed(options, newest) ?? { from: newest, to: newest };
    const { days: recorded, missing, notes } = await known(memory, span, 'the cost');
    const kept = prices === 'recorded' ? [] : await keptFor(span, prices, text(options, 'folder'));
    const days = kept.length === 0 ? recorded : recorded.map((day) => priced(day, kept, prices));
    const [total, rows] = [added(null, days), costBy(days, by)];
    const heading = `${screen.paint('bold', money(total.cost_micro_usd, total.unpriced_calls))} ${during(span)}`;
    const wasted =
      prices === 'recorded' && total.cost_micro_usd && total.failed_micro_usd !== null ? total.failed_micro_usd : null;
    const lost = wasted === null ? '' : `; ${money(wasted)} of it for work that failed`;
    const table = screen.table(
      [
        [by.toUpperCase(), 'COST', 'OF ALL', 'FAILED', 'TOKENS IN', 'CACHED', 'OUT', 'REASONING'],
        ...rows.map((row) => [
          oneLine(row.name),
          money(row.cost_micro_usd, row.unpriced_calls),
          total.cost_micro_usd && row.cost_micro_usd !== null ? share(row.cost_micro_usd / total.cost_micro_usd) : '-',
          money(row.failed_micro_usd),
          ...[row.input_tokens, row.cache_read_tokens, row.output_tokens, row.reasoning_tokens].map(tokensText),
        ]),
      ],
      ['REASONING', 'CACHED', 'OUT', 'TOKENS IN', 'FAILED'],
    );
    return {
      json: {
        ...span,
        by,
        prices: kept.map(({ id }) => id),
        days: days.length,
        missing,
        total,
        rows,
        notes: allNotes(days),
        evidence: ids(days),
      },
      columns: [
        ...['name', 'cost_micro_usd', 'failed_micro_usd', 'input_tokens', 'output_tokens', 'unpriced_calls'],
        ...['cache_read_tokens', 'cache_write_tokens', 'reasoning_tokens'],
      ],
      rows,
      text: [
        `${heading}${days.length > 1 ? `, ${count(days.length, 'day')}` : ''}${lost}.`,
        rows.length === 0 ? `No ${by} cost anything.` : table,
      ].join('\n\n'),
      notes: [...kept.map(keptText), ...notes],
    };
  },
};

/** @throws RangeError for money by agent, which nobody priced anew. */
function byOf(given: string | undefined, prices: WhichPrices): (typeof kinds)[number] {
  const by = oneOf('--by', given ?? (prices === 'recorded' ? 'agent' : 'model'), kinds);
  if (by === 'agent' && prices !== 'recorded')
    throw new RangeError('Cannot tell new prices by agent: the past is priced anew by model. Leave --by out.');
  return by;
}

function pricesOf(given: string | undefined): WhichPrices {
  if (given === undefined || given === 'recorded' || given === 'newest') return given ?? 'recorded';
  if (/^[0-9a-f]{12}$/.test(given)) return { id: given };
  throw new RangeError(
    `Cannot read --prices "${oneLine(given)}": write recorded, newest, or the 12 digits of a re-pricing.`,
  );
}

/** @throws Error where none is of these days: what was recorded is no answer to that. */
async function keptFor({ from, to }: Days, prices: WhichPrices, folder: string | undefined): Promise<Repricing[]> {
  const root = folder ?? (process.env.FLEETSCOPE_MEMORY_ROOT || '.');
  const all = await repricings(root);
  const asked = typeof prices === 'object' ? all.filter(({ id }) => id === prices.id) : all;
  // What a newer one covers wholly, nothing is told by.
  const used = datesIn({ from, to }).map((date) => asked.findLast((one) => date >= one.from && date <= one.through));
  const kept = asked.filter((one) => used.includes(one));
  if (kept.length > 0) return kept;
  throw new Error(
    `Cannot tell ${spanText({ from, to })} by new prices: no ${typeof prices === 'object' ? `re-pricing ${prices.id}` : 're-pricing'} of these days is kept in ${oneLine(root)}. Keep one: npm run memory -- reprice --from ${from} --to ${to} --apply --reason "<what changed>".`,
  );
}

/** The sum of its models: what else cost money has no price table. */
function priced(day: Snapshot, kept: readonly Repricing[], which: WhichPrices): Snapshot {
  const models = day.models.map((one) => ({
    ...one,
    cost: spendingOn(kept, which, { date: day.date, model: one.model, recorded: one.cost }),
  }));
  const sum = added(null, models);
  const { cost_micro_usd: micro_usd, ...rest } = sum;
  return { ...day, models, cost: { ...rest, micro_usd, failed_micro_usd: null } };
}

function keptText({ id, at, prices, reason, from, through }: Repricing): string {
  return `${spanText({ from, to: through })} by re-pricing ${id} of ${at.slice(0, 10)} (prices ${oneLine(prices)}): ${oneLine(reason)}. The money of models alone.`;
}

function tokensText(tokens: number | null): string {
  return tokens === null || tokens === 0 ? '-' : number(tokens);
}

/** The dearest first; of equal ones by name. */
export function costBy(days: readonly Snapshot[], by: (typeof kinds)[number]): CostRow[] {
  const all = days.flatMap(({ agents, models }): Named[] =>
    by === 'agent'
      ? agents.map(({ agent_name, cost }) => ({ name: agent_name, cost }))
      : models.map((one) => ({ name: one.model, ...one })),
  );
  return [...Map.groupBy(all, ({ name }) => name)]
    .map(([name, some]) => added(name, some))
    .filter((row) => row.cost_micro_usd !== null || row.unpriced_calls > 0)
    .sort((a, b) => (b.cost_micro_usd ?? 0) - (a.cost_micro_usd ?? 0) || ((a.name ?? '') < (b.name ?? '') ? -1 : 1));
}

type Tokens = 'cache_read_tokens' | 'cache_write_tokens' | 'reasoning_tokens';

interface Spent extends Partial<Pick<ModelDay, Tokens>> {
  readonly cost: Spending;
}

interface Named extends Spent {
  readonly name: string;
}

function added(name: string | null, all: readonly Spent[]): CostRow {
  const sum = (of: (one: Spending) => number) => all.reduce((total, { cost }) => total + of(cost), 0);
  const told = (of: Tokens) => {
    const values = all.flatMap((one) => one[of] ?? []);
    return values.length === 0 ? null : values.reduce((total, value) => total + value, 0);
  };
  return {
    name,
    cost_micro_usd: sumMicroUsd(all.map(({ cost }) => cost.micro_usd)),
    failed_micro_usd: sumMicroUsd(all.map(({ cost }) => cost.failed_micro_usd)),
    input_tokens: sum(({ input_tokens }) => input_tokens),
    output_tokens: sum(({ output_tokens }) => output_tokens),
    unpriced_calls: sum(({ unpriced_calls }) => unpriced_calls),
    cache_read_tokens: told('cache_read_tokens'),
    cache_write_tokens: told('cache_write_tokens'),
    reasoning_tokens: told('reasoning_tokens'),
  };
}

/** Machines get every gap, with its day. */
export function allNotes(
  days: readonly Snapshot[],
): { date: string; state: Snapshot['state']; gaps: readonly string[] }[] {
  return days
    .filter(({ state, gaps }) => state === 'open' || gaps.length > 0)
    .map(({ date, state, gaps }) => ({ date, state, gaps }));
}

export function ids(days: readonly Snapshot[]): string[] {
  return days.map(({ date }) => `day:${date}`);
}
