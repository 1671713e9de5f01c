/** `trend`: how it develops. (R05) */
import { type Direction, type Measure, type Trend, trend } from '../analysis/trend.ts';
import { beginOf } from '../store/course.ts';
import { duration, money, share, span } from '../words.ts';
import type { Command, Given } from './command.ts';
import { measure } from './measure.ts';
import { oneOf, text, windowOf, windowOptions } from './options.ts';

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
    const { sinceIso = '', untilIso } = windowOf(given, defaultSince[by]);
    // A stretch that is cut off at its beginning would look like a rise.
    const whole = {
      sinceIso: new Date(beginOf(by, Date.parse(sinceIso))).toISOString(),
      ...(untilIso && { untilIso }),
    };
    const lookedAtMs = Math.min(given.now, untilIso ? Date.parse(untilIso) : given.now);
    const seen = trend(await given.ledger.course(by, whole, agent), by, lookedAtMs);
    const nothing = `Nothing has begun ${span(whole)}. Look further back: --since 90d.`;
    return { json: seen, text: seen.points.length === 0 ? nothing : trendText(seen, lookedAtMs, given) };
  },
};

function trendText({ points, directions, stretch }: Trend, lookedAtMs: number, given: Given): string {
  const underWay = new Date(beginOf(stretch, lookedAtMs)).toISOString();
  const rows = points.map((point) => [
    `${point.at.slice(0, 10)}${stretch === 'hour' ? point.at.slice(10, 16).replace('T', ' ') : ''}${point.at === underWay ? ' so far' : ''}`,
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
      !slope || verdict === 'unclear' ? '' : ` by ${measure(name, rounded(name, Math.abs(slope)))} a ${stretch}`;
    return [title, `${words[verdict]}${by}`];
  });
  const table = given.screen.table([[stretch.toUpperCase(), 'TIMES', 'FAILED', 'P50', 'P95', 'COST'], ...rows]);
  return `${table}\n\n${given.screen.table(told)}`;
}

const words: Record<Direction['verdict'], string> = {
  rising: 'rising',
  falling: 'falling',
  unclear: 'neither rising nor falling, as far as one can see',
  too_few: 'too few points to tell',
};

function rounded(name: Measure, slope: number): number {
  return name === 'executions' ? Math.round(slope * 10) / 10 : slope;
}
