/** `compare <period> [with]`: what became worse, and how sure that is. (R05) */
import { type Comparison, compare, type Measured, type Verdict } from '../analysis/compare.ts';
import type { Command, Screen } from './command.ts';
import { measure as value } from './measure.ts';
import { type Period, period, periodBefore } from './moment.ts';
import { text } from './options.ts';
import { count, oneLine, share } from './words.ts';

/** Of each period; more are thinned out evenly. An interval over so many is narrow enough. */
const most = 20_000;

const styles: Partial<Record<Verdict, 'red' | 'green' | 'dim'>> = {
  regression: 'red',
  improvement: 'green',
  too_few: 'dim',
};

export const compareTwo: Command = {
  usage: 'compare <period> [with]',
  description: 'the first period with a later one, per agent and operation; exit 1 where something became worse',
  options: [['--agent <name>', 'this one alone']],
  async run({ ledger, args, options, now, screen }) {
    const [first, second] = args.map((given) => period(given, now)) as [Period, Period?];
    // One period alone is the later one.
    const [before, after] = second ? [first, second] : [periodBefore(first), first];
    const agent = text(options, 'agent');
    const of = async (window: Period) =>
      (await ledger.samples(window, most)).filter(({ agent_name }) => agent === undefined || agent_name === agent);
    const comparison = compare(await of(before), await of(after));
    return {
      json: { before, after, ...comparison },
      text: comparisonText(comparison, before, after, screen),
      findings: comparison.regressions > 0,
    };
  },
};

function comparisonText(comparison: Comparison, before: Period, after: Period, screen: Screen): string {
  const { groups, regressions, confidence, minimum_sample, only_before, only_after } = comparison;
  const spans = [before, after].map(
    ({ sinceIso, untilIso }) => `${sinceIso.slice(0, 16)}Z to ${untilIso.slice(0, 16)}Z`,
  );
  const told = groups.flatMap(({ agent_name, operation, measures }) =>
    measures
      .filter(({ verdict }) => verdict !== 'too_few')
      .map((measure) => [
        oneLine(operation === null ? agent_name : `${agent_name} ${operation}`),
        names[measure.measure],
        value(measure.measure, measure.before),
        value(measure.measure, measure.after),
        change(measure),
        interval(measure),
        paintVerdict(measure.verdict, screen),
      ]),
  );
  const quiet = groups.filter(({ measures }) => measures.every(({ verdict }) => verdict === 'too_few')).length;
  const lines = [
    quiet > 0
      ? `${count(quiet, 'agent and operation', 'agents and operations')} with fewer than ${minimum_sample} of them on a side: not compared.`
      : '',
    only_before.length > 0 ? `Only in the first: ${only_before.map(oneLine).join(', ')}.` : '',
    only_after.length > 0 ? `Only in the second: ${only_after.map(oneLine).join(', ')}.` : '',
    regressions > 0
      ? screen.paint('red', `${count(regressions, 'regression')}.`)
      : `Nothing became worse, as far as one can be ${share(confidence)} sure.`,
  ];
  return [
    `${screen.paint('bold', spans[0] as string)}, compared with ${screen.paint('bold', spans[1] as string)}`,
    told.length > 0
      ? screen.table([['AGENT AND OPERATION', 'MEASURE', 'BEFORE', 'AFTER', 'CHANGE', 'BETWEEN', 'VERDICT'], ...told])
      : '',
    lines.filter((line) => line !== '').join('\n'),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

const names: Record<Measured['measure'], string> = {
  p50_ms: 'median time',
  p95_ms: 'p95 time',
  error_rate: 'fails',
  p50_cost_micro_usd: 'median cost',
};

function change({ change, unit }: Measured): string {
  return change === null ? '-' : signed(change, unit);
}

function interval({ low, high, unit }: Measured): string {
  const [from, to] = [low === null ? 'any less' : signed(low, unit), high === null ? 'any more' : signed(high, unit)];
  return `${from} … ${to}`;
}

function signed(number: number, unit: Measured['unit']): string {
  const text = `${number > 0 ? '+' : ''}${(number * 100).toFixed(1)} %`;
  return unit === 'relative' ? text : `${text.slice(0, -2)} points`;
}

function paintVerdict(verdict: Verdict, screen: Screen): string {
  const style = styles[verdict];
  return style ? screen.paint(style, verdict) : verdict;
}
