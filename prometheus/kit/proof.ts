/** Worlds that prove one level of an alert. `cases.ts` makes promtool's cases of them. */
import { type Duration, minutes } from './duration.ts';
import type { Labels } from './example-labels.ts';
import { grows, observes, type Phase, type SeriesOf, stays, type World } from './world.ts';

export interface Proof {
  /** Just beyond the threshold, and plenty of it. */
  readonly bad: World;
  /** Just short of it. */
  readonly good: World;
  /** Well again, after `bad`. */
  readonly recovered: World;
  /** As bad as can be, and just too little of it to tell. Undefined: the alert has no minimum of events. */
  readonly quiet?: World;
  /** Just beyond the threshold, and just enough of it to tell. */
  readonly enough?: World;
  /** What was before `bad`, `good`, `quiet`, `enough`: the history that a baseline rests on. */
  readonly before?: readonly Phase[];
  /** `$value` in `bad`. */
  readonly value: number;
  /** Minutes from the first sample of `bad` until the condition is true. */
  readonly trueAfter: number;
  /** Minutes from the last sample of `bad` until it is false. */
  readonly falseAfter: number;
  /** Minutes from the first sample of `bad` until it is false by itself, where what it counts leaves the window. */
  readonly lasts?: number;
  /** Minutes until `enough` is told and `quiet` would be, `for` excluded. */
  readonly settles: number;
  /** Time between two samples. Default 15s, Prometheus' own scrape interval. */
  readonly step?: Duration;
  /** Labels of the alert that no series of `bad` has, such as one that `label_replace` makes. */
  readonly labels?: Labels;
  /** What else must be told, or never be told: restarts, gaps, agents that have finished. */
  readonly also?: readonly Story[];
}

export interface Story {
  readonly title: string;
  readonly phases: readonly Phase[];
  /** Told at its end; or its condition false, from that minute on. */
  readonly told: 'at the end' | { readonly notFrom: number };
  /** Time between two samples, if it is not that of the proof. */
  readonly step?: Duration;
  /** Labels of the alert, where it is told of something else than `bad` is about. */
  readonly labels?: Labels;
}

/** So far beyond a threshold, or short of it, are the worlds of a proof. */
const [beyond, short] = [1.05, 0.95];

/** So near to the minimum of events: nearer than one event, where it is below 50. */
const [plenty, scarce] = [1.02, 0.98];

/** A gauge against a threshold: beyond it by `by` (default 1 for whole thresholds, else 5 %), and just at it. */
export function gauge(of: SeriesOf, { over, under, by }: { over?: number; under?: number; by?: number }): Proof {
  const threshold = (over ?? under) as number;
  const away = by ?? (Number.isInteger(threshold) ? 1 : Math.abs(threshold) * (beyond - 1));
  const value = exact(over === undefined ? threshold - away : threshold + away);
  const good = stays(of, threshold);
  return {
    bad: stays(of, value),
    good,
    recovered: good,
    value,
    trueAfter: 0,
    falseAfter: 1,
    settles: 1,
    also: [restart(good, stays(restarted(of), threshold))],
  };
}

interface Windowed {
  over: number;
  within: Duration;
  /** Events in `within` that it takes to be told. */
  enough: number;
}

/** One counter as a share of another, or of the two together: `{ bad, total }` or `{ bad, rest }`. */
export function share(parts: { bad: SeriesOf } & ({ total: SeriesOf } | { rest: SeriesOf }), told: Windowed): Proof {
  const world: Bad = (ratio, perMinute, of) => [
    ...grows(of(parts.bad), perMinute * ratio),
    ...('total' in parts ? grows(of(parts.total), perMinute) : grows(of(parts.rest), perMinute * (1 - ratio))),
  ];
  return { ...windowed(told, world), quiet: world(1, quietPerMinute(told), same) };
}

/** A quantile of a histogram against a threshold in its unit. */
export function quantile(of: SeriesOf, { q, ...told }: Windowed & { q: number }): Proof {
  return windowed(told, (value, perMinute, again) => observes(again(of), { perMinute, quantile: q, value }));
}

/** A world in which the condition's value is `value`, of so many events a minute. */
type Bad = (value: number, perMinute: number, of: (series: SeriesOf) => SeriesOf) => World;

