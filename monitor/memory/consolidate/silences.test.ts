import { expect, test } from 'vitest';
import { beginOf, weekOf } from '../periods.ts';
import type { Finding, Snapshot } from '../record.ts';
import { type Habit, someDays, type Trouble } from '../testing/some-days.ts';
import { errorCourses } from './errors.ts';
import { findingsOf } from './findings.ts';
import { sentence } from './sentence.ts';

const from = '2026-01-05';
const fingerprint = 'aaaaaaaaaaaa';
const habit = (agent: string): Habit => ({
  ...{ agent, operation: 'write', model: 'claude-sonnet-5', times: 40 },
  ...{ fails: () => 0.05, ms: () => 4000, cost: () => 20_000 },
});
const always: Trouble = { fingerprint, chance: () => 1 };

function found(days: readonly Snapshot[]): Finding[] {
  const all: Finding[] = [];
  for (const week of new Set(days.map(({ date }) => weekOf(beginOf(date))))) all.push(...findingsOf(week, days, all));
  return all.filter(({ kind }) => kind.endsWith('-error'));
}
const told = (days: readonly Snapshot[]) =>
  found(days).flatMap(({ week, kind }) => (kind === 'recurring-error' ? [] : [`${week} ${kind}`]));

/** Four weeks with the error on each day, eleven days without it, and it is back. */
function absent(change: (day: Snapshot) => Snapshot): Snapshot[] {
  return someDays({ seed: 1, from, days: 49, habits: [habit('code'), habit('qa')], troubles: [always] }).map(
    (day, i) => (i >= 28 && i < 39 ? { ...change(day), errors: [] } : day),
  );
}

test('M02 an error that does not come while its agent works is gone, and comes back', () => {
  expect(told(absent((day) => day))).toEqual(['2026-W06 quiet-error', '2026-W07 returned-error']);
});

test('M02 days on which nobody worked are no quiet days: after a holiday no error was gone, and none is back', () => {
  expect(told(absent((day) => ({ ...day, work: [] })))).toEqual([]);
});

test('M02 an agent that rests has no quiet days, whatever others do', () => {
  const resting = absent((day) => ({ ...day, work: day.work.filter(({ agent_name }) => agent_name !== 'code') }));
  expect(told(resting)).toEqual([]);
});

test('M02 a day with more kinds of errors than it holds one by one is no quiet day: it may have been among them', () => {
  expect(told(absent((day) => ({ ...day, rest: { ...day.rest, errors: 4 } })))).toEqual([]);
});

test('M02 a day of which the ledger has lost a part is no quiet day', () => {
  expect(told(absent((day) => ({ ...day, ledger: 'part' })))).toEqual([]);
});

test('M02 days that nobody measured are no quiet days', () => {
  expect(told(absent((day) => day).filter(({ errors }) => errors.length > 0))).toEqual([]);
});

test('M02 an error that was gone stays gone in the past, whatever comes later', () => {
  const days = absent((day) => day);
  const [gone] = errorCourses(days, '2026-02-11')[0]?.silences ?? [];
  const [back] = errorCourses(days, '2026-02-22')[0]?.silences ?? [];
  expect(gone).toMatchObject({ after: '2026-02-01', until: null });
  expect(back).toMatchObject({ after: '2026-02-01', until: '2026-02-13', known_on: gone?.known_on });
});

test.each([0.15, 0.25, 0.4])(
  'M02 of twenty errors that come by chance, %d a day, hardly one is ever said to be gone or back',
  (chance) => {
    const seeds = 5;
    const claimed = Array.from({ length: seeds }, (_, seed) => {
      const troubles = Array.from({ length: 20 }, (_, i) => ({
        fingerprint: `f${i}`.padEnd(12, '0'),
        chance: () => chance,
      }));
      return told(someDays({ seed: seed + 1, from, days: 84, habits: [habit('code')], troubles }));
    }).flat();
    // One false claim in twenty weeks is what is allowed.
    expect(claimed.length).toBeLessThanOrEqual((seeds * 12) / 20);
  },
);

test('M02 what an error cost is not known: nothing is said of it, and nothing is no zero', () => {
  const unknown = someDays({ seed: 1, from, days: 7, habits: [habit('code')], troubles: [always] }).map((day) => ({
    ...day,
    errors: day.errors.map((error) => ({ ...error, cost_micro_usd: null })),
  }));
  const [one] = found(unknown);
  expect(one?.numbers).toEqual({ times: 14, days: 7 });
  expect(sentence(one as Finding)).toBe(`TimeoutError ${fingerprint} came on 7 days, 14 times.`);
  const known = found(someDays({ seed: 1, from, days: 7, habits: [habit('code')], troubles: [always] }));
  expect(sentence(known[0] as Finding)).toBe(`TimeoutError ${fingerprint} came on 7 days, 14 times, and cost $0.0280.`);
});

test('M02 a fleet with many errors is consolidated in one pass: each day is read as often for a thousand as for one', () => {
  let reads = 0;
  const troubles = Array.from({ length: 1000 }, (_, i) => ({ fingerprint: `${i}`.padStart(12, '0'), chance: () => 1 }));
  const days = someDays({ seed: 1, from, days: 7, habits: [habit('code')], troubles }).map((day) =>
    Object.defineProperty({ ...day }, 'errors', {
      get() {
        reads++;
        return day.errors;
      },
    }),
  );
  expect(found(days)).toHaveLength(1000);
  expect(reads).toBeLessThan(100);
});
