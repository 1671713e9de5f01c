/** `reprice`: history by the prices of today, as a table; with `--apply`, as a record beside what was recorded. */
import { text } from '../../cli/options.ts';
import { sumMicroUsd } from '../../ledger/money.ts';
import { count, money, number, oneLine } from '../../words.ts';
import { beginOf, dateOf } from '../periods.ts';
import type { CostCommand, CostGiven } from './cost-command.ts';
import { versionedPrices } from './price-version.ts';
import { type RepricedDay, reprice } from './reprice.ts';
import { keepRepricing, repricingOf, repricings } from './repricings.ts';

const dayMs = 86_400_000;
/** Ten years: more is a slip of the hand. */
const mostDays = 3660;

export const repriceCommand: CostCommand = {
  usage: 'reprice',
  description:
    'price the past anew by the price table of today (FLEETSCOPE_PRICES_FILE): what differs, by day and model',
  options: [
    ['--from <day>', 'in UTC: 2026-02-01; default: 27 days before --to'],
    ['--to <day>', 'which is part of it; default: yesterday'],
    ['--apply', 'keep it as a record of its own: what was recorded stays, and readers may ask for either'],
    ['--reason <text>', 'why, with --apply'],
  ],
  async run({ ledger, memory, folder, options, now, screen, pricesFile, told }) {
    const { from, through } = daysOf(options, now);
    const reason = text(options, 'reason');
    if (options.apply === true && !reason?.trim())
      throw new RangeError('Cannot keep a re-pricing without its reason. Add --reason "<what changed>".');
    const { table, version } = versionedPrices(pricesFile);
    const rows = await reprice({ ledger, memory, table, from, through });
    const at = new Date(now).toISOString();
    const made = repricingOf({ at, prices: version, reason: reason?.trim() ?? '', from, through, rows });
    const there = new Set((await repricings(folder)).map(({ id }) => id));
    const kept = options.apply === true ? await keepRepricing(folder, made) : undefined;
    if (kept)
      told(
        there.has(kept.id) ? `It was kept on ${kept.at.slice(0, 10)} already, as ${kept.id}.` : `Kept as ${kept.id}.`,
      );
    else if (rows.length > 0)
      told('Nothing was kept. --apply --reason "<what changed>" keeps it beside what was recorded.');
    return { json: kept ?? { ...made, id: null }, text: page(rows, { from, through, version, screen }) };
  },
};

function page(
  rows: readonly RepricedDay[],
  { from, through, version, screen }: { from: string; through: string; version: string; screen: CostGiven['screen'] },
): string {
  if (rows.length === 0)
    return `${from} to ${through}: by prices ${version} no call costs other than what was recorded.`;
  const lines = rows.map((row) => [
    ...[row.date, oneLine(row.model), number(row.calls)],
    money(row.old_micro_usd, row.old_unpriced_calls),
    money(row.new_micro_usd, row.new_unpriced_calls),
    difference(row.difference_micro_usd),
    leftText(row),
  ]);
  const sum = (of: (row: RepricedDay) => number | null) => sumMicroUsd(rows.map(of));
  const total = ['together', '', '', money(sum((row) => row.old_micro_usd)), money(sum((row) => row.new_micro_usd))];
  const table = screen.table(
    [
      ['DAY', 'MODEL', 'CALLS', 'RECORDED', 'ANEW', 'DIFFERENCE', 'NOT PRICED ANEW'],
      ...lines,
      [...total, difference(sum((row) => row.difference_micro_usd) ?? 0), ''],
    ],
    ['CALLS'],
  );
  return `${from} to ${through}, prices ${version}. What is not listed costs what was recorded.\n\n${table}`;
}

function difference(microUsd: number): string {
  return microUsd === 0 ? '-' : `${microUsd < 0 ? '-' : '+'}${money(Math.abs(microUsd))}`;
}

function leftText({ left }: RepricedDay): string {
  const all = Object.entries(left).map(([why, calls]) => `${count(calls, 'call')}: ${why}`);
  return all.length === 0 ? '-' : all.join('; ');
}

function daysOf(options: CostGiven['options'], now: number): { from: string; through: string } {
  const through = day('--to', text(options, 'to') ?? dateOf(now - dayMs));
  const from = day('--from', text(options, 'from') ?? dateOf(beginOf(through) - 27 * dayMs));
  if (from > through)
    throw new RangeError(`Cannot price from ${from} to ${through}: it ends before it begins. Change one of them.`);
  if (beginOf(through) - beginOf(from) > mostDays * dayMs)
    throw new RangeError(`Cannot price from ${from} to ${through}: that is more than ${mostDays} days. Price fewer.`);
  return { from, through };
}

function day(option: string, given: string): string {
  if (/^\d{4}-\d\d-\d\d$/.test(given)) return dateOf(beginOf(given));
  throw new RangeError(`Cannot read ${option} "${oneLine(given)}": write a day as 2026-02-15.`);
}
