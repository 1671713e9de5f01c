/** What would make of chance, or of another cause, something that a week is said to show. */
import { expect, test } from 'vitest';
import { quantileEstimate, relativeChange } from '../../analysis/interval.ts';
import { mulberry32 } from '../../analysis/mulberry32.ts';
import type { Snapshot, WorkDay } from '../record.ts';
import { prepared } from '../store/batch.ts';
import { Recomputed } from '../testing/recomputed.ts';
import { type Habit, someDays } from '../testing/some-days.ts';
import { agentTask } from './agent-task.ts';
import { changes } from './change.ts';
import { findingsOf } from './findings.ts';
import { insteadOf, keyOf, keyPart } from './key.ts';
import { numbersIn } from './numbers.ts';
import { sentence } from './sentence.ts';
import { type Work, workBy } from './work-week.ts';

const from = '2026-01-05';
const week = '2026-W02';
const habit = (agent: string, operation: string, more: Partial<Habit> = {}): Habit => ({
  ...{ agent, operation, model: 'claude-sonnet-5', times: 60 },
  ...{ fails: () => 0.02, ms: () => 4000, cost: () => 20_000, ...more },
});
const found = (habits: readonly Habit[], seed = 3) => findingsOf(week, someDays({ seed, from, days: 7, habits }), []);

test('M02 names with a slash keep keys apart, and the week is kept', () => {
  const bad = { fails: () => 0.6 };
  const findings = found([habit('a', 'b/c', bad), habit('a/b', 'c', bad), habit('z', 'b/c'), habit('z', 'c')]);
  expect(findings.map(({ key }) => key)).toEqual(['agent-task/a%2Fb/c', 'agent-task/a/b%2Fc']);
  expect(findings.map(({ words }) => [words.agent, words.operation])).toEqual([
    ['a/b', 'c'],
    ['a', 'b/c'],
  ]);
  expect(prepared({ job: 'week', period: week, rows: { findings } }).count).toBe(2);
});

test('M02 plain names stand in keys as they are; what separates parts is written otherwise inside a name', () => {
  expect(keyOf('agent-task', 'code', 'write')).toBe('agent-task/code/write');
  expect(keyOf('regression', 'code', null, 'p50_ms')).not.toBe(keyOf('regression', 'code', '-', 'p50_ms'));
  expect(keyPart('a%2Fb')).not.toBe(keyPart('a/b'));
  const pair = (one: string, other: string) => insteadOf(keyPart(one), keyPart(other));
  expect(pair('gpt-5', 'claude-haiku-4.5')).toBe('gpt-5-instead-of-claude-haiku-4.5');
  expect(pair('a-instead-of-b', 'c')).not.toBe(pair('a', 'b-instead-of-c'));
  expect(pair('a-instead-of', 'b')).not.toBe(pair('a', 'instead-of-b'));
});

test('M02 a model that is dearer for each agent is not the cheaper one because it is given the short work', () => {
  const model = (agent: string, name: string, times: number, cost: number) =>
    habit(agent, 'write', { model: name, times, cost: () => cost, fails: () => 0 });
  const confounded = [
    ...[model('short', 'haiku', 200, 1200), model('short', 'opus', 40, 1000)],
    ...[model('long', 'haiku', 40, 24_000), model('long', 'opus', 200, 20_000)],
  ];
  expect(found(confounded).filter(({ kind }) => kind === 'model-choice')).toEqual([]);
  // Nor because another agent is given it.
  const apart = [model('short', 'haiku', 200, 1000), model('long', 'opus', 200, 20_000)];
  expect(found(apart).filter(({ kind }) => kind === 'model-choice')).toEqual([]);
});

const model = (agent: string, name: string, cost: number, more: Partial<Habit> = {}) =>
  habit(agent, 'write', { model: name, times: 200, cost: () => cost, fails: () => 0, ...more });

/** What the long work costs beside the short one. */
test.each([
  ['a little more', 1500, 1],
  ['a little more', 1500, 3],
  ['ten times as much', 10_000, 1],
  ['ten times as much', 10_000, 3],
  ['ten times as much', 10_000, 5],
] as const)(
  'M02 a model that is cheaper for each agent is told, where long work costs %s (%d, seed %d)',
  (_, long, seed) => {
    const both = [
      ...[model('short', 'haiku', 1000), model('short', 'opus', 2000), model('long', 'haiku', long)],
      ...[model('long', 'opus', 2 * long), model('alone', 'haiku', 50_000)],
    ];
    const days = someDays({ seed, from, days: 7, habits: both });
    const choices = findingsOf(week, days, []).filter(({ kind }) => kind === 'model-choice');
    expect(choices.map(({ key }) => key)).toEqual(['model-choice/write/haiku-instead-of-opus']);
    // Half, for whoever uses both.
    expect(choices[0]?.effect).toBeCloseTo(-0.5, 1);
    const known = choices.flatMap((one) => new Recomputed(days, '2026-01-11').ofFinding(one)).flatMap(numbersIn);
    expect(choices.flatMap((one) => numbersIn(sentence(one))).filter((one) => !known.includes(one))).toEqual([]);
  },
);

