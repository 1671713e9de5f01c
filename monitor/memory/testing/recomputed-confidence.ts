/** How sure each finding is, computed again from the snapshots alone: who was compared with whom, among how many, and up to which confidence it holds. */
import type { Finding, Snapshot, WayDay, WorkDay } from '../record.ts';
import { type DayShare, type Ends, moreBy, moreTimes, quantileOfDays, shareOfDays } from './plain-chances.ts';
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
      const [ends, tolerance] = measures[measure];
      const isOfNothing = measure === 'p50_cost_micro_usd' && [one, other].some((side) => ends(side, 0.5)?.value === 0);
      const change = (confidence: number) => {
        const [was, is] = [ends(one, confidence), ends(other, confidence)];
        return was && is && (measure === 'share_failed' || isOfNothing ? moreBy : moreTimes)(was, is);
      };
      const enough = isOfNothing ? 1000 : tolerance;
      const holds = (c: number) => (kind === 'regression' ? least(change(c)) > enough : most(change(c)) < -enough);
      return { among: 4 * this.#inBothWeeks(week), change, holds };
    }
    const change = (confidence: number) => {
      const [cheap, dear] = [one, other].map((side) => money(side, confidence));
      return cheap && dear && moreTimes(dear, cheap);
    };
    const more = (confidence: number) => flipped(failures(confidence));
    const holds = (c: number) =>
      direction === 1
        ? most(change(c)) < -0.1 && most(more(c), 1) < 0.03
        : least(change(c), -1) > -0.1 || least(more(c), -1) > 0.03;
    return { among: kind === 'model-choice' ? modelPairs(now) : wayPairs(now, kind), change, holds };
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

const measures = {
  p50_ms: [(side: Days, c: number) => quantileOfDays(eachDay(side as readonly WorkDay[][], 'durations'), 0.5, c), 0.1],
  p95_ms: [(side: Days, c: number) => quantileOfDays(eachDay(side as readonly WorkDay[][], 'durations'), 0.95, c), 0.1],
  share_failed: [(side: Days, c: number) => shareOfDays(outcomes(side), c), 0.01],
  p50_cost_micro_usd: [money, 0.1],
} as const;

function money(side: Days, confidence: number): Ends | undefined {
  return quantileOfDays(eachDay(side as readonly WorkDay[][], 'costs'), 0.5, confidence);
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
