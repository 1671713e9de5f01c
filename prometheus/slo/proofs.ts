/** Worlds that prove the rules of an objective, each rule by itself: what it is given, and what it must answer. */
import type { Metric as Declared } from '../../instrumentation/src/catalog/metric.ts';
import { fleetMetric } from '../../queries/fleet-metrics.ts';
import type { Metric } from '../../queries/metric.ts';
import { type Duration, minutes } from '../kit/duration.ts';
import { environment, service } from '../kit/labels.ts';
import type { Proof } from '../kit/proof.ts';
import type { Answer, Recording } from '../kit/record.ts';
import { grows, type Phase, type SeriesOf, series, stays, type World } from '../kit/world.ts';
import { type BurnWindow, fewestEvents, threshold } from './burn.ts';
import type { Slo } from './slo.ts';

/** Of one service, as the example labels have it. */
const ofService = { [environment]: 'production', [service]: 'fleet' };

/** A part of a histogram, as a counter of its own. */
export function part(histogram: Declared, suffix: '_bucket' | '_count'): Metric {
  const { name, labels, ...metric } = fleetMetric(histogram);
  return {
    ...metric,
    name: `${name}${suffix}`,
    type: 'counter',
    labels: suffix === '_bucket' ? [...labels, 'le'] : labels,
  };
}

/** Events a second: each of `counted` counts, none of `not` does. */
export function countsEvents(counted: readonly [SeriesOf, ...SeriesOf[]], not: readonly SeriesOf[] = []): Answer[] {
  return countingCases(counted, not, [], (rate) => rate);
}

/** Bad events a second: none, not unknown many, as long as there are `events` alone. */
export function countsFailures(failed: SeriesOf, events: SeriesOf, not: readonly SeriesOf[] = []): Answer[] {
  const others = grows(events, 60);
  return [
    ...countingCases([failed], not, others, (rate = 0) => rate),
    { title: 'is 0 before the first failure', world: others, answers: answer(0) },
  ];
}

/** Events a second that are not among those in time. */
export function countsSlow(
  inTime: readonly [SeriesOf, ...SeriesOf[]],
  events: SeriesOf,
  not: readonly SeriesOf[] = [],
): Answer[] {
  // Three a second, so that two kinds in time and one of neither fit into them.
  return countingCases(inTime, not, grows(events, 180), (rate) => (rate === undefined ? undefined : 3 - rate)).concat({
    title: 'is not below 0',
    world: [...grows(events, 60), ...grows(inTime[0], 120)],
    answers: answer(0),
  });
}

/** How counters are counted: the first of a process, its end, its return, its restart under the same labels. */
function countingCases(
  [first, ...more]: readonly [SeriesOf, ...SeriesOf[]],
  not: readonly SeriesOf[],
  others: World,
  of: (rate: number | undefined) => number | undefined,
): Answer[] {
  const grown = [...grows(first, 60), ...others];
  const uncounted = not.flatMap((each) => grows(each, 60));
  const counted = more.flatMap((each) => grows(each, 60));
  return [
    {
      title: 'counts what it should',
      world: [...grown, ...counted, ...uncounted],
      answers: answer(of(1 + more.length)),
    },
    {
      title: 'counts the first of a process',
      after: [[others, 10]],
      world: [...stays(first, 30), ...others],
      atMinute: 4,
      answers: answer(of(0.1)),
    },
    {
      title: 'forgets a process that has gone',
      after: [[grown, 10]],
      world: others,
      atMinute: 6,
      answers: answer(of(undefined)),
    },
    {
      title: 'takes what comes back after an hour for new',
      after: [
        [[...stays(first, 300), ...others], 1],
        [others, 70],
      ],
      world: [...stays(first, 300), ...others],
      atMinute: 2,
      answers: answer(of(1)),
    },
    ...[5, 6].map((atMinute) => ({
      title: `counts nothing ${atMinute} minutes after a counter fell`,
      after: [[grown, 10]] satisfies Phase[],
      world: [...stays(first, 5), ...others],
      atMinute,
      answers: answer(of(0)),
    })),
  ];
}

function answer(value: number | undefined) {
  return value === undefined ? [] : [{ labels: ofService, value }];
}

