/** `trend`: how it develops. (R05) */
import { type Measure, type Trend, trend } from '../analysis/trend.ts';
import type { Command, Given } from './command.ts';
import { measure } from './measure.ts';
import { oneOf, text, windowOf, windowOptions } from './options.ts';
import { at } from './tables.ts';
import { duration, money, share } from './words.ts';

/** Of more, an even part is looked at. */
const most = 200_000;

const stretches = ['hour', 'day', 'week'] as const;
const defaultSince = { hour: '2d', day: '30d', week: '26w' };

export const trends: Command = {
  usage: 'trend',
  description: 'hour by hour, day by day or week by week: how many, how well, how long, how dear',
  options: [
    ['--by <stretch>', 'hour, day or week; default: day'],
    ['--agent <name>', 'this one alone'],
    ...windowOptions,
  ],
  async run(given) {
    const by = oneOf('--by', text(given.options, 'by') ?? 'day', stretches);
    const agent = text(given.options, 'agent');
    const window = windowOf(given, defaultSince[by]);
    const [samples, sums] = [await given.ledger.samples(window, most), await given.ledger.performance(window)];
    const seen = trend(
      samples.filter(({ agent_name }) => agent === undefined || agent_name === agent),
      by,
    );
    const all = sums.reduce((sum, { executions }) => sum + executions, 0);
    const part = samples.length < all ? samples.length / all : 1;
    const note = part < 1 ? `\nCounts and cost are those of an even part, ${share(part)} of ${all} executions.` : '';
    return {
      json: { ...seen, part },
      text: seen.points.length === 0 ? 'Nothing has begun in that time.' : `${trendText(seen, given)}${note}`,
    };
  },
};

function trendText({ points, directions, stretch }: Trend, given: Given): string {
  const rows = points.map((point) => [
    given.options.absolute || stretch === 'hour'
      ? at(point.at, { ...given, options: { absolute: true } })
      : point.at.slice(0, 10),
    `${point.executions}`,
    point.failed === 0 ? '-' : given.screen.paint('red', `${point.failed} (${share(point.error_rate)})`),
    ...[duration(point.p50_ms), duration(point.p95_ms), money(point.cost_micro_usd)],
  ]);
  const shown: readonly (readonly [Measure, string])[] = [
    ['executions', 'executions'],
    ['error_rate', 'failures'],
    ['p50_ms', 'median time'],
    ['p95_ms', 'p95 time'],
    ['cost_micro_usd', 'cost'],
  ];
  const told = shown.map(([name, title]) => {
    const { verdict, slope } = directions[name];
    const by =
      slope === null || verdict === 'unclear'
        ? ''
        : ` by ${measure(name, rounded(name, Math.abs(slope)))} a ${stretch}`;
    return `${title}: ${verdict.replace('_', ' ')}${by}`;
  });
  return `${given.screen.table([['FROM', 'TIMES', 'FAILED', 'P50', 'P95', 'COST'], ...rows])}\n\n${told.join('\n')}`;
}

function rounded(name: Measure, slope: number): number {
  return name === 'executions' ? Math.round(slope * 10) / 10 : slope;
}
