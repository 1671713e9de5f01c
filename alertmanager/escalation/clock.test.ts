import * as os from 'node:os';
import { afterEach, expect, test, vi } from 'vitest';
import { startClock } from './clock.ts';

vi.mock('node:os', async (original) => ({ ...(await original<typeof os>()), uptime: vi.fn(() => 1000) }));
afterEach(() => {
  vi.useRealTimers();
});

test('X05 a clock that somebody sets moves no timer of a running process', () => {
  let wall = 1_000_000;
  let passed = 5;
  const now = startClock(
    () => wall,
    () => passed,
  );
  expect(now()).toBe(1_000_000);
  wall -= 86_400_000;
  passed += 250.4;
  expect(now()).toBe(1_000_250);
  wall += 2 * 86_400_000;
  passed += 10;
  expect(now()).toBe(1_000_260);
  // Nor does a monotonic clock that is not quite that.
  passed -= 20;
  expect(now()).toBe(1_000_260);
});

test('X05 the clock of a process that begins is the one on the wall', () => {
  const before = Date.now();
  const now = startClock();
  const at = now();
  expect(at).toBeGreaterThanOrEqual(before - 1);
  expect(at).toBeLessThanOrEqual(Date.now() + 1);
});

test('X05 a machine that was asleep has lost no time, and asking for the time is cheap', () => {
  vi.useFakeTimers({ now: 1_000_000, toFake: ['Date', 'performance'] });
  const now = startClock();
  const before = now();
  vi.advanceTimersByTime(200);
  vi.mocked(os.uptime).mockReturnValue(1000 + 3600);
  // Its monotonic clock stood still for an hour, less what has passed.
  expect(now() - before).toBe(3_600_000);
  vi.mocked(os.uptime).mockClear();
  for (let asked = 0; asked < 1000; asked++) now();
  expect(os.uptime).not.toHaveBeenCalled();
});
