/** `compare <period> [with]`: what became worse, and how sure that is. (R05) */
import { type Comparison, compare, type Measured, type Verdict } from '../analysis/compare.ts';
import { count, oneLine, share } from '../words.ts';
import type { Command, Given, Screen } from './command.ts';
import { measure as value } from './measure.ts';
import { type Period, period, periodBefore } from './moment.ts';
import { text } from './options.ts';

/** Of each period; more are thinned out evenly. An interval over so many is narrow enough. */
const most = 10_000;

const styles: Partial<Record<Verdict, 'red' | 'green' | 'dim'>> = {
  regression: 'red',
  improvement: 'green',
  too_few: 'dim',
};

export const compareTwo: Command = {
  usage: 'compare <period> [with]',
  description: 'the first period with a later one, per agent and operation; exit 1 where something became worse',
  options: [
    ['--agent <name>', 'this one alone'],
    ['--all', 'what stayed as it was, too'],
  ],
  async run(given) {
    const { ledger, args, options, now } = given;
    const [first, second] = args.map((one) => period(one, now)) as [Period, Period?];
    // One period alone is the later one.
    const [before, after] = second ? [first, second] : [periodBefore(first), first];
    const agent = text(options, 'agent');
    const of = async (window: Period) =>
      (await ledger.samples(window, most)).filter(({ agent_name }) => agent === undefined || agent_name === agent);
    const comparison = compare(await of(before), await of(after));
    return {
      json: { before, after, ...comparison },
      text: comparisonText(comparison, before, after, given),
      findings: comparison.regressions > 0,
    };
  },
};

function comparisonText(comparison: Comparison, before: Period, after: Period, { screen, options }: Given): string {
  const { groups, regressions, confidence, minimum_sample, only_before, only_after } = comparison;
  const of = (verdict: Verdict) => groups.flatMap(({ measures }) => measures.filter((one) => one.verdict === verdict));
  const [steady, improvements] = [of('steady').length, of('improvement').length];
  const shown: readonly Verdict[] = ['regression', 'improvement', ...(options.all ? (['steady'] as const) : [])];
  const told = groups.flatMap(({ agent_name, operation, measures }) =>
    measures
      .filter(({ verdict }) => shown.includes(verdict))
      .map((measure) => [
        oneLine(operation === null ? agent_name : `${agent_name} ${operation}`),
        names[measure.measure],
        ...[value(measure.measure, measure.before), value(measure.measure, measure.after)],
        ...[change(measure), interval(measure), paintVerdict(measure.verdict, screen)],
      ]),
  );
  const quiet = groups.filter(({ measures }) => measures.every(({ verdict }) => verdict === 'too_few')).length;
  const compared = groups.length > quiet;
  const heading =
    regressions > 0
      ? screen.paint('red', `${count(regressions, 'regression')}.`)
      : compared
        ? `Nothing became worse, as far as one can be ${share(confidence)} sure.`
        : 'There is nothing to compare.';
  const lines = [
    improvements > 0 ? `${count(improvements, 'improvement')}.` : '',
    steady > 0
      ? `${count(steady, 'measure')} stayed as ${steady === 1 ? 'it was' : 'they were'}${options.all ? '' : ': --all shows them'}.`
      : '',
    quiet > 0
      ? `${count(quiet, 'agent and operation', 'agents and operations')} with fewer than ${minimum_sample} of them on a side: not compared.`
      : '',
    only_before.length > 0 ? `Only in the first: ${only_before.map(oneLine).join(', ')}.` : '',
    only_after.length > 0 ? `Only in the second: ${only_after.map(oneLine).join(', ')}.` : '',
  ];
  return [
    `${screen.paint('bold', spanOf(before))}, compared with\n${screen.paint('bold', spanOf(after))}`,
    heading,
    told.length > 0 ? table(told, screen) : '',
    lines.filter((line) => line !== '').join('\n'),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** At a terminal each agent has a line, and its measures beneath: beside each other they would not fit. */
function table(told: readonly string[][], screen: Screen): string {
  const head = ['MEASURE', 'BEFORE', 'AFTER', 'CHANGE', 'BETWEEN', 'VERDICT'];
  if (!Number.isFinite(screen.width)) return screen.table([['AGENT AND OPERATION', ...head], ...told]);
  // The first line is the head.
  const lines = screen.table([head, ...told.map(([, name, ...rest]) => [`  ${name}`, ...rest])]).split('\n');
  const withNames = lines.map((line, row) => {
    const [who, before] = [told[row - 1]?.[0], told[row - 2]?.[0]];
    return who === undefined || who === before ? line : `${screen.paint('bold', who)}\n${line}`;
  });
  return withNames.join('\n');
}

const verdicts: Record<Verdict, string> = {
  regression: 'worse',
  improvement: 'better',
  steady: 'steady',
  too_few: 'too few',
};

const names: Record<Measured['measure'], string> = {
  p50_ms: 'median time',
  p95_ms: 'p95 time',
  error_rate: 'fails',
  p50_cost_micro_usd: 'median cost',
};

function spanOf({ sinceIso, untilIso }: Period): string {
  return [sinceIso, untilIso].map((iso) => `${iso.slice(0, 16).replace('T', ' ')}Z`).join(' to ');
}

function change({ change, unit }: Measured): string {
  return change === null ? '-' : `${signed(change)} ${units[unit]}`;
}

function interval({ low, high, unit }: Measured): string {
  const [from, to] = [low === null ? 'any less' : signed(low), high === null ? 'any more' : signed(high)];
  return `${from} … ${to} ${units[unit]}`;
}

/** Of a share, what is added to it: 5 points more than 10 % are 15 %. */
const units: Record<Measured['unit'], string> = { relative: '%', absolute: 'points' };

function signed(of1: number): string {
  return `${of1 > 0 ? '+' : ''}${(of1 * 100).toFixed(1)}`;
}

function paintVerdict(verdict: Verdict, screen: Screen): string {
  const style = styles[verdict];
  return style ? screen.paint(style, verdicts[verdict]) : verdicts[verdict];
}
