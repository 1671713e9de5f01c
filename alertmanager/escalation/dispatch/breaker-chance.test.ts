import { expect, test } from 'vitest';
import { Breaker } from './breaker.ts';

const giveUpMs = 60_000;
const everyMs = 10;

/** A message each 10 ms for as many; by how many of them found the breaker closed, and how often it opened. */
function run(messages: number, failingShare: number) {
  let opened = 0;
  let through = 0;
  const breaker = new Breaker((state) => {
    if (state === 'open') opened++;
  });
  let state = 1;
  for (let message = 0; message < messages; message++) {
    const now = message * everyMs;
    if (breaker.ask(now).kind !== 'go') continue;
    through++;
    // Knuth's numbers by chance: the same in each run.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    if (state / 2 ** 32 < failingShare) breaker.failed(now, giveUpMs);
    else breaker.succeeded();
  }
  return { opened, throughShare: through / messages };
}

test('X05 a receiver of which three in ten fail by chance is hardly ever left alone; one that is down nearly always', () => {
  const byChance = run(1_000_000, 0.3);
  expect(byChance.opened).toBeLessThan(20);
  expect(byChance.throughShare).toBeGreaterThan(0.98);
  const down = run(1_000_000, 1);
  expect(down.throughShare).toBeLessThan(0.001);
  expect(down.opened).toBeGreaterThan(10);
});
