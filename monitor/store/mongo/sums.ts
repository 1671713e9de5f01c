/** Rows added up by the server: what comes over the network is as long as there are groups. */
import type { Collection } from 'mongodb';
import { Sums } from '../summary.ts';

type Field = 'duration_ms' | 'sums.nano_usd' | 'input_tokens' | 'output_tokens' | 'unpriced_calls';
type Key = Readonly<Record<string, unknown>>;

export const [lengthAndMoney, moneyAndTokens] = [
  ['duration_ms', 'sums.nano_usd'],
  ['sums.nano_usd', 'input_tokens', 'output_tokens', 'unpriced_calls'],
] as const satisfies readonly (readonly Field[])[];

/**
 * Sums of the rows that match, by what `by` names: `{ name: '$agent_name' }`. A key may come several times, with a part of its sums.
 * One sum at a time: FerretDB 1.24 gives the documents of a group to its first accumulator alone.
 * @param status which field says how it ended.
 */
export async function sumsBy<Row extends object>(
  rows: Collection<Row>,
  match: Record<string, unknown>,
  by: Readonly<Record<string, string>>,
  fields: readonly Field[],
  status: '$status' | '$outcome' = '$status',
): Promise<(readonly [Key, Sums])[]> {
  const grouped = async (_id: object, sum: 1 | `$${string}`) =>
    (await rows.aggregate([{ $match: match }, { $group: { _id, sum: { $sum: sum } } }]).toArray()) as {
      readonly _id: Key;
      readonly sum: number;
    }[];
  const [counts, ...totals] = await Promise.all([
    grouped({ ...by, status, measured: '$sums.measured', priced: '$sums.priced' }, 1),
    ...fields.map((field) => grouped(by, `$${field}`)),
  ]);
  const found: (readonly [Key, Sums])[] = counts.map(({ _id, sum }) => {
    const sums = new Sums();
    sums[ends[`${_id.status}`] ?? 'unfinished'] = sum;
    sums.measured = _id.measured === 1 ? sum : 0;
    sums.priced = _id.priced === 1 ? sum : 0;
    return [_id, sums];
  });
  for (const [i, groups] of totals.entries()) {
    const field = fields[i] as Field;
    const name = field === 'sums.nano_usd' ? 'cost_nano_usd' : field;
    for (const { _id, sum } of groups) found.push([_id, Object.assign(new Sums(), { [name]: sum })]);
  }
  return found;
}

const ends: Readonly<Record<string, 'completed' | 'failed' | 'partial'>> = {
  ...{ completed: 'completed', failed: 'failed', partial: 'partial' },
  ...{ success: 'completed', failure: 'failed' },
};
