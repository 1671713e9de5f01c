/**
 * Values that are not like those of the same hour on the days before. Robust: neither the median nor the median absolute deviation is moved by
 * the odd day among them. On two scales, because what a few tasks cost or take is as often twice as much as half as much. Pure. (M03)
 */
import { hash } from 'node:crypto';
import { studentLimit, studentTails } from '../../analysis/student.ts';
import { beginOf, hourOf } from '../periods.ts';
import type { Anomaly, MetricHour } from '../record.ts';
import { nameOf } from './hour.ts';
import { metrics, shares } from './remembered.ts';
import { bend, type Curve } from './skew.ts';

const dayMs = 86_400_000;
const days = 28;

/** With fewer values nothing is usual yet: two weeks. */
export const fewest = 14;

/** An hour that was measured in part has too little of what is counted: neither is it unusual, nor does it say what is usual. */
const wholeFrom = 0.95;

/** A change of less than a tenth nobody minds, however quiet the hour usually is. */
const leastShare = 0.1;
/** The 95th percentile of the dozen tasks of an hour is the longest of them: now and then it is twice as long, and means nothing. */
const leastShareOfPercentile = 0.5;

/** A share of fewer is not looked at. */
const leastWhole = 10;

/** Told from here on: at most one false one in twenty days, among all metrics and hours of a day. Made-up quiet fleets of forty tasks a day come near it. */
const enough = 0.95;
const most = 0.99;

const method = `robust z-score: median and MAD of the same hour of ${days} days (mean deviation where that is 0), as they are and again as square roots, of percentiles as logarithms, tails of Student's t, Bonferroni over all metrics and hours of a day`;

/** The same hour on the days before, the oldest first. */
export function comparedHours(hour: string): string[] {
  return Array.from({ length: days }, (_, i) => hourOf(beginOf(hour) - (days - i) * dayMs));
}

/**
 * @param rows of one hour. A gap is no anomaly: that nobody measured, or nobody sent, is told by its own name.
 * @param before rows of `comparedHours`, in any order.
 */
export function anomaliesOf(rows: readonly MetricHour[], before: readonly MetricHour[]): Anomaly[] {
  const usual = Map.groupBy(before.filter(isWhole), keyOf);
  const here = new Map(rows.map((row) => [keyOf(row), row.value ?? 0]));
  const comparable = rows.filter(
    (row) => isWhole(row) && (usual.get(keyOf(row))?.length ?? 0) >= fewest && !isOfFew(row, here),
  );
  const among = 24 * comparable.length;
  return comparable.flatMap((row): Anomaly[] => {
    const values = (usual.get(keyOf(row)) ?? []).map(({ value }) => value as number);
    const value = row.value as number;
    const expected = median(values);
    const scale = scaleOf(row.metric, values, expected);
    const freedom = freedomOf(values.length, knownByMad);
    const asIs = studentTails(Math.abs(value - expected) / scale, freedom);
    // Most hours are usual on the first scale.
    if (asIs * among > 1 - enough) return [];
    const bent = bend(curveOf(row), values, isCount(row.unit));
    const bentFreedom = freedomOf(values.length, knownByFourInFive);
    const alone = Math.max(asIs, studentTails(bent.away(value), bentFreedom));
    const chance = Math.min(1, alone * among);
    const confidence = Math.min(most, Math.floor((1 - chance) * 100) / 100);
    if (confidence < enough) return [];
    const reach = scale * studentLimit((1 - enough) / among, freedom);
    const [low, high] = bent.within(studentLimit((1 - enough) / among, bentFreedom));
    return [
      {
        ...{ id: idOf(row), hour: row.hour, metric: row.metric, labels: row.labels, value, expected },
        low: plain(Math.max(0, Math.min(low, expected - reach))),
        high: plain(Math.max(high, expected + reach)),
        ...{ confidence, method, compared_with: values.length },
      },
    ];
  });
}

function keyOf({ metric, labels }: Pick<MetricHour, 'metric' | 'labels'>): string {
  return `${metric} ${nameOf(labels)}`;
}

/** A share of so little that one more or less is a tenth of it. */
function isOfFew({ metric, labels }: MetricHour, here: ReadonlyMap<string, number>): boolean {
  const share = shares.find((one) => one.metric === metric);
  if (!share) return false;
  const [part, rest] = [share.part, share.rest].map((name) => here.get(keyOf({ metric: name, labels })));
  return (part !== undefined || rest !== undefined) && (part ?? 0) + (rest ?? 0) < leastWhole;
}

function isWhole({ gap, value, coverage }: MetricHour): boolean {
  return gap === null && value !== null && coverage >= wholeFrom;
}

/**
 * 1.4826 makes of the MAD the standard deviation of what is normally spread. Where more than half of the days are alike it is 0, as of what rarely
 * happens at all: then 1.2533 times the mean deviation is (Iglewicz and Hoaglin, "How to Detect and Handle Outliers", 1993); where all are, what nobody
 * minds is the measure.
 */
function scaleOf(metric: string, values: readonly number[], expected: number): number {
  const away = values.map((one) => Math.abs(one - expected));
  const mad = median(away);
  const spread = mad > 0 ? 1.4826 * mad : (1.2533 * away.reduce((sum, one) => sum + one, 0)) / away.length;
  const share = percentiles.has(metric) ? leastShareOfPercentile : leastShare;
  return Math.max(spread, share * Math.abs(expected), leastOf.get(metric) ?? 0, Number.MIN_VALUE);
}

const percentiles = new Set(
  metrics.flatMap(({ metric, questions }) =>
    Object.values(questions).some((all) => all.some(({ quantile }) => quantile !== undefined)) ? [metric] : [],
  ),
);

/** Sums of a few that differ are even as roots, the longest of a few as logarithms; a share has two ends. */
function curveOf({ metric, unit }: Pick<MetricHour, 'metric' | 'unit'>): Curve {
  if (percentiles.has(metric)) return 'logarithm';
  return unit === '1' ? 'none' : 'root';
}

/** Of things one by one, in UCUM; a token is no event by itself. */
function isCount(unit: string): boolean {
  return unit.startsWith('{') && unit !== '{token}';
}

const leastOf = new Map<string, number>([...metrics, ...shares].map(({ metric, least }) => [metric, least]));

/** What a MAD knows of what a standard deviation of as many values does, and what the deviation of four in five (skew.ts) does. */
const knownByMad = 0.37;
const knownByFourInFive = 0.63;

/** Even, and rounded down: rather too wide. */
function freedomOf(count: number, known: number): number {
  return Math.max(2, 2 * Math.floor((known * (count - 1)) / 2));
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [one = 0, other = 0] = [sorted[middle], sorted[middle - 1]];
  return sorted.length % 2 === 1 ? one : (one + other) / 2;
}

function idOf({ metric, labels, hour }: MetricHour): string {
  return hash('sha256', JSON.stringify([metric, nameOf(labels), hour])).slice(0, 12);
}

/** Six digits say where a limit is. */
function plain(value: number): number {
  return Number(value.toPrecision(6));
}