/** Every one of these recordings is there, under its own label `slo`. */
export function gathers(parts: readonly { readonly name: string; readonly recording: Recording }[]): Answer[] {
  const given = parts.map(({ recording }, at) => stays(series(recording), at + 1)[0] as World[number]);
  return [
    {
      title: 'has every objective',
      world: given,
      step: '1m',
      answers: given.map(({ labels, start }, at) => ({
        labels: { ...labels, slo: parts[at]?.name as string },
        value: start,
      })),
    },
  ];
}

/** Two windows must burn, and enough must have happened; what the recordings say is given. */
export function burns(slo: Slo, window: BurnWindow, recorded: Record<'long' | 'short' | 'events', Recording>): Proof {
  const over = Number(threshold(slo.objectiveBp, window));
  const value = Number((over * 1.05).toPrecision(12));
  const just = Number((over * 0.95).toPrecision(12));
  const enough = fewestEvents(slo.objectiveBp, window);
  const without = [environment, service, 'signal'].filter((label) => !slo.by.includes(label));
  const given = { slo: slo.name, ...Object.fromEntries(without.map((label) => [label, ''])) };
  const world = (long: number, short: number, events: number): World => [
    ...stays(series(recorded.long, given), long),
    ...stays(series(recorded.short, given), short),
    ...stays(series(recorded.events, given), events),
  ];
  return {
    bad: world(value, value, 10 * enough),
    // Over now, yet still in the long window.
    recovered: world(value, just, 10 * enough),
    good: world(just, value, 10 * enough),
    quiet: world(1, 1, enough - 1),
    enough: world(value, value, enough),
    value,
    trueAfter: 0,
    falseAfter: 1,
    settles: 1,
    step: '1m',
  };
}

/** A sum holds what its window holds, and no more. `given`: the 5-minute rate that it adds up. */
export function sums(window: string, given: Recording): Answer[] {
  const { before, within, step, samples } = around(window);
  return [
    {
      title: 'holds what its window holds',
      after: [[stays(series(given, ofOne), 5), before]],
      world: stays(series(given, ofOne), 1),
      atMinute: within,
      step,
      answers: [{ labels: labelsOfOne, value: 60 * samples }],
    },
  ];
}

/** The same for bad events as a share of all; without events there is none, and hardly any are enough. */
export function shares(window: string, given: Record<'events' | 'bad', Recording>): Answer[] {
  const { before, within, step } = around(window);
  const world = (events: number, bad: number): World => [
    ...stays(series(given.events, ofOne), events),
    ...stays(series(given.bad, ofOne), bad),
  ];
  const asked = { atMinute: 60, step } as const;
  return [
    {
      title: 'holds what its window holds',
      after: [[world(4, 4), before]],
      world: world(4, 1),
      atMinute: within,
      step,
      answers: [{ labels: labelsOfOne, value: 0.25 }],
    },
    { title: 'is not there without events', world: world(0, 0), ...asked, answers: [] },
    {
      title: 'needs hardly any',
      world: world(0.0001, 0.00005),
      ...asked,
      answers: [{ labels: labelsOfOne, value: 0.5 }],
    },
  ];
}

const ofOne = { slo: 'workflow-success', signal: '' };
const labelsOfOne = { ...ofService, slo: 'workflow-success' };

/** Minutes before and within a window. A long one is given one sample an hour: promtool holds 10 000. */
function around(window: string): { before: number; within: number; step: Duration; samples: number } {
  const within = minutes(window);
  const stepMinutes = within >= minutes('1d') ? 60 : 1;
  const before = Math.max(5, within / 12);
  return { before, within, step: stepMinutes === 60 ? '1h' : '1m', samples: within / stepMinutes };
}

/** What follows from an error ratio and the objective of 95 %. */
export function follows(ratio: Recording, from: (ratio: number, budget: number) => number): Answer[] {
  const given = 0.1;
  return [
    {
      title: 'follows from the objective',
      world: stays(series(ratio, ofOne), given),
      atMinute: 60,
      step: '1m',
      answers: [{ labels: labelsOfOne, value: from(given, 1 - 0.95) }],
    },
  ];
}
