import { describe, expect, test } from 'vitest';
import { addTimes, type Firing, simulate, type Timing } from './simulate.ts';

const step = 15;

/** `'..xxx.x'`: one character per evaluation, the first at 0. */
function firings(history: string, timing: Partial<Timing> = {}): Firing[] {
  const times = [...history].flatMap((mark, at) => (mark === 'x' ? [at * step] : []));
  return simulate(addTimes([], times, step), { step, hold: 0, keep: 0, ...timing }, (history.length - 1) * step);
}

test('B08 without `for` it fires at once and is over at the first evaluation without an answer', () => {
  expect(firings('..xx..')).toEqual([{ activeAt: 30, firedAt: 30, resolvedAt: 60 }]);
});

test('B08 `for` waits as long as it says, and what ends before was never told', () => {
  expect(firings('xxxxx..', { hold: 30 })).toEqual([{ activeAt: 0, firedAt: 30, resolvedAt: 75 }]);
  expect(firings('xx.xx.xx', { hold: 30 })).toEqual([]);
  // Between two evaluations nothing is decided: 20 s last until the evaluation after 30 s.
  expect(firings('xxxx', { hold: 20 })).toEqual([{ activeAt: 0, firedAt: 30, resolvedAt: undefined }]);
});

test('B08 `keep_firing_for` joins what flaps, and counts from the first evaluation without an answer', () => {
  expect(firings('x.x.x....', { keep: 30 })).toEqual([{ activeAt: 0, firedAt: 0, resolvedAt: 105 }]);
  expect(firings('x....x..', { keep: 30 })).toHaveLength(2);
  // Kept firing, it needs no new `for`; pending, it is not kept.
  expect(firings('xxx.x....', { hold: 30, keep: 30 })).toEqual([{ activeAt: 0, firedAt: 30, resolvedAt: 105 }]);
  expect(firings('xx.xx....', { hold: 30, keep: 30 })).toEqual([]);
});

test('B08 what fires at the end has no end yet', () => {
  expect(firings('..xx')).toEqual([{ activeAt: 30, firedAt: 30, resolvedAt: undefined }]);
  expect(firings('..xx.', { keep: 15 })).toEqual([{ activeAt: 30, firedAt: 30, resolvedAt: undefined }]);
  expect(firings('..xx..', { keep: 15 })).toEqual([{ activeAt: 30, firedAt: 30, resolvedAt: 75 }]);
});

describe('B08 against Prometheus’ own way, evaluation by evaluation', () => {
  test.each(Array.from({ length: 40 }, (_, seed) => seed + 1))('history %i', (seed) => {
    const random = randomFrom(seed);
    for (let round = 0; round < 100; round++) {
      // From rare to almost always, in stretches.
      const sticky = random();
      let on = random() < 0.5;
      const history = Array.from({ length: 1 + Math.floor(random() * 60) }, () => {
        if (random() > sticky) on = random() < 0.5;
        return on ? 'x' : '.';
      }).join('');
      const timing = { step, hold: pick(random), keep: pick(random) };
      expect(firings(history, timing), `${history} ${JSON.stringify(timing)}`).toEqual(byEvaluation(history, timing));
    }
  });
});

/** 0 to 105 s, on an evaluation or between two. */
function pick(random: () => number): number {
  return Math.floor(random() * 8) * step + (random() < 0.3 ? 7 : 0);
}

/** rules/alerting.go, AlertingRule.Eval, for one series. */
function byEvaluation(history: string, { step, hold, keep }: Timing): Firing[] {
  const told: Firing[] = [];
  let state: 'inactive' | 'pending' | 'firing' = 'inactive';
  let activeAt = 0;
  let keepFiringSince: number | undefined;
  for (const [at, mark] of [...history].entries()) {
    const now = at * step;
    if (mark === 'x') {
      if (state === 'inactive') [state, activeAt] = ['pending', now];
      keepFiringSince = undefined;
    } else {
      let keepFiring = false;
      if (state === 'firing' && keep > 0) {
        keepFiringSince ??= now;
        keepFiring = now - keepFiringSince < keep;
      }
      if (state === 'firing' && !keepFiring) (told.at(-1) as Firing).resolvedAt = now;
      if (!keepFiring) {
        state = 'inactive';
        keepFiringSince = undefined;
        continue;
      }
    }
    if (state === 'pending' && now - activeAt >= hold) {
      state = 'firing';
      told.push({ activeAt, firedAt: now, resolvedAt: undefined });
    }
  }
  return told;
}

function randomFrom(seed: number): () => number {
  let state = seed * 2654435761;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
