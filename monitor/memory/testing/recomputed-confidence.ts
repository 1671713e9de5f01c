/** How sure each finding is, computed again from the snapshots alone: who was compared with whom, among how many, and up to which confidence it holds. */
import type { Finding, Snapshot, WayDay, WorkDay } from '../record.ts';
import {
  aloneBeside,
  type DayShare,
  type Ends,
  meanTimes,
  moreBy,
  moreTimes,
  notAbove,
  quantileOfDays,
  shareOfDays,
} from './plain-chances.ts';
import { add, eachDay, endedOf, failedOf, mondayOf, plus, values } from './plain-numbers.ts';
import { Recomputed } from './recomputed.ts';

type Part = Pick<WayDay, 'ended' | 'failed' | 'costs'> & Partial<Pick<WorkDay, 'durations'>>;
/** What was done, day by day. */
type Days = readonly (readonly Part[])[];

export interface Claimed {
  /** Whether it holds, told with this confidence of one look. */
  readonly holds: (confidence: number) => boolean;
  readonly among: number;
  readonly change: (confidence: number) => Ends | undefined;
}

export class RecomputedConfidence {
  readonly #rows: Recomputed;

  constructor(days: readonly Snapshot[]) {
    this.#rows = new Recomputed(days, '');
  }

  /** Of all but errors. */
  claimed(finding: Finding): Claimed {
    const { week, kind, words, direction } = finding;
    const now = this.#rows.week(week);
    const [one, other] = this.#sides(finding);
    const failures = (confidence: number) => moreShare(one, other, confidence);
    if (kind === 'agent-task') {
      const change = (confidence: number) => moreShare(other, one, confidence);
      const holds = (c: number) => (direction === 1 ? least(change(c)) > 0.05 : most(change(c)) < 0.05);
      return { among: agentTasks(now), change, holds };
    }
    if (kind === 'regression' || kind === 'improvement') {
      const measure = words.measure as keyof typeof measures;
      const { ends, byDay, tolerance } = measures[measure];
      const isOfNothing =
        measure === 'p50_cost_micro_usd' && [one, other].some((side) => ends(side, 0.5, 1)?.value === 0);
      const change = (confidence: number) => {
        const beside = (own: Days, theirs: Days) =>
          ends(own, confidence, aloneBeside(byDay(own), byDay(theirs), confidence) ?? null);
        const [was, is] = [beside(one, other), beside(other, one)];
        return was && is && (measure === 'share_failed' || isOfNothing ? moreBy : moreTimes)(was, is);
      };
      const enough = isOfNothing ? 1000 : tolerance;
      const holds = (c: number) => (kind === 'regression' ? least(change(c)) > enough : most(change(c)) < -enough);
      return { among: 4 * this.#inBothWeeks(week), change, holds };
    }
    const among = kind === 'model-choice' ? modelPairs(now) : wayPairs(now, kind);
    const change =
      kind === 'model-choice' ? byAgent(one, other, among) : (confidence: number) => cheaper([one, other], confidence);
    const more = (confidence: number) => flipped(failures(confidence));
    const holds = (c: number) =>
      direction === 1
        ? most(change(c)) < -0.1 && most(more(c), 1) < 0.03
        : least(change(c), -1) > -0.1 || least(more(c), -1) > 0.03;
    return { among, change, holds };
  }

  /** The same split by day. */
  #sides(finding: Finding): [Days, Days] {
    const dates = [-7, 0].flatMap((from) => Array.from({ length: 7 }, (_, i) => add(mondayOf(finding.week), from + i)));
    const all = this.#rows.days;
    // Whom it is about is of the whole week; what they did, of each day.
    const [one, other] = this.#rows.sides(finding).map((side) => new Set<unknown>(side));
    const within = (side: Set<unknown> | undefined): Days =>
      dates.map((date) =>
        all
          .filter((day) => day.date === date)
          .flatMap(({ work }) => work.flatMap((row) => [row, ...row.batches, ...row.toolsets]))
          .filter((row) => side?.has(row)),
      );
    return [within(one), within(other)];
  }

