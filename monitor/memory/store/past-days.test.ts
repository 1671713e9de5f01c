import { expect, test } from 'vitest';
import { errorCourses } from '../consolidate/errors.ts';
import { findingsOf } from '../consolidate/findings.ts';
import { elevenWeeks, rememberedDays } from '../testing/remembered-days.ts';
import { listed } from './listed.ts';
import { pastDays } from './past-days.ts';

const week = '2026-W07';

test('M02 days long past tell of errors what whole days tell, without their times and costs', async () => {
  await using there = await rememberedDays(elevenWeeks);
  const [whole, past] = [await listed(there.memory, {}), await pastDays(there.memory, {})];
  expect(errorCourses(past, '2026-02-15')).toEqual(errorCourses(whole, '2026-02-15'));
  expect(errorCourses(past, '2026-02-15').some(({ silences }) => silences.length > 0)).toBe(true);
  const earlier = await there.memory.findings('2026-W06');
  const two = await listed(there.memory, { from: '2026-W06', to: week });
  const found = findingsOf(week, two, earlier, past);
  expect(found).toEqual(findingsOf(week, whole, earlier));
  expect(found.length).toBeGreaterThan(2);
  // Of the two weeks alone an error has no past.
  expect(errorCourses(two, '2026-02-15')).not.toEqual(errorCourses(whole, '2026-02-15'));
  const [light, heavy] = [past, whole].map((days) => JSON.stringify(days)) as [string, string];
  expect([light, heavy].map((text) => text.includes('went_well'))).toEqual([false, true]);
  expect(light.length).toBeLessThan(heavy.length / 2);
});
