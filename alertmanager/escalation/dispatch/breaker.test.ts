import { expect, test } from 'vitest';
import { Breaker } from './breaker.ts';

const giveUpMs = 60_000;
function failing(times: number, now = 0) {
  const states: string[] = [];
  const breaker = new Breaker((state) => states.push(state));
  for (let index = 0; index < times; index++) breaker.failed(now, giveUpMs);
  return { breaker, states };
}

test('X05 ten failures in a row open it, nine and a success do not', () => {
  expect(failing(9).breaker.ask(1)).toEqual({ kind: 'go' });
  expect(failing(10).breaker.ask(1)).toEqual({ kind: 'wait', until: 10_000 });
  const { breaker } = failing(9);
  breaker.succeeded();
  for (let index = 0; index < 9; index++) breaker.failed(0, giveUpMs);
  expect(breaker.ask(1)).toEqual({ kind: 'go' });
});

test('X05 after a short pause one message is tried, the others wait for it; a success closes it', () => {
  const { breaker, states } = failing(10);
  expect(breaker.ask(9999).kind).toBe('wait');
  expect(breaker.ask(10_000).kind).toBe('go');
  expect(breaker.ask(10_000).kind, 'one, not two').toBe('probed');
  breaker.succeeded();
  expect(breaker.ask(10_000).kind).toBe('go');
  expect(states).toEqual(['open', 'halfOpen', 'closed']);
});

test('X05 tried twice in vain it is down: nobody waits, and the pauses become longer, 5 times to give up at most', () => {
  const { breaker } = failing(10);
  let now = 10_000;
  const pauses: number[] = [];
  for (let trial = 0; trial < 7; trial++) {
    expect(breaker.ask(now).kind).toBe('go');
    expect(breaker.ask(now).kind).toBe(trial < 2 ? 'probed' : 'down');
    breaker.failed(now, giveUpMs);
    let until = now;
    while (breaker.ask(until).kind !== 'go') until += 1000;
    breaker.untried();
    pauses.push((until - now) / 1000);
    now = until;
  }
  expect(pauses).toEqual([10, 30, 60, 120, 300, 300, 300]);
});

test('X05 a trial that was not made is made by the next one', () => {
  const { breaker } = failing(10);
  expect(breaker.ask(10_000).kind).toBe('go');
  breaker.untried();
  expect(breaker.ask(10_000).kind).toBe('go');
});

test('X05 what was on its way when it was opened does not open it twice', () => {
  const { breaker } = failing(40);
  expect(breaker.ask(1).kind).toBe('wait');
});
