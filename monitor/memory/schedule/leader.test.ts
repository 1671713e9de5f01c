import { expect, test, vi } from 'vitest';
import { Leader, LostLease } from './leader.ts';

/** One name, as the stores keep it. */
function lease() {
  let [holder, until] = ['', 0];
  return {
    asked: 0,
    async lease(_: string, who: string, to: number, now: number) {
      this.asked += 1;
      if (holder !== who && until > now) return false;
      [holder, until] = [who, to];
      return true;
    },
    async release(_: string, who: string) {
      if (holder === who) until = 0;
    },
  };
}

test('M01 of two one leads, until it gives back or is silent for as long as a lease lasts', async () => {
  const store = lease();
  let nowMs = 1;
  const now = () => nowMs;
  const [one, other] = [new Leader({ store, now }), new Leader({ store, now })];
  expect([await one.take(), await other.take()]).toEqual([true, false]);
  nowMs += 59_000;
  await one.hold();
  nowMs += 59_000;
  expect(await other.take()).toBe(false);
  nowMs += 1_000;
  expect(await other.take()).toBe(true);
  await expect(one.hold()).rejects.toThrow(LostLease);
  // What is another's is not given back.
  await one.giveBack();
  expect(await one.take()).toBe(false);
  await other.giveBack();
  expect(await one.take()).toBe(true);
});

test('M01 who reads for longer than a lease lasts keeps it, and asks no more afterwards', async () => {
  vi.useFakeTimers();
  try {
    const store = lease();
    const now = () => Date.now();
    const [one, other] = [new Leader({ store, now }), new Leader({ store, now })];
    await one.take();
    const reading = one.whileHeld(async () => {
      for (let i = 0; i < 10; i++) {
        await vi.advanceTimersByTimeAsync(30_000);
        expect(await other.take()).toBe(false);
      }
    });
    await reading;
    const { asked } = store;
    await vi.advanceTimersByTimeAsync(120_000);
    expect(store.asked).toBe(asked);
    expect(await other.take()).toBe(true);
  } finally {
    vi.useRealTimers();
  }
});
