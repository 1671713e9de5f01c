/** `cost`: what this day has cost so far, what it will, and whose doing that is. (C02) */
import type { Command } from './command.ts';
import { moment } from './moment.ts';
import { text } from './options.ts';
import { duration, money, oneLine, share } from './words.ts';

const dayMs = 86_400_000;
/** Failures are summed over so many kinds. */
const mostKinds = 1000;

export const cost: Command = {
  usage: 'cost',
  description: 'what runs and agents of this day (UTC) cost, where the day is heading, what failed work cost',
  options: [
    ['--budget <usd>', 'of a day; default: the one that alerts and dashboards know (prometheus/targets.ts)'],
    ['--exit-code', 'exit 1 where the day is heading above the budget'],
  ],
  async run({ ledger, options, now, screen, usdPerDay }) {
    const budget = usd(text(options, 'budget') ?? `${usdPerDay}`) * 1e6;
    const sinceIso = moment('today', now);
    const elapsedMs = Math.max(1, now - Date.parse(sinceIso));
    const { cost_micro_usd: spent } = await ledger.health(sinceIso);
    const performance = await ledger.performance({ sinceIso });
    const failed = known((await ledger.failures(mostKinds, { sinceIso })).map((kind) => kind.cost_micro_usd));
    const perHour = spent === null ? null : (spent / elapsedMs) * 3_600_000;
    const projected = spent === null ? null : (spent / elapsedMs) * dayMs;
    const isAbove = projected !== null && projected > budget;
    const agents = performance
      .filter(({ cost_micro_usd }) => cost_micro_usd !== null)
      .sort((a, b) => (b.cost_micro_usd ?? 0) - (a.cost_micro_usd ?? 0));
    const facts = [
      ['spent today', `${money(spent)}, in ${duration(elapsedMs)}`],
      ['budget', `${money(budget)}${spent === null ? '' : `, ${share(spent / budget)} of it spent`}`],
      ['per hour', money(perHour)],
      ['by midnight', isAbove ? screen.paint('red', `${money(projected)}, above the budget`) : money(projected)],
      ['for nothing', money(failed)],
    ];
    const rows = agents.map(({ agent_name, operation, executions, cost_micro_usd }) => [
      ...[oneLine(agent_name), oneLine(operation), `${executions}`, money(cost_micro_usd)],
      ...[money((cost_micro_usd ?? 0) / executions), spent ? share((cost_micro_usd ?? 0) / spent) : '-'],
    ]);
    const table = screen.table([['AGENT', 'OPERATION', 'TIMES', 'COST', 'EACH', 'OF ALL'], ...rows]);
    return {
      json: {
        ...{ since: sinceIso, spent_micro_usd: spent, budget_micro_usd: budget, per_hour_micro_usd: perHour },
        ...{ projected_micro_usd: projected, failed_micro_usd: failed },
        agents: agents.map(({ agent_name, operation, executions, cost_micro_usd }) => {
          return { agent_name, operation, executions, cost_micro_usd };
        }),
      },
      text: `${screen.table(facts)}${rows.length > 0 ? `\n\n${table}` : ''}`,
      findings: options.exitCode === true && isAbove,
    };
  },
};

function known(amounts: readonly (number | null)[]): number | null {
  const sure = amounts.filter((amount) => amount !== null);
  return sure.length === 0 ? null : sure.reduce((sum, amount) => sum + amount, 0);
}

/** @throws RangeError unless it is an amount above 0. */
function usd(given: string): number {
  const amount = /^\$?\d{1,9}(\.\d+)?$/.test(given) ? Number(given.replace('$', '')) : 0;
  if (amount <= 0) throw new RangeError(`Cannot use --budget "${given}": give an amount in USD, e.g. 23 or 4.50.`);
  return amount;
}
