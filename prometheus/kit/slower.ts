/** What has become slower than it was: a quantile of a histogram, compared with the same quantile of the day before. */
import type { Label } from '../../instrumentation/src/catalog/attribute.ts';
import type { Metric as Declared } from '../../instrumentation/src/catalog/metric.ts';
import { prometheusLabel } from '../../instrumentation/src/catalog/prometheus-name.ts';
import { promql, type Query } from '../../queries/promql.ts';
import { type Duration, minutes } from './duration.ts';
import { environment } from './labels.ts';
import type { Proof } from './proof.ts';
import { type Answer, type Recording, record } from './record.ts';
import { labelsOf, observes, type Phase, type SeriesOf, type World } from './world.ts';

interface Timed {
  /** 0.5 is how long it typically takes, 0.95 how long the slow ones take. */
  q: number;
  /** Beside the environment: what is compared with its own past only. */
  by?: readonly Label[];
  within: Duration;
  /** Matchers of the series that count, in braces. Default: all. */
  only?: string;
  /** A series that counts, and one that must not, for the proof. */
  like: SeriesOf;
  unlike?: SeriesOf;
}

interface Limits {
  /** So many times slower. */
  over: number;
  /** Seconds: what is quicker than this may vary as it likes. */
  atLeast: number;
  /** Events in the window, and five times as many in the past, that it takes to be told. */
  enough: number;
}

export interface Slowness {
  readonly rules: readonly Recording[];
  /** The quantile of the window, in seconds, where it is so many times that of the past. */
  slower(limits: Limits): Query;
  proof(limits: Limits): Proof;
}

/** The past is a day that ended two hours ago: what gets slower little by little is not compared with itself. */
const past = { name: 'past1d', range: '[1d] offset 2h', minutes: minutes('1d'), ended: minutes('2h') } as const;
const pastEvents = 5;

/**
 * Records the quantile of a window and that of the day before, both with their counts. Of a whole day of single values:
 * neither one endless run nor a bad quarter of an hour moves it. Give its group an interval: it reads a day of buckets.
 */
export function slowness(name: string, histogram: Declared, timed: Timed): Slowness {
  const { q, by = [], within, only = '' } = timed;
  const kept = [environment, ...by.map((label) => prometheusLabel(label.name))].join(', ');
  const quantile = (range: string) =>
    promql`histogram_quantile(${q}, sum by (${kept}, le) (increase(${histogram}_bucket${only}${range})))`;
  const count = (range: string) => promql`sum by (${kept}) (increase(${histogram}_count${only}${range}))`;
  const p = `p${100 * q}`;
  const means = `seconds that ${100 * q} of 100 do not reach`;
  const [inWindow, inPast] = [recent(timed), long(timed)];
  const now = record(`${name}:${p}_${within}`, quantile(`[${within}]`), `${means}, in ${within}`, [inWindow.value]);
  const many = record(`${name}:count_${within}`, count(`[${within}]`), `how many, in ${within}`, [inWindow.count]);
  const before = record(`${name}:${p}_${past.name}`, quantile(past.range), `${means}, on the day before`, [
    inPast.value,
  ]);
  const manyBefore = record(`${name}:count_${past.name}`, count(past.range), 'how many on the day before', [
    inPast.count,
  ]);
  return {
    rules: [now, many, before, manyBefore],
    slower: ({ over, atLeast, enough }) =>
      promql`${now} > ${over} * ${before} and ${now} >= ${atLeast} and ${many} >= ${enough} and ${manyBefore} >= ${pastEvents * enough}`,
    proof: (limits) => proof(timed, limits),
  };
}

/** What was long ago is quicker, so that it would be seen; a thousand of it a minute, and sixty of what is asked for. */
function worlds({ q, by = [], like, unlike }: Timed) {
  const [least = 0, , , , seconds = 0] = boundsOf(like);
  const at = (of: SeriesOf, value: number, perMinute: number) => observes(of, { perMinute, quantile: q, value });
  const kept = [environment, ...by.map((label) => prometheusLabel(label.name))];
  const labels = labelsOf(like, kept);
  return {
    other: at(like, least, 1000),
    asked: [...at(like, seconds, 60), ...(unlike ? at(unlike, least, 1000) : [])],
    idle: [...at(like, seconds, 0), ...(unlike ? at(unlike, least, 0) : [])],
    value: [{ labels, value: seconds }],
    count: (events: number) => [{ labels, value: events }],
  };
}

function recent(timed: Timed): Record<'value' | 'count', Answer> {
  const { other, asked, value, count } = worlds(timed);
  const window = minutes(timed.within);
  const answer = {
    title: 'is of its window',
    after: [[other, 10]],
    world: asked,
    atMinute: window,
    step: '1m',
  } as const;
  return { value: { ...answer, answers: value }, count: { ...answer, answers: count(60 * window) } };
}

function long(timed: Timed): Record<'value' | 'count', Answer> {
  const { other, asked, idle, value, count } = worlds(timed);
  const after: Phase[] = [
    [other, 30],
    [idle, past.minutes],
    [asked, 30],
  ];
  const answer = { title: 'is of the day before', after, world: idle, atMinute: past.ended, step: '1m' } as const;
  // increase() stretches what the samples of the day show, one step short of it, to the whole day.
  const stretched = (60 * 30 * past.minutes) / (past.minutes - 1);
  return { value: { ...answer, answers: value }, count: { ...answer, answers: count(stretched) } };
}

function boundsOf({ metric }: SeriesOf): readonly number[] {
  return ('buckets' in metric && metric.buckets) || [];
}

/** An hour of the usual, two without anything, then the slow ones. */
function proof({ q, within, like }: Timed, { over, atLeast, enough }: Limits): Proof {
  const at = (value: number, perMinute = enough): World =>
    observes(like, { perMinute, quantile: q, value: exact(value) });
  const known = (value: number, events = 60 * enough): Phase[] => [
    [at(value, events / 60), 60],
    [at(value, 0), past.ended],
  ];
  const window = minutes(within);
  const value = over * atLeast * 1.04;
  const after = window + 30;
  const never = { notFrom: 0 };
  return {
    before: known(atLeast),
    bad: at(value),
    good: at(over * atLeast * 0.96),
    recovered: at(atLeast / 2, 10_000 * enough),
    quiet: at(value, (enough * 0.98) / window),
    enough: at(value, (enough * 1.02) / window),
    value: exact(value),
    trueAfter: 1,
    falseAfter: 1,
    settles: window + 1,
    step: '1m',
    also: [
      {
        title: 'is not told of what is quick enough',
        phases: [...known(atLeast / over / 2), [at(atLeast * 0.95), after]],
        told: never,
      },
      {
        title: 'is told of what is just not quick enough',
        phases: [...known(atLeast / over / 2), [at(atLeast * 1.05), after]],
        told: 'at the end',
      },
      {
        title: 'is not told where too little is known of the past',
        phases: [...known(atLeast, pastEvents * enough * 0.98), [at(value), after]],
        told: never,
      },
      {
        title: 'is told where just enough is known of the past',
        phases: [...known(atLeast, pastEvents * enough * 1.02), [at(value), after]],
        told: 'at the end',
      },
    ],
  };
}

function exact(value: number): number {
  return Number(value.toPrecision(12));
}