  #inBothWeeks(week: string): number {
    const [before, after] = [
      this.#rows.between(add(mondayOf(week), -7), add(mondayOf(week), -1)),
      this.#rows.week(week),
    ];
    const enough = (days: readonly Snapshot[]) =>
      [
        ...Map.groupBy(
          days.flatMap(({ work }) => work),
          nameOf,
        ),
      ].flatMap(([name, some]) => (endedOf(some) >= 20 ? name : []));
    const known = new Set(enough(before));
    return enough(after).filter((name) => known.has(name)).length;
  }
}

/** Of an error: one less the chance of its silence, among all that could have begun in the four weeks before it. */
export function silenceConfidence(days: readonly Snapshot[], finding: Finding): number {
  const end = add(mondayOf(finding.week), 6);
  const until = days.filter(({ date }) => date <= end);
  const { fingerprint, gone_after: after = '', back_on: back } = finding.words;
  const of = (name: string | undefined) => until.filter(({ errors }) => errors.some((one) => one.fingerprint === name));
  const agents = new Set(
    of(fingerprint).flatMap(({ errors }) =>
      errors.filter((one) => one.fingerprint === fingerprint).flatMap((one) => one.agents),
    ),
  );
  const atWork = until.filter(
    ({ work, errors }) =>
      work.some((one) => one.ended > 0 && agents.has(one.agent_name)) ||
      errors.some((one) => one.fingerprint === fingerprint),
  );
  const start = add(after, -27);
  const between = (some: readonly Snapshot[], from: string, to: string) =>
    some.filter(({ date }) => date >= from && date <= to).length;
  const [past, withIt] = [between(atWork, start, after), between(of(fingerprint), start, after)];
  const quiet = between(atWork, add(after, 1), back === undefined ? end : add(back, -1));
  // Laplace's rule, over the days with it instead of those without it.
  let chance = 1;
  for (let i = 0; i < withIt; i++) chance *= (past + 1 - withIt + i) / (past + 1 - withIt + quiet + i);
  const names = new Set(until.flatMap(({ errors }) => errors.map((one) => one.fingerprint)));
  const among = plus(
    [...names].map(
      (name) =>
        of(name).filter(({ date }) => date >= start && date <= after && between(of(name), add(date, -27), date) >= 3)
          .length,
    ),
  );
  return 1 - chance * among;
}

/** @param effect null: the days of either side are too few */
type EndsOf = (side: Days, confidence: number, effect: number | null) => Ends | undefined;

const measures = {
  p50_ms: { ...quantileMeasure('durations', 0.5), tolerance: 0.1 },
  p95_ms: { ...quantileMeasure('durations', 0.95), tolerance: 0.1 },
  share_failed: {
    ends: ((side, c, effect) => (effect === null ? undefined : shareOfDays(outcomes(side), c, effect))) as EndsOf,
    byDay: outcomes,
    tolerance: 0.01,
  },
  p50_cost_micro_usd: { ...quantileMeasure('costs', 0.5), tolerance: 0.1 },
} as const;

function quantileMeasure(of: 'durations' | 'costs', of1: number) {
  const all = (side: Days) => eachDay(side as readonly WorkDay[][], of);
  const ends: EndsOf = (side, c, effect) => (effect === null ? undefined : quantileOfDays(all(side), of1, c, effect));
  return { ends, byDay: (side: Days) => notAbove(all(side), of1) };
}

function money(side: Days, confidence: number): Ends | undefined {
  return quantileOfDays(eachDay(side as readonly WorkDay[][], 'costs'), 0.5, confidence);
}

function cheaper(sides: readonly Days[], confidence: number): Ends | undefined {
  const [cheap, dear] = sides.map((side) => money(side, confidence));
  return cheap && dear && moreTimes(dear, cheap);
}