test('M02 a model that would be told as the dearer one, because it is given the dear work, is not told as the cheaper one', () => {
  const given = (long: number, short: number) => [
    ...[model('short', 'haiku', 1000, { times: short }), model('short', 'opus', 2000, { times: 200 })],
    ...[model('long', 'haiku', 10_000, { times: long }), model('long', 'opus', 20_000, { times: 40 })],
  ];
  const told = (habits: readonly Habit[]) =>
    found(habits).flatMap(({ kind, key }) => (kind === 'model-choice' ? key : []));
  expect(told(given(200, 40))).toEqual([]);
  expect(told(given(40, 200))).toEqual(['model-choice/write/haiku-instead-of-opus']);
});

test('M02 a model with which one agent fails more is not chosen, though it did so on too few days to be sure', () => {
  const burst = (fails: number) => [
    ...[model('steady', 'haiku', 1000), model('steady', 'opus', 2000), model('burst', 'opus', 2000)],
    model('burst', 'haiku', 1000, { times: (day) => (day === 2 || day === 4 ? 20 : 0), fails: () => fails }),
  ];
  const told = (fails: number) => found(burst(fails)).filter(({ kind }) => kind === 'model-choice').length;
  expect(told(0.1)).toBe(0);
  expect(told(0)).toBe(1);
});

test('M02 failures that come on bad days are as sure as days are many, not as tasks are: one bad day in ten is no finding', () => {
  const claimed = Array.from({ length: 20 }, (_, seed) => {
    const habits = Array.from({ length: 6 }, (_, agent) =>
      habit(`a${agent}`, 'write', {
        times: 50,
        fails: (day) => (((seed + 1) * 31 + agent * 17 + day * 7) % 10 === 0 ? 0.5 : 0.03),
      }),
    );
    const days = someDays({ seed: seed + 1, from, days: 14, habits });
    return findingsOf('2026-W03', days, []).filter(({ kind }) => kind === 'agent-task' || kind === 'regression');
  });
  expect(claimed.filter((some) => some.length > 0).length).toBeLessThanOrEqual(1);
  // As many failures, on every day, are one.
  const steady = found([habit('a0', 'write', { times: 50, fails: () => 0.2 }), habit('a1', 'write', { times: 50 })]);
  expect(steady.map(({ key }) => key)).toEqual(['agent-task/a0/write']);
});

