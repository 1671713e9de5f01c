import { expect, test } from 'vitest';
import { beginOf, weekOf } from '../periods.ts';
import type { Finding, Snapshot } from '../record.ts';
import { type Habit, someDays } from '../testing/some-days.ts';
import { findingsOf } from './findings.ts';
import { lessons } from './lessons.ts';
import { sentence } from './sentence.ts';

const from = '2026-01-05';
const habit = (more: Partial<Habit>): Habit => ({
  ...{ agent: 'code', operation: 'write', model: 'claude-sonnet-5', times: 150 },
  ...{ fails: () => 0.03, ms: () => 4000, cost: () => 20_000, ...more },
});

function found(seed: number, habits: readonly Habit[], days = 28): Finding[] {
  const all: Finding[] = [];
  const snapshots: Snapshot[] = someDays({ seed, from, days, habits });
  for (const week of new Set(snapshots.map(({ date }) => weekOf(beginOf(date)))))
    all.push(...findingsOf(week, snapshots, all));
  return all;
}
const ways = (all: readonly Finding[]) => all.filter(({ kind }) => kind === 'batch-size' || kind === 'tool-choice');
const keys = (all: readonly Finding[]) => [...new Set(ways(all).map(({ key }) => key))];

test('M05 a size of batches that makes a task cheaper, and fails no more, is found; twice it is a lesson', () => {
  // Four at once cost twice as much as one: half as much each.
  const all = found(1, [habit({ batch: 1 }), habit({ batch: 5, cost: () => 50_000 })]);
  const key = 'batch-size/code/write/claude-sonnet-5/4 to 7 tasks-instead-of-one task';
  expect(keys(all)).toEqual([key]);
  expect(ways(all)[0]?.numbers).toMatchObject({
    cost_micro_usd: expect.closeTo(10_000, -3.3),
    other_cost_micro_usd: expect.closeTo(20_000, -3.3),
  });
  expect(lessons(all, '2026-W05').find((lesson) => lesson.key === key)?.state).toBe('lesson');
  expect(sentence(ways(all)[0] as Finding)).toMatch(
    /^code at write with claude-sonnet-5: given 4 to 7 tasks at once, a task costs \$0\.0\d+, given one task \$0\.0\d+ \(-\d+ to -\d+ %\); it fails no more: \d+ of \d+ failed, against \d+ of \d+\.$/,
  );
});

test('M05 batches that are cheaper and fail more are not praised', () => {
  const large = habit({ batch: 5, cost: () => 50_000, fails: () => 0.12 });
  expect(keys(found(2, [habit({ batch: 1 }), large]))).toEqual([]);
});

test('M05 of tools that were used together the cheaper combination is found; the contrary later contradicts it', () => {
  const cheap = habit({ tools: ['grep', 'read'], cost: (day) => (day < 14 ? 10_000 : 30_000), times: 300 });
  const all = found(3, [habit({ tools: ['read', 'web'], times: 300 }), cheap]);
  const key = 'tool-choice/code/write/claude-sonnet-5/grep + read-instead-of-read + web';
  const state = (week: string) => lessons(all, week).find((lesson) => lesson.key === key)?.state;
  expect(['2026-W02', '2026-W03', '2026-W04'].map(state)).toEqual(['note', 'lesson', 'contradicted']);
});

test('M05 what fails early has used fewer tools: a combination is not held against a part of itself', () => {
  const all = found(4, [habit({ tools: ['read'], cost: () => 3000 }), habit({ tools: ['read', 'web'] })]);
  expect(keys(all)).toEqual([]);
});

test('M05 a coincidence is not claimed: sizes, tools, agents and models that make no difference, over 20 seeds', () => {
  const even = [
    ...[1, 2, 4, 8].map((batch) => habit({ batch, cost: () => 20_000 * batch, times: 25 })),
    ...['a', 'b', 'c'].map((tool) => habit({ operation: 'search', tools: [tool, 'read'], times: 25 })),
    // Another agent is cheaper with other tools: that is the agent.
    habit({ agent: 'qa', operation: 'search', tools: ['d', 'read'], cost: () => 5000 }),
  ];
  const claimed = Array.from({ length: 20 }, (_, seed) => keys(found(seed + 10, even, 14)));
  expect(claimed.flat()).toEqual([]);
});

test('M05 below twenty executions on a side nothing is said', () => {
  const few = [habit({ batch: 1, times: 2 }), habit({ batch: 5, cost: () => 5000, times: 2 })];
  expect(keys(found(5, few, 7))).toEqual([]);
});
