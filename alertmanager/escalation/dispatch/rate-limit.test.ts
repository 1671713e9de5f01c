import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RateLimit } from './rate-limit.ts';

/** Plays it to the end: who goes when, if each comes back when it was told. */
function play(coming: { key: string; urgent: boolean; at: number }[], perMinute: number, limit = new RateLimit()) {
  const went: { key: string; at: number }[] = [];
  const queue = coming.map((one) => ({ ...one }));
  let asked = 0;
  while (queue.length > 0) {
    queue.sort((a, b) => a.at - b.at);
    const one = queue.shift() as (typeof queue)[0];
    const until = limit.take(one.key, one.urgent, one.at, perMinute);
    asked++;
    if (until === undefined) went.push({ key: one.key, at: one.at });
    else queue.push({ ...one, at: until });
  }
  return { went, asked };
}
const many = (count: number, urgent: boolean, at = 0) =>
  Array.from({ length: count }, (_, index) => ({ key: `${urgent ? 'u' : 'o'}${index}`, urgent, at }));

test('X05 a burst goes at once, then one after the other, in the order of coming', () => {
  const { went, asked } = play(many(40, false), 60);
  expect(went.filter(({ at }) => at === 0)).toHaveLength(10);
  expect(went.map(({ key }) => key)).toEqual(many(40, false).map(({ key }) => key));
  expect(went.at(-1)?.at).toBe(30_000);
  expect(asked, 'each waits once').toBe(70);
});

test('X05 the urgent overtake those who wait', () => {
  const { went } = play([...many(100, false), ...many(5, true, 5000)], 60);
  const urgent = went.filter(({ key }) => key.startsWith('u'));
  expect(urgent.every(({ at }) => at <= 5000 + 5 * 2000)).toBe(true);
  expect(went).toHaveLength(105);
});

test('X05 a stream of new ones does not hold back those who wait', () => {
  const stream = Array.from({ length: 600 }, (_, index) => ({
    key: `n${index}`,
    urgent: false,
    at: 100 + index * 100,
  }));
  const { went } = play([...many(20, false), ...stream], 60);
  expect(Math.max(...went.filter(({ key }) => key.startsWith('o')).map(({ at }) => at))).toBeLessThanOrEqual(11_000);
});

test('X05 while the receiver asks for a pause nobody goes, afterwards not all at once', () => {
  const limit = new RateLimit();
  limit.take('first', false, 0, 60);
  limit.pause(60_000);
  const { went } = play(many(30, true, 1000), 60, limit);
  expect(Math.min(...went.map(({ at }) => at))).toBe(60_000);
  expect(went.filter(({ at }) => at < 61_000).length).toBeLessThanOrEqual(11);
  expect(went).toHaveLength(30);
});

test('X05 what was taken and not used is there again', () => {
  const limit = new RateLimit();
  expect(limit.take('a', false, 0, 1)).toBeUndefined();
  limit.giveBack();
  expect(limit.take('b', false, 0, 1)).toBeUndefined();
  expect(limit.take('c', false, 0, 1)).toBe(60_000);
});

test('X05 whoever waited and never came back holds nobody up for long', () => {
  const limit = new RateLimit();
  for (let index = 0; index < 60; index++) limit.take(`gone${index}`, false, 0, 60);
  expect(limit.take('new', false, 120_000, 60)).toBeUndefined();
});

test('X05 whoever comes, in no minute more go than the limit and one burst, and all go', () => {
  const arrivals = fc.array(fc.record({ at: fc.integer({ min: 0, max: 60_000 }), urgent: fc.boolean() }), {
    minLength: 1,
    maxLength: 60,
  });
  fc.assert(
    fc.property(arrivals, fc.integer({ min: 6, max: 120 }), (given, perMinute) => {
      const { went } = play(
        given.map((one, index) => ({ ...one, key: `k${index}` })),
        perMinute,
      );
      expect(went).toHaveLength(given.length);
      for (const { at } of went) {
        const inMinute = went.filter((other) => other.at > at - 60_000 && other.at <= at).length;
        expect(inMinute).toBeLessThanOrEqual(perMinute + Math.ceil(perMinute / 6) + 1);
      }
    }),
    { numRuns: 200 },
  );
});