/** Two weeks in which nothing is better or worse, but each day of each agent has a pace of its own: 1.35 times as fast, or as slow, is common. */
function uneven(seed: number, agents: number, times: (day: number) => number) {
  const random = mulberry32(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const paces = Array.from({ length: agents }, () => Array.from({ length: 14 }, () => Math.exp(0.3 * normal())));
  const habits = paces.map((pace, agent) =>
    habit(`a${agent}`, 'write', {
      ...{ times, fails: () => 0 },
      ...{ ms: (day) => 4000 * (pace[day] as number), cost: (day) => 20_000 * (pace[day] as number) },
    }),
  );
  return someDays({ seed, from, days: 14, habits });
}

/** Two weeks in which each day of each agent is a bad one by the same chance, one in four: then every third task fails, and else one in fifty. */
function worldsWithBadDays(times: (day: number) => number): number {
  const row = someDays({ seed: 1, from, days: 1, habits: [habit('a', 'write', { times: 0 })] })[0]?.work[0] as WorkDay;
  const worlds = Array.from({ length: 20 }, (_, seed) => {
    const random = mulberry32((seed + 1) * 77);
    return someDays({ seed: 1, from, days: 14, habits: [] }).map((day, i) => {
      const work = Array.from({ length: 30 }, (_, agent) => {
        const share = random() < 0.25 ? 0.35 : 0.02;
        const failed = Array.from({ length: times(i) }, random).filter((one) => one < share).length;
        return { ...row, agent_name: `a${agent}`, ended: times(i), failed };
      });
      return { ...day, work };
    });
  });
  const told = (days: (typeof worlds)[number]) => changes('2026-W03', days.slice(0, 7), days.slice(7));
  return worlds.filter((days) => told(days).length > 0).length;
}

test('M02 a week without a bad day after one with several is no improvement, and three bad days after three good ones are no regression', () => {
  expect(worldsWithBadDays(() => 50)).toBeLessThanOrEqual(1);
  expect(worldsWithBadDays((day) => ([1, 3, 5].includes(day % 7) ? 117 : 0))).toBeLessThanOrEqual(1);
});

/** Worlds of twenty in which something is said to have changed, and in which it would be if all tasks counted as independent. */
function worldsWithAChange(times: (day: number) => number): { told: number; withoutDays: number } {
  const worlds = Array.from({ length: 20 }, (_, seed) => uneven(seed + 1, 6, times));
  const weeks = worlds.map((days) => [days.slice(0, 7), days.slice(7)] as const);
  return {
    told: weeks.filter(([before, after]) => changes('2026-W03', before, after).length > 0).length,
    withoutDays: weeks.filter((both) => isChangedWithoutDays(...both)).length,
  };
}

function isChangedWithoutDays(before: readonly Snapshot[], after: readonly Snapshot[]): boolean {
  const [was, is] = [before, after].map((days) => workBy(days, ({ agent_name }) => agent_name));
  const ofOne = 1 - 0.05 / (4 * (is?.size ?? 0));
  const measures = (work: Work | undefined) =>
    [work?.durations, work?.costs].map((values) => values && quantileEstimate(values, 0.5, ofOne));
  return [...(is ?? [])].some(([name, now]) => {
    const earlier = measures(was?.get(name));
    return measures(now).some((one, i) => {
      const change = one && earlier[i] && relativeChange(earlier[i], one);
      return change !== undefined && (change.low > 0.1 || change.high < -0.1);
    });
  });
}

test.each([
  ['each day', () => 50],
  ['three days of a week', (day: number) => ([1, 3, 5].includes(day % 7) ? 120 : 0)],
])('M02 times and costs that come together, on slow or dear days, are as sure as days are many: %s', (_, times) => {
  const { told, withoutDays } = worldsWithAChange(times);
  expect(told).toBeLessThanOrEqual(1);
  expect(withoutDays).toBeGreaterThanOrEqual(9);
});

test('M02 a thousand tasks of one hour, or of two days, are compared with nothing; of three days they are', () => {
  const slower = (dates: readonly number[]) => {
    const burst = habit('code', 'write', {
      ...{ times: (day) => (dates.includes(day % 7) ? Math.round(1000 / dates.length) : 0), fails: () => 0 },
      ms: (day) => (day < 7 ? 4000 : 8000),
    });
    const days = someDays({ seed: 4, from, days: 14, habits: [burst] });
    return findingsOf('2026-W03', days, []).map(({ key }) => key);
  };
  expect(slower([2])).toEqual([]);
  expect(slower([2, 5])).toEqual([]);
  expect(slower([1, 3, 5])).toEqual(['regression/code/write/p50_ms', 'regression/code/write/p95_ms']);
});

test('M02 what was free and costs something now is a regression, told in money; and the other way round', () => {
  const moved = (cost: (day: number) => number) => {
    const days = someDays({ seed: 8, from, days: 14, habits: [habit('code', 'write', { fails: () => 0, cost })] });
    const findings = findingsOf('2026-W03', days, []);
    const known = findings.flatMap((one) => new Recomputed(days, '2026-01-18').ofFinding(one)).flatMap(numbersIn);
    expect(findings.flatMap((one) => numbersIn(sentence(one))).filter((one) => !known.includes(one))).toEqual([]);
    return findings.map((one) => sentence(one));
  };
  const money = String.raw`\$0\.0\d{3}`;
  expect(moved((day) => (day < 7 ? 0 : 50_000)).join()).toMatch(
    new RegExp(
      `^code write: the median cost rose from \\$0\\.0000 to ${money} \\(by ${money} to ${money}; \\d+ and \\d+ tasks\\)\\.$`,
    ),
  );
  expect(moved((day) => (day < 7 ? 50_000 : 0)).join()).toMatch(/ fell from \$0\.0\d{3} to \$0\.0000 \(by /);
  // A hundredth of a cent nobody minds.
  expect(moved((day) => (day < 7 ? 0 : 100))).toEqual([]);
});

test('M02 hundreds of agents at one kind of task: each row is parsed once, not once for each of the others', () => {
  let reads = 0;
  const habits = Array.from({ length: 200 }, (_, i) => habit(`agent-${i}`, 'write', { times: 5 }));
  const days = someDays({ seed: 1, from, days: 14, habits }).map((day) => ({
    ...day,
    work: day.work.map((one) =>
      Object.defineProperty({ ...one }, 'durations', {
        get() {
          reads++;
          return one.durations;
        },
      }),
    ),
  }));
  expect(agentTask('2026-W03', days.slice(7), new Set())).toEqual([]);
  // Of failures no time has to be read.
  expect(reads).toBe(0);
  expect(changes('2026-W03', days.slice(0, 7), days.slice(7))).toEqual([]);
  expect(reads).toBe(200 * 14);
});
