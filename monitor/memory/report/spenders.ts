/** What money went to, in as many colours as can be told apart: the dearest by name, the rest together. */
import { sumMicroUsd } from '../../ledger/money.ts';
import { costBy } from '../ask/cost.ts';
import type { Snapshot } from '../record.ts';
import type { Series } from './chart.ts';

export interface Spender {
  readonly name: string;
  readonly look: Series['look'];
  /** micro-USD of a day; null: it is not known. */
  readonly cost: (day: Snapshot) => number | null;
}

const looks: readonly Series['look'][] = ['first', 'second', 'third', 'fourth'];

/** The dearest first, which is the lowest in a chart. */
export function colours(days: readonly Snapshot[], by: 'agent' | 'model'): Spender[] {
  const all = costBy(days, by).map(({ name }) => name ?? '-');
  const named = all.length > looks.length + 1 ? all.slice(0, looks.length) : all;
  const rest = all.length - named.length;
  const of = (isOne: (name: string) => boolean) => (day: Snapshot) =>
    sumMicroUsd(spending(day, by).flatMap((one) => (isOne(one.name) ? [one.micro_usd] : [])));
  return [
    ...named.map((name, at): Spender => ({ name, look: looks[at] ?? 'others', cost: of((one) => one === name) })),
    ...(rest > 0 ? [{ name: `${rest} others`, look: 'others' as const, cost: of((one) => !named.includes(one)) }] : []),
  ];
}

function spending({ agents, models }: Snapshot, by: 'agent' | 'model'): { name: string; micro_usd: number | null }[] {
  return by === 'agent'
    ? agents.map(({ agent_name, cost }) => ({ name: agent_name, micro_usd: cost.micro_usd }))
    : models.map(({ model, cost }) => ({ name: model, micro_usd: cost.micro_usd }));
}
