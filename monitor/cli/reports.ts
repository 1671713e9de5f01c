/** How it goes: `health`, `performance`, `failures`. */
import type { Health } from '../store/store.ts';
import type { Command, Given } from './command.ts';
import { text, wholeNumber, windowOf, windowOptions } from './options.ts';
import { failureRows, performanceRows } from './tables.ts';
import { count, duration, money, share } from './words.ts';

const hourMs = 3_600_000;
const aYearHours = 8784;

export const health: Command = {
  usage: 'health [hours]',
  description: 'runs, executions, success and cost of the last hours; default: 24',
  options: [['--min-success <percent>', 'exit 1 below it, e.g. 95']],
  async run(given) {
    const { ledger, args, options, now } = given;
    const hours = wholeNumber('the hours', args[0] ?? '24', aYearHours);
    const least = percent(text(options, 'minSuccess'));
    const sums = await ledger.health(new Date(now - hours * hourMs).toISOString());
    const findings = least !== undefined && sums.success_rate !== null && sums.success_rate < least;
    return { json: { hours, ...sums }, text: healthText(hours, sums, given), findings };
  },
};

export const performance: Command = {
  usage: 'performance',
  description: 'how long, how often, how well, per agent and operation',
  options: [['--agent <name>', 'this one alone'], ...windowOptions],
  async run(given) {
    const agent = text(given.options, 'agent');
    const all = await given.ledger.performance(windowOf(given));
    const rows = all.filter(({ agent_name }) => agent === undefined || agent_name === agent);
    const none = 'No agent has begun anything in that time.';
    return { json: rows, text: rows.length === 0 ? none : given.screen.table(performanceRows(rows, given)) };
  },
};

export const failures: Command = {
  usage: 'failures [limit]',
  description: 'failed work by kind of error, the newest first, and what it cost; default: 10 kinds',
  options: [...windowOptions, ['--exit-code', 'exit 1 where there are any']],
  async run(given) {
    const { ledger, args, options, screen } = given;
    const found = await ledger.failures(wholeNumber('the limit', args[0] ?? '10', 1000), windowOf(given));
    const lost = found.reduce((sum, { duration_ms }) => sum + duration_ms, 0);
    const costs = found.flatMap(({ cost_micro_usd }) => cost_micro_usd ?? []);
    const cost = costs.length > 0 ? costs.reduce((sum, one) => sum + one, 0) : null;
    const times = found.reduce((sum, failure) => sum + failure.times, 0);
    const sums = `${count(times, 'failure')} of ${count(found.length, 'kind')}: ${duration(lost)} and ${money(cost)} for nothing.`;
    return {
      json: found,
      text: found.length === 0 ? 'Nothing has failed.' : `${screen.table(failureRows(found, given))}\n\n${sums}`,
      findings: options.exitCode === true && found.length > 0,
    };
  },
};

function healthText(hours: number, sums: Health, { screen }: Given): string {
  const { orchestrations: runs, executions } = sums;
  const some = (number: number, word: string, style?: 'green' | 'red' | 'yellow' | 'cyan') =>
    number === 0 ? [] : [style ? screen.paint(style, `${number} ${word}`) : `${number} ${word}`];
  const parts = (total: number, ...kinds: string[][]) =>
    [`${total}`, ...[kinds.flat().join(', ')]].join('  ').trimEnd();
  const heading = screen.paint('bold', `The last ${count(hours, 'hour')}`);
  const table = screen.table([
    [
      'runs',
      parts(
        runs.total,
        some(runs.completed, 'completed', 'green'),
        some(runs.partial, 'partial', 'yellow'),
        some(runs.failed, 'failed', 'red'),
        some(runs.running, 'running', 'cyan'),
      ),
    ],
    [
      'executions',
      parts(
        executions.total,
        some(executions.completed, 'completed', 'green'),
        some(executions.failed, 'failed', 'red'),
        some(executions.in_progress, 'in progress', 'cyan'),
      ),
    ],
    ['success', share(sums.success_rate)],
    ['a run takes', duration(sums.average_duration_ms)],
    ['cost', money(sums.cost_micro_usd)],
  ]);
  return `${heading}\n${table}`;
}

/** A share of 1. @throws RangeError unless it is from 0 to 100. */
function percent(given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  const number = /^\d{1,3}(\.\d+)?\s?%?$/.test(given) ? Number.parseFloat(given) : Number.NaN;
  if (!(number <= 100)) throw new RangeError(`Cannot use --min-success "${given}": give a number from 0 to 100.`);
  return number / 100;
}
