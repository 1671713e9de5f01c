/** `ask cost`: what days cost, and what for. (M06) */
import { oneOf, text } from '../../cli/options.ts';
import { count, money, number, oneLine, share } from '../../cli/words.ts';
import { sumMicroUsd } from '../../ledger/money.ts';
import type { Snapshot, Spending } from '../record.ts';
import { known, newestDay } from './known.ts';
import type { Question } from './question.ts';
import { daysNamed, during, spanOptions } from './span.ts';

const kinds = ['agent', 'model'] as const;

export interface CostRow {
  /** Null: all together. */
  readonly name: string | null;
  readonly cost_micro_usd: number | null;
  readonly failed_micro_usd: number | null;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly unpriced_calls: number;
}

export const cost: Question = {
  usage: 'cost',
  description: 'what a day, a month or any days cost, by agent or by model; default: the newest day',
  options: [...spanOptions, ['--by <kind>', `${kinds.join(', ')}; default: agent`]],
  async answer({ memory, options, screen }) {
    const by = oneOf('--by', text(options, 'by') ?? 'agent', kinds);
    const newest = await newestDay(memory);
    const span = daysNamed(options, newest) ?? { from: newest, to: newest };
    const { days, missing, notes } = await known(memory, span, 'the cost');
    const [total, rows] = [
      added(
        null,
        days.map((day) => day.cost),
      ),
      costBy(days, by),
    ];
    const heading = `${screen.paint('bold', money(total.cost_micro_usd, total.unpriced_calls))} ${during(span)}`;
    const wasted = total.cost_micro_usd && total.failed_micro_usd !== null ? total.failed_micro_usd : null;
    const lost = wasted === null ? '' : `; ${money(wasted)} of it for work that failed`;
    const table = screen.table(
      [
        [by.toUpperCase(), 'COST', 'OF ALL', 'FAILED', 'TOKENS IN', 'OUT'],
        ...rows.map((row) => [
          oneLine(row.name),
          money(row.cost_micro_usd, row.unpriced_calls),
          total.cost_micro_usd && row.cost_micro_usd !== null ? share(row.cost_micro_usd / total.cost_micro_usd) : '-',
          money(row.failed_micro_usd),
          ...[row.input_tokens, row.output_tokens].map((tokens) => (tokens === 0 ? '-' : number(tokens))),
        ]),
      ],
      ['OUT', 'TOKENS IN', 'FAILED'],
    );
    return {
      json: { ...span, by, days: days.length, missing, total, rows, notes: allNotes(days), evidence: ids(days) },
      columns: ['name', 'cost_micro_usd', 'failed_micro_usd', 'input_tokens', 'output_tokens', 'unpriced_calls'],
      rows,
      text: [
        `${heading}${days.length > 1 ? `, ${count(days.length, 'day')}` : ''}${lost}.`,
        rows.length === 0 ? `No ${by} cost anything.` : table,
      ].join('\n\n'),
      notes,
    };
  },
};

/** The dearest first; of equal ones by name. */
export function costBy(days: readonly Snapshot[], by: (typeof kinds)[number]): CostRow[] {
  const all = days.flatMap(({ agents, models }) =>
    by === 'agent'
      ? agents.map(({ agent_name, cost }) => ({ name: agent_name, cost }))
      : models.map(({ model, cost }) => ({ name: model, cost })),
  );
  return [...Map.groupBy(all, ({ name }) => name)]
    .map(([name, some]) =>
      added(
        name,
        some.map((one) => one.cost),
      ),
    )
    .filter((row) => row.cost_micro_usd !== null || row.unpriced_calls > 0)
    .sort((a, b) => (b.cost_micro_usd ?? 0) - (a.cost_micro_usd ?? 0) || ((a.name ?? '') < (b.name ?? '') ? -1 : 1));
}

export function added(name: string | null, all: readonly Spending[]): CostRow {
  const sum = (of: (one: Spending) => number) => all.reduce((total, one) => total + of(one), 0);
  return {
    name,
    cost_micro_usd: sumMicroUsd(all.map(({ micro_usd }) => micro_usd)),
    failed_micro_usd: sumMicroUsd(all.map(({ failed_micro_usd }) => failed_micro_usd)),
    input_tokens: sum(({ input_tokens }) => input_tokens),
    output_tokens: sum(({ output_tokens }) => output_tokens),
    unpriced_calls: sum(({ unpriced_calls }) => unpriced_calls),
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
