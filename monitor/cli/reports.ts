/** How it goes: `health`, `performance`, `failures`. */

import { sumMicroUsd } from '../ledger/money.ts';
import type { Health } from '../store/store.ts';
import { count, duration, money, number, oneLine, share } from '../words.ts';
import type { Command, Given } from './command.ts';
import { listed } from './facts.ts';
import { text, wholeNumber, windowOf, windowOptions } from './options.ts';
import { failureTable, performanceTable } from './tables.ts';

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
    // What cannot be judged has not passed: a fleet that does nothing is no healthy one.
    const findings = least !== undefined && (sums.success_rate ?? 0) < least;
    const unjudged =
      findings && sums.success_rate === null ? '\nNo run has ended in that time: it is not known to go well.' : '';
    return { json: { hours, ...sums }, text: healthText(hours, sums, given) + unjudged, findings };
  },
};

export const performance: Command = {
  usage: 'performance',
  description: 'how long, how often, how well, per agent and operation',
  options: [['--agent <name>', 'this one alone'], ...windowOptions],
  async run(given) {
    const agent = text(given.options, 'agent');
    const rows = await given.ledger.performance(windowOf(given), agent);
    const who = agent === undefined ? 'No agent' : `No agent "${oneLine(agent)}"`;
    const isNarrowed = given.options.since !== undefined || given.options.until !== undefined;
    const none = `${who} has begun anything${isNarrowed ? ' in that time. Look further back: --since 90d.' : ' yet.'}`;
    return { json: rows, text: rows.length === 0 ? none : performanceTable(rows, given) };
  },
};

export const failures: Command = {
  usage: 'failures [limit]',
  description: 'failed work by kind of error, the newest first, and what it cost; default: 10 kinds',
  options: [...windowOptions, ['--exit-code', 'exit 1 where there are any']],
  async run(given) {
    const { ledger, args, options } = given;
    const found = await ledger.failures(wholeNumber('the limit', args[0] ?? '10', 1000), windowOf(given));
    const lost = found.reduce((sum, { duration_ms }) => sum + duration_ms, 0);
    const cost = sumMicroUsd(found.map(({ cost_micro_usd }) => cost_micro_usd));
    const times = found.reduce((sum, failure) => sum + failure.times, 0);
    const sums = `${count(times, 'failure')} of ${count(found.length, 'kind')}: ${duration(lost)} and ${money(cost)} for nothing.`;
    return {
      json: found,
      text: found.length === 0 ? 'Nothing has failed.' : `${failureTable(found, given)}\n\n${sums}`,
      findings: options.exitCode === true && found.length > 0,
    };
  },
};

function healthText(hours: number, sums: Health, { screen }: Given): string {
  const { orchestrations: runs, executions } = sums;
  const some = (of: number, word: string, style: 'green' | 'red' | 'yellow' | 'cyan') =>
    of === 0 ? [] : [screen.paint(style, `${number(of)} ${word}`)];
  const parts = (total: number, ...kinds: string[][]) => [number(total), kinds.flat().join(', ')].join('  ').trimEnd();
  const heading = screen.paint('bold', hours === 1 ? 'The last hour' : `The last ${count(hours, 'hour')}`);
  const none = runs.total === 0 ? '\nNothing ran. Look further back: npm run monitor health 720' : '';
  const facts: [string, string][] = [
    ['success', share(sums.success_rate)],
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
    ['a run takes', duration(sums.average_duration_ms)],
    ['cost', money(sums.cost_micro_usd)],
  ];
  return `${heading}\n${listed(facts, screen)}${none}`;
}

/** A share of 1. @throws RangeError unless it is from 0 to 100. */
function percent(given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  const number = /^\d{1,3}(\.\d+)?\s?%?$/.test(given) ? Number.parseFloat(given) : Number.NaN;
  if (!(number <= 100))
    throw new RangeError(`Cannot use --min-success "${oneLine(given)}": give a number from 0 to 100.`);
  return number / 100;
}