/** Of each agent by itself; of those that are bounded where the most is asked, if there are any. */
function byAgent(one: Days, other: Days, among: number): (confidence: number) => Ends | undefined {
  const nameOfPart = (part: Part) => (part as WorkDay).agent_name;
  const agents = [...new Set(one.flat().map(nameOfPart))].map((name) =>
    [one, other].map((side) => side.map((day) => day.filter((part) => nameOfPart(part) === name))),
  );
  const isBounded = (sides: readonly Days[]) => {
    const more = cheaper(sides, 1 - 0.01 / among);
    return least(more) > -1 && most(more) < Infinity;
  };
  const bounded = agents.filter(isBounded);
  return (confidence) => {
    const all = (bounded.length > 0 ? bounded : agents).flatMap((sides) => {
      const more = cheaper(sides, confidence);
      const [here = 0, there = 0] = sides.map((side) => values(side.flat() as WorkDay[], 'costs').length);
      return more ? [{ more, weight: 1 / (1 / here + 1 / there) }] : [];
    });
    return all.length > 0 ? meanTimes(all) : undefined;
  };
}

function outcomes(side: Days): DayShare[] {
  return side.map((day) => ({ count: failedOf(day), total: endedOf(day) }));
}

function moreShare(one: Days, other: Days, confidence: number): Ends | undefined {
  const [was, is] = [shareOfDays(outcomes(one), confidence), shareOfDays(outcomes(other), confidence)];
  return was && is && moreBy(was, is);
}

function flipped(ends: Ends | undefined): Ends | undefined {
  return ends && { value: -ends.value, low: -ends.high, high: -ends.low };
}

const least = (ends: Ends | undefined, unknown = -Infinity) => ends?.low ?? unknown;
const most = (ends: Ends | undefined, unknown = Infinity) => ends?.high ?? unknown;

const nameOf = ({ agent_name, operation }: WorkDay) => JSON.stringify([agent_name, operation]);

function agentTasks(days: readonly Snapshot[]): number {
  const work = days.flatMap((day) => day.work);
  const ended = (is: (one: WorkDay) => boolean) => endedOf(work.filter(is));
  const pairs = [...new Set(work.filter(({ operation }) => operation !== null).map(nameOf))].map((name) =>
    JSON.parse(name),
  );
  return pairs.filter(
    ([agent, operation]) =>
      ended((one) => one.agent_name === agent && one.operation === operation) >= 20 &&
      (ended((one) => one.agent_name !== agent && one.operation === operation) >= 20 ||
        ended((one) => one.agent_name === agent && one.operation !== operation) >= 20),
  ).length;
}

const isEnough = (some: readonly Part[]) =>
  endedOf(some) >= 20 && values(some as readonly WayDay[], 'costs').length >= 20;

/** Two models, either way round, at the same kind of task, by an agent that did enough with both. */
function modelPairs(days: readonly Snapshot[]): number {
  const work = days.flatMap((day) => day.work).filter(({ operation, model }) => operation !== null && model !== null);
  const enough = [...Map.groupBy(work, (one) => JSON.stringify([one.agent_name, one.operation, one.model]))]
    .filter(([, some]) => isEnough(some))
    .map(([, [one]]) => one as WorkDay);
  const pairs = enough.flatMap((one) =>
    enough
      .filter((two) => two.agent_name === one.agent_name && two.operation === one.operation && two.model !== one.model)
      .map((two) => JSON.stringify([one.operation, one.model, two.model])),
  );
  return new Set(pairs).size;
}

function wayPairs(days: readonly Snapshot[], kind: Finding['kind']): number {
  const ways = days.flatMap(({ work }) =>
    work.flatMap((one) =>
      (kind === 'batch-size'
        ? one.batches.map((way) => ({ name: [`${way.size}`], way }))
        : one.toolsets.map((way) => ({ name: way.tools, way }))
      ).map(({ name, way }) => ({
        who: JSON.stringify([one.agent_name, one.operation, one.model]),
        operation: one.operation,
        name,
        way,
      })),
    ),
  );
  const enough = [...Map.groupBy(ways, ({ who, name }) => JSON.stringify([who, name])).values()]
    .filter((some) => some[0]?.operation !== null && isEnough(some.map(({ way }) => way)))
    .map(([one]) => one as (typeof ways)[number]);
  const isPart = (some: readonly string[], of: readonly string[]) => some.every((tool) => of.includes(tool));
  return plus(
    enough.map(
      (one) =>
        enough.filter(
          (two) => two !== one && two.who === one.who && !isPart(one.name, two.name) && !isPart(two.name, one.name),
        ).length,
    ),
  );
}