function windowed(told: Windowed, world: Bad): Proof {
  const { over, within, enough } = told;
  const window = minutes(within);
  const value = exact(over * beyond);
  const busy = 100 * enough;
  const good = world(over * short, busy, same);
  return {
    bad: world(value, busy, same),
    good,
    // So many good events that the bad ones do not count at once.
    recovered: world(over * 0.1, 100 * window * busy, same),
    quiet: world(value, quietPerMinute(told), same),
    enough: world(value, (enough * plenty) / window, same),
    value,
    trueAfter: 1,
    falseAfter: 1,
    settles: window + 1,
    also: [
      restart(good, world(over * short, busy, restarted)),
      pushed(world(value, busy, same), window),
      {
        title: 'forgets what is older than its window',
        phases: [
          [world(value, busy, same), 10],
          [world(over * short, (enough * plenty) / window, same), 3 * window + 45],
        ],
        told: { notFrom: 10 + window + 1 },
      },
    ],
  };
}

function quietPerMinute({ within, enough }: Windowed): number {
  return (enough * scarce) / minutes(within);
}

/** `60 * rate(…[within])` of a counter against a threshold a minute. */
export function pace(of: SeriesOf, { over, within }: { over: number; within: Duration }): Proof {
  const value = exact(over * beyond);
  const good = grows(of, over * short);
  // A window of n samples holds n-1 steps; it is below the threshold when so many of them are still.
  const steps = minutes(within) * 4 - 1;
  return {
    bad: grows(of, value),
    good,
    recovered: grows(of, 0),
    value,
    trueAfter: minutes(within),
    falseAfter: Math.ceil(Math.ceil(steps * (1 - 1 / beyond)) / 4),
    settles: minutes(within),
    also: [restart(good, grows(restarted(of), over * short)), pushed(grows(of, value), minutes(within))],
  };
}

/** Events by `added(…)`: a counter is born with one more than the threshold, as when a process meets its first. */
export function burst(of: SeriesOf, { over, within }: { over: number; within: Duration }): Proof {
  const counted = grows(of, 0, over + 1);
  return {
    bad: counted,
    good: grows(of, 0, over),
    recovered: grows(of, 0),
    value: over + 1,
    trueAfter: 0,
    falseAfter: 0,
    lasts: minutes(within),
    settles: minutes(within),
    also: quietStories(of, over + 1, within),
  };
}

/** Events by `added(…)` that go on: every window has one more than the threshold. */
export function stream(of: SeriesOf, { over, within }: { over: number; within: Duration }): Proof {
  const window = minutes(within);
  return {
    bad: grows(of, (over + 1) / window),
    good: grows(of, over / window),
    recovered: grows(of, 0),
    value: over + 1,
    trueAfter: window,
    falseAfter: 1,
    settles: window,
    also: quietStories(of, over + 1, within),
  };
}

/** What was counted long ago is not counted again: not by a new process, nor after a gap in the data or a reset. */
function quietStories(of: SeriesOf, counted: number, within: Duration): Story[] {
  // Longer than the window and any keepFiringFor of a sensible alert.
  const long = minutes(within) + 90;
  const old: Phase = [grows(of, 0, counted), long];
  const never = (title: string, ...then: Phase[]): Story => ({
    title,
    phases: [old, ...then],
    told: { notFrom: long - 1 },
  });
  return [
    never('a new process is not told of what the old one counted', [grows(restarted(of), 0, counted - 1), long]),
    never('a gap of half an hour is not told', [[], 30], [stays(of, counted), long]),
    never('a counter that begins anew is not told', [stays(of, 0), long]),
  ];
}

/** Services push once a minute by default: the window must hold enough of that. */
function pushed(bad: World, window: number): Story {
  return {
    title: 'is told of services that push once a minute',
    phases: [[bad, window + 45]],
    told: 'at the end',
    step: '1m',
  };
}

/** The same from a new process: its series begin anew. */
function restart(before: World, after: World): Story {
  return {
    title: 'a restart is not told',
    phases: [
      [before, 10],
      [after, 10],
    ],
    told: { notFrom: 0 },
  };
}

function same(of: SeriesOf): SeriesOf {
  return of;
}

function restarted({ metric, labels }: SeriesOf): SeriesOf {
  return { metric, labels: { ...labels, instance: 'fleet-2', service_instance_id: 'fleet-2' } };
}

function exact(value: number): number {
  return Number(value.toPrecision(12));
}
