import { expect, test } from 'vitest';
import { decideLevel, type Level, type LevelState, type Sample } from './decide-level.ts';

const policy = { budget: 0.2, overMs: 30, calmMs: 300 };

/** Runs samples 10 ms apart; gives the level after each. */
function run(state: LevelState, samples: Sample[], fromMs = 0) {
  const seen: Level[] = [];
  let nowMs = fromMs;
  for (const sample of samples) {
    state = decideLevel(state, sample, nowMs, policy);
    seen.push(state.level);
    nowMs += 10;
  }
  return { state, seen, nowMs };
}

const times = (count: number, share: number, demand = 1000): Sample[] => Array(count).fill({ share, demand });
const full: LevelState = { level: 'full', left: [] };

test('B12 within the budget nothing changes, however long', () => {
  expect(new Set(run(full, times(1000, 0.2)).seen)).toEqual(new Set(['full']));
});

test('B12 over the budget it steps down, one level at a time, each after the same patience, and no further than metrics', () => {
  const { seen } = run(full, times(12, 0.5));
  expect(seen).toEqual([...Array(3).fill('full'), ...Array(4).fill('spans'), ...Array(5).fill('metrics')]);
});

test('B12 a burst is forgiven: one look within the budget starts the patience anew', () => {
  const burst = [...times(3, 0.9), ...times(1, 0.1)];
  expect(run(full, [...burst, ...burst, ...burst]).seen).toEqual(Array(12).fill('full'));
});

test('B12 at a lower level it costs less, which is no reason to step up while the demand is the same', () => {
  const down = run(full, times(4, 0.5));
  expect(down.seen.at(-1)).toBe('spans');
  expect(new Set(run(down.state, times(500, 0.05), down.nowMs).seen)).toEqual(new Set(['spans']));
});

test('B12 it steps up after a calm period with a demand well below what the budget affords', () => {
  const down = run(full, times(4, 0.5, 1000));
  // 1000 a second cost 0.5, so the budget of 0.2 affords 400, and 0.7 of that is calm.
  const up = run(down.state, times(32, 0.05, 280), down.nowMs);
  expect(up.seen.indexOf('full')).toBe(30);
  expect(run(down.state, times(400, 0.05, 290), down.nowMs).seen).not.toContain('full');
});

test('B12 the calm has to be unbroken', () => {
  const down = run(full, times(4, 0.5));
  const broken = [...times(29, 0.05, 100), ...times(1, 0.05, 1000), ...times(29, 0.05, 100)];
  expect(run(down.state, broken, down.nowMs).seen).not.toContain('full');
});

test('B12 from metrics it steps up through spans', () => {
  const down = run(full, times(8, 0.5));
  expect(down.seen.at(-1)).toBe('metrics');
  const { seen } = run(down.state, times(70, 0.01, 10), down.nowMs);
  expect([...new Set(seen)]).toEqual(['metrics', 'spans', 'full']);
});

test('B12 a demand that comes and goes does not make it flap: each mistaken step up doubles the calm it asks for', () => {
  let state = full;
  let nowMs = 0;
  let steps = 0;
  // Heavy whenever it records everything, and as good as nothing as soon as it has stepped down: the worst case.
  for (let look = 0; look < 5000; look++, nowMs += 10) {
    const sample = state.level === 'full' ? { share: 0.5, demand: 1000 } : { share: 0.01, demand: 10 };
    const next = decideLevel(state, sample, nowMs, policy);
    if (next.level !== state.level) steps += 1;
    state = next;
  }
  // 50 s: without doubling, every 340 ms twice, that is 300.
  expect(steps).toBeLessThan(45);
  expect(steps).toBeGreaterThan(10);
});
