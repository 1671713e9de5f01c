/** How sure each finding is, and between which ends its change lies, computed again from the snapshots: by other arithmetic than that which found it. */
import { expect, test } from 'vitest';
import { findingsOf } from '../consolidate/findings.ts';
import { beginOf, weekOf } from '../periods.ts';
import type { Finding, Snapshot } from '../record.ts';
import { RecomputedConfidence, silenceConfidence } from '../testing/recomputed-confidence.ts';
import { elevenWeeks } from '../testing/remembered-days.ts';
import { someDays } from '../testing/some-days.ts';
import { sixtyDays } from '../testing/some-knowledge.ts';

/** Days on which more fails, and all takes longer, now and then: they tell less than as many that are alike. */
const unsteady = someDays({
  ...{ seed: 11, from: '2026-01-05', days: 28 },
  habits: [
    {
      ...{ agent: 'code', operation: 'write', model: 'claude-sonnet-5', times: 250, cost: () => 40_000 },
      ...{ fails: (day) => 0.25 + 0.06 * (day % 3), ms: (day) => (day < 21 ? 2000 : 6000) * (1 + 0.3 * (day % 2)) },
    },
    {
      ...{ agent: 'qa', operation: 'write', model: 'claude-sonnet-5', times: 250, ms: () => 2000, fails: () => 0.02 },
      cost: (day) => (day < 14 ? 30_000 : 90_000) * (1 + 0.4 * (day % 2)),
    },
  ],
});

/** Differences that a week just shows, or just does not. */
const faint = someDays({
  ...{ seed: 7, from: '2026-01-05', days: 56 },
  habits: Array.from({ length: 8 }, (_, i) => ({
    ...{ agent: i === 0 ? 'code' : `agent${i}`, operation: i < 4 ? 'write' : 'plan', model: 'claude-sonnet-5' },
    ...{ times: 40 + 10 * i, fails: (day) => (day < 21 ? 0.03 : 0.03 + 0.05 * (i % 4)) },
    ms: (day) => 3000 * (Math.floor(day / 7) % 2 === 0 ? 1 : 1.35 + 0.05 * i),
    cost: (day) => 3000 * (Math.floor(day / 7) % 2 === 0 ? 1 : 1.35 + 0.05 * i),
  })),
  troubles: [0.3, 0.35, 0.4, 0.45, 0.5].map((often, i) => ({
    fingerprint: `${i}`.repeat(12),
    chance: (day) => (day < 24 + 2 * i ? often : 0),
  })),
});

/** Choices that a week just shows, of models and of tools: one agent has work that costs ten times as much as that of the other. */
const choices = someDays({
  ...{ seed: 5, from: '2026-01-05', days: 28 },
  habits: [
    ...[1, 10].flatMap((dear, i) =>
      ['haiku', 'opus'].map((model) => ({
        ...{ agent: `agent${i}`, operation: 'write', model, times: 60 + 40 * i, fails: () => 0, ms: () => 3000 },
        cost: () => 3000 * dear * (model === 'opus' ? 1.22 : 1),
      })),
    ),
    ...['shell', 'browser'].map((tool) => ({
      ...{ agent: 'agent0', operation: 'look', model: 'opus', times: 60, fails: () => 0, ms: () => 3000 },
      ...{ cost: () => (tool === 'shell' ? 3000 : 3900), tools: ['search', tool] },
    })),
  ],
});

const known = new Map<readonly Snapshot[], Finding[]>();

function found(days: readonly Snapshot[]): Finding[] {
  const all: Finding[] = known.get(days) ?? [];
  if (all.length > 0) return all;
  known.set(days, all);
  for (const week of new Set(days.map(({ date }) => weekOf(beginOf(date))))) all.push(...findingsOf(week, days, all));
  return all;
}

const fleets = {
  ...{ 'sixty days': sixtyDays().snapshots, 'eleven weeks': someDays(elevenWeeks) },
  ...{ 'unsteady days': unsteady, 'faint differences': faint, 'faint choices': choices },
};

/** Told is the hundredth below; the normal law of the code is good to four digits, and it searches in steps of half a thousandth. */
const [below, above] = [0.0002, 0.0107];

test.each(Object.entries(fleets))(
  'B10 %s: a finding holds with the confidence that is told, and not with a hundredth more',
  (_, days) => {
    const all = found(days).filter(({ kind }) => !kind.endsWith('-error'));
    const rows = new RecomputedConfidence(days);
    expect(all.length).toBeGreaterThan(2);
    for (const finding of all) {
      const { holds, among, change } = rows.claimed(finding);
      const single = (confidence: number) => 1 - (1 - confidence) / among;
      const { week, key, confidence, effect, low, high } = finding;
      expect([week, key, holds(single(confidence - below))]).toEqual([week, key, true]);
      if (confidence < 0.99) expect([week, key, holds(single(confidence + above))]).toEqual([week, key, false]);
      const ends = change(single(0.95));
      expect([ends?.value, ends?.low, ends?.high], `${week} ${key}`).toEqual([
        ...[expect.closeTo(effect, 9), low === null ? -Infinity : expect.closeTo(low, 3)],
        high === null ? Infinity : expect.closeTo(high, 3),
      ]);
    }
  },
);

test('B10 errors that are gone, or came back: the confidence is one less the chance of the silence', () => {
  const all = Object.values(fleets).flatMap((days) =>
    found(days).flatMap((finding) => (finding.words.gone_after === undefined ? [] : [{ finding, days }])),
  );
  expect(all.map(({ finding }) => finding.kind)).toEqual(expect.arrayContaining(['quiet-error', 'returned-error']));
  for (const { finding, days } of all) {
    const sure = silenceConfidence(days, finding);
    expect(finding.confidence, finding.key).toBe(Math.min(0.99, Math.floor(sure * 100 + 1e-7) / 100));
  }
});

test('B10 these fleets show every kind of thing, of most also what is just sure enough', () => {
  const all = Object.values(fleets).flatMap(found);
  const kinds = (some: readonly Finding[]) => [...new Set(some.map(({ kind }) => kind))].sort();
  const counted = 'recurring-error';
  expect(kinds(all)).toEqual([
    ...['agent-task', 'batch-size', 'improvement', 'model-choice', 'quiet-error', counted],
    ...['regression', 'returned-error', 'tool-choice'],
  ]);
  const unsure = kinds(all.filter(({ confidence }) => confidence < 0.99));
  expect(unsure).toEqual(kinds(all).filter((kind) => kind !== counted && kind !== 'returned-error'));
});

test('B10 of other days the same finding is told with another confidence', () => {
  const days = fleets['sixty days'];
  const finding = found(days).find(({ kind }) => kind === 'agent-task') as Finding;
  const fewer = days.map((day) => ({
    ...day,
    work: day.work.map((one) => ({ ...one, failed: Math.round(one.failed / 4) })),
  }));
  const { holds, among } = new RecomputedConfidence(fewer).claimed(finding);
  expect(holds(1 - (1 - finding.confidence) / among)).toBe(false);
});
