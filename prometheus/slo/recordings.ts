/**
 * What all objectives share, under names that a label `slo` tells apart. Only the 5-minute rates read the services' own series,
 * which are many; every longer window adds up those few recorded ones. Added up, not averaged: a busy minute counts by its events.
 */
import { promql, type Query } from '../../queries/promql.ts';
import { either } from '../kit/joined.ts';
import { type Recording, record } from '../kit/record.ts';
import { periodDays, share } from './burn.ts';
import { objectives } from './objectives.ts';
import { follows, gathers, shares, sums } from './proofs.ts';

/** How often the rules run: what a sum over a window counts by. A day of one series is 1440 samples. */
export const everySeconds = 60;

export const period = `${periodDays}d` as const;

/** Windows that alerts look at, and the period. */
const shortWindows = ['30m', '1h', '2h', '6h'] as const;
const longWindows = ['1d', '3d', period] as const;
export const windows = [...shortWindows, ...longWindows] as const;

export type Window = (typeof windows)[number];

export const eventsRate = record(
  'slo:events:rate5m',
  either(objectives.map(({ name, events }) => labelled(name, promql`${events}`))),
  'events that an objective counts, a second',
  gathers(objectives.map(({ name, events }) => ({ name, recording: events }))),
);

export const errorsRate = record(
  'slo:errors:rate5m',
  either(objectives.map(({ name, bad }) => labelled(name, promql`${bad}`))),
  'bad events that an objective counts, a second',
  gathers(objectives.map(({ name, bad }) => ({ name, recording: bad }))),
);

/** How many events there were in a window. */
export const events = forEach(windows, (window) =>
  record(
    `slo:events:increase${window}`,
    promql`${everySeconds} * sum_over_time(${eventsRate}[${window}])`,
    `events of the last ${window}`,
    sums(window, eventsRate),
  ),
);

/** Which share of the events in a window was bad, 0 to 1. Without events there is none. */
export const errorRatio: Readonly<Record<'5m' | Window, Recording>> = {
  '5m': record(
    'slo:error_ratio:rate5m',
    promql`${errorsRate} / (${eventsRate} > 0)`,
    'bad events as a share of all, over 5 minutes',
    shares('5m', { events: eventsRate, bad: errorsRate }),
  ),
  ...forEach(windows, (window) =>
    record(
      `slo:error_ratio:rate${window}`,
      promql`${everySeconds} * sum_over_time(${errorsRate}[${window}]) / (${events[window]} > 0)`,
      `bad events as a share of all, over ${window}`,
      shares(window, { events: eventsRate, bad: errorsRate }),
    ),
  ),
};

/** The objectives themselves, so that a query or a panel need not repeat them. */
export const objective = record(
  'slo:objective:ratio',
  either(objectives.map(({ name, objectiveBp }) => labelled(name, promql`vector(${share(objectiveBp)})`))),
  'the share of good events that is promised',
  [
    {
      title: 'is what was promised',
      world: [],
      atMinute: 0,
      answers: objectives.map(({ name, objectiveBp }) => ({ labels: { slo: name }, value: objectiveBp / 10_000 })),
    },
  ],
);

const budget = promql`1 - ${objective}`;

/** What is left of the error budget of the last 30 days: 1 untouched, 0 spent, below 0 the promise is broken. */
export const budgetRemaining = record(
  `slo:error_budget_remaining:ratio${period}`,
  promql`1 - ${errorRatio[period]} / on (slo) group_left () ${budget}`,
  `share of the error budget of ${periodDays} days that is left`,
  follows(errorRatio[period], (ratio, of) => 1 - ratio / of),
);

/** How fast the budget is being spent, by the last hour: 1 lasts exactly for the period, 14.4 for two days. */
export const burnRate = record(
  'slo:burn_rate:ratio1h',
  promql`${errorRatio['1h']} / on (slo) group_left () ${budget}`,
  'error ratio of the last hour as a multiple of what the budget allows',
  follows(errorRatio['1h'], (ratio, of) => ratio / of),
);

/** What services did, and the windows of hours. */
export const shortRecordings: readonly Recording[] = [
  ...objectives.flatMap(({ events, bad }) => [events, bad]),
  eventsRate,
  errorsRate,
  errorRatio['5m'],
  ...shortWindows.flatMap((window) => [events[window], errorRatio[window]]),
];

/** The windows of days, and what is left of the budget. */
export const longRecordings: readonly Recording[] = [
  ...longWindows.flatMap((window) => [events[window], errorRatio[window]]),
  objective,
  budgetRemaining,
  burnRate,
];

function labelled(name: string, query: Query): Query {
  return promql`label_replace(${query}, "slo", "${name}", "", "")`;
}

function forEach<K extends string, T>(keys: readonly K[], make: (key: K) => T): Record<K, T> {
  return Object.fromEntries(keys.map((key) => [key, make(key)])) as Record<K, T>;
}
