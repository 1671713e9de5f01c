import { expect, test } from 'vitest';
import { Clock } from './clock.ts';

const hourMs = 3_600_000;
const [ours, theirs] = [Date.parse('2026-01-01T01:10Z'), Date.parse('2026-11-26T09:00Z')];

/** A Prometheus whose first scrape was at some time; it answers of what was there when it is asked of. */
function clockOf(firstMs: number, now: () => number, theirMs = theirs) {
  const fetch = async (_: unknown, init?: RequestInit) => {
    const body = init?.body as URLSearchParams;
    const asked = 1000 * Number(body.get('time') ?? theirMs / 1000);
    const isThere = asked >= firstMs && asked < firstMs + 30 * 24 * hourMs;
    const value = body.get('query') === 'vector(time())' ? theirMs : isThere ? firstMs : undefined;
    const result = value === undefined ? [] : [{ value: [0, String(value / 1000)] }];
    return Response.json({ data: { result } });
  };
  return new Clock({ url: 'http://p:9090', fetch: fetch as typeof globalThis.fetch }, now);
}

test('M01 of two clocks the one that is behind counts, and since when anything was measured is asked as of its time', async () => {
  const first = ours - hourMs;
  expect(await clockOf(first, () => ours).read()).toMatchObject({ nowMs: ours, sinceMs: first });
  const theirTime = first + 2 * hourMs;
  expect(await clockOf(first, () => theirs, theirTime).read()).toMatchObject({ nowMs: theirTime, sinceMs: first });
});

test('M01 where nothing was measured yet it is asked again: what was heard of an empty one does not stay', async () => {
  let now = ours - 48 * hourMs;
  const clock = clockOf(ours, () => now);
  expect((await clock.read()).sinceMs).toBe(theirs);
  now = ours + hourMs;
  expect((await clock.read()).sinceMs).toBe(ours);
});
