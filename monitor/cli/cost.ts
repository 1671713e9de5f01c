/** `cost`: what this day has cost so far, what it will, and what for. (C02) */
import { sumMicroUsd } from '../ledger/money.ts';
import type { Cost, CostBy, Loss, Window } from '../store/store.ts';
import { duration, money, number, oneLine, share, span } from '../words.ts';
import type { Command, Given } from './command.ts';
import { listed } from './facts.ts';
import { moment } from './moment.ts';
import { oneOf, text, windowOf, windowOptions } from './options.ts';

const dayMs = 86_400_000;
const hourMs = 3_600_000;

const kinds = ['agent', 'model', 'task', 'tool', 'workflow'] as const satisfies readonly CostBy[];

/** What is in the row without a name. */
const rest: Record<CostBy, string> = {
  agent: 'no agent',
  model: 'other than models',
  task: 'no task',
  tool: 'other than tools',
  workflow: 'no workflow',
};

export const cost: Command = {
  usage: 'cost',
  description: 'what this day (UTC) costs, where it is heading against its budget, what failed work cost, and by what',
  options: [
    ['--by <kind>', `${kinds.join(', ')}; default: agent`],
    ...windowOptions,
    ['--budget <usd>', 'of a day; default: the one that alerts and dashboards know (prometheus/targets.ts)'],
    ['--exit-code', 'exit 1 where the day is heading above the budget'],
  ],
  async run(given) {
    const { ledger, options, now } = given;
    const by = oneOf('--by', text(options, 'by') ?? 'agent', kinds);
    const budget = usd(text(options, 'budget') ?? `${given.usdPerDay}`) * 1e6;
    const isToday = options.since === undefined && options.until === undefined;
    if (!isToday && options.exitCode === true)
      throw new RangeError('Cannot judge another time than this day: leave out --exit-code, or --since and --until.');
    const window = isToday ? { sinceIso: moment('today', now) } : windowOf(given);
    const [costs, losses] = [await ledger.costs(by, window), await ledger.losses(window)];
    const elapsedMs = Math.max(1, endOf(window, now) - (window.sinceIso ? Date.parse(window.sinceIso) : 0));
    const spent = sumMicroUsd(costs.map((row) => row.cost_micro_usd));
    const a = (ms: number) => (spent === null || !window.sinceIso ? null : (spent / elapsedMs) * ms);
    const seen: Seen = {
      ...{ by, window, isToday, elapsedMs, spent, budget, costs, losses },
      unpriced: costs.reduce((sum, { unpriced_calls }) => sum + unpriced_calls, 0),
      lost: sumMicroUsd(losses.map((loss) => loss.cost_micro_usd)),
      ...{ perHour: a(hourMs), perDay: a(dayMs) },
    };
    return {
      json: {
        ...{ by, since: window.sinceIso ?? null, until: window.untilIso ?? null },
        ...{ spent_micro_usd: spent, unpriced_calls: seen.unpriced, failed_micro_usd: seen.lost },
        ...{ per_hour_micro_usd: seen.perHour, per_day_micro_usd: seen.perDay, budget_micro_usd: budget },
        // At this rate until midnight.
        projected_micro_usd: isToday ? seen.perDay : null,
        costs,
      },
      text: `${listed(facts(seen, given), given.screen)}\n\n${table(seen, given)}`,
      findings: options.exitCode === true && isAbove(seen),
    };
  },
};

interface Seen {
  readonly by: CostBy;
  readonly window: Window;
  readonly isToday: boolean;
  readonly elapsedMs: number;
  readonly spent: number | null;
  readonly unpriced: number;
  readonly budget: number;
  readonly costs: readonly Cost[];
  readonly losses: readonly Loss[];
  readonly lost: number | null;
  readonly perHour: number | null;
  readonly perDay: number | null;
}

function facts(seen: Seen, { screen }: Given): [string, string][] {
  const { window, isToday, elapsedMs, spent, unpriced, budget, losses, lost, perHour, perDay } = seen;
  const heading = isAbove(seen) ? screen.paint('red', `${money(perDay)}, above the budget`) : money(perDay);
  const ofBudget = (amount: number | null) => (amount === null ? '' : `, ${share(amount / budget)} of the budget`);
  const reasons = ['failed', 'retried', 'rejected', 'abandoned'].flatMap((reason) => {
    const amount = sumMicroUsd(losses.flatMap((loss) => (loss.reason === reason ? [loss.cost_micro_usd] : [])));
    return amount === null ? [] : [`${reason} ${money(amount)}`];
  });
  const nothing = `${money(lost)}${spent && lost !== null ? `, ${share(lost / spent)}` : ''}`;
  return [
    ...(isToday
      ? ([
          [
            'spent today',
            `${screen.paint('bold', money(spent, unpriced))} in ${duration(elapsedMs)}${ofBudget(spent)}`,
          ],
          ['by midnight', heading],
          ['per hour', money(perHour)],
          ['budget', `${money(budget)} a day`],
        ] as [string, string][])
      : ([
          ['spent', `${screen.paint('bold', money(spent, unpriced))}, ${span(window)}`],
          ...(perDay === null ? [] : [['per day', `${money(perDay)}${ofBudget(perDay)} of ${money(budget)}`]]),
        ] as [string, string][])),
    ['for nothing', `${nothing}${reasons.length > 0 ? `: ${reasons.join(', ')}` : ''}`],
  ];
}

function table({ by, costs, spent, isToday }: Seen, { screen }: Given): string {
  if (costs.length === 0)
    return isToday
      ? 'Nothing has begun today. Another time: --since 7d.'
      : 'Nothing began in that time. Another one: --since 30d.';
  const rows = costs.map((row) => [
    row.name === null ? screen.paint('dim', rest[by]) : oneLine(row.name),
    money(row.cost_micro_usd, row.unpriced_calls),
    spent && row.cost_micro_usd !== null ? share(row.cost_micro_usd / spent) : '-',
    row.times === 0 ? '-' : number(row.times),
    row.times === 0 || row.cost_micro_usd === null ? '-' : money(row.cost_micro_usd / row.times),
    row.failed === 0 ? '-' : screen.paint('red', number(row.failed)),
    ...[row.input_tokens, row.output_tokens].map((tokens) => (tokens === 0 ? '-' : number(tokens))),
  ]);
  const head = [by.toUpperCase(), 'COST', 'OF ALL', 'TIMES', 'EACH', 'FAILED', 'TOKENS IN', 'OUT'];
  return screen.table([head, ...rows], ['OUT', 'TOKENS IN']);
}

function isAbove({ isToday, perDay, budget }: Seen): boolean {
  return isToday && perDay !== null && perDay > budget;
}

function endOf({ untilIso }: Window, now: number): number {
  return Math.min(now, untilIso ? Date.parse(untilIso) : now);
}

/** @throws RangeError unless it is an amount above 0. */
function usd(given: string): number {
  const amount = /^\$?\d{1,9}(\.\d+)?$/.test(given) ? Number(given.replace('$', '')) : 0;
  if (amount <= 0)
    throw new RangeError(`Cannot use --budget "${oneLine(given)}": give an amount in USD, e.g. 23 or 4.50.`);
  return amount;
}
