import { describe, expect, test } from 'vitest';
import {
  budget,
  checkObjective,
  fewestEvents,
  hoursToExhaustion,
  lowestObjectiveBp,
  lowObjectiveWindows,
  percent,
  share,
  standardWindows,
  threshold,
} from './burn.ts';

const thresholds = (objectiveBp: number, windows = standardWindows) =>
  windows.map((window) => threshold(objectiveBp, window));

describe('O01 thresholds', () => {
  test.each([
    [9990, ['0.0144', '0.006', '0.003', '0.001']],
    [9950, ['0.072', '0.03', '0.015', '0.005']],
    [9500, ['0.72', '0.3', '0.15', '0.05']],
    [9375, ['0.9', '0.375', '0.1875', '0.0625']],
    [9999, ['0.00144', '0.0006', '0.0003', '0.0001']],
  ])('O01 of %i basis points are exact', (objectiveBp, texts) => {
    expect(thresholds(objectiveBp)).toEqual(texts);
  });

  test('O01 of a low objective leave room above them', () => {
    expect(thresholds(9000, lowObjectiveWindows)).toEqual(['0.5', '0.3', '0.2', '0.1']);
    expect(thresholds(9000, standardWindows)[0]).toBe('1.44');
  });

  test('O01 the factors spend 2, 5, 10 and 10 % of the budget in the long window', () => {
    const hours = { '1h': 1, '6h': 6, '1d': 24, '3d': 72 };
    const spent = standardWindows.map((window) => (100 * hours[window.long]) / hoursToExhaustion(window));
    expect(spent).toEqual([2, 5, 10, 10]);
  });

  test('O01 the short window is a twelfth of the long one', () => {
    const minutes = { '5m': 5, '30m': 30, '1h': 60, '2h': 120, '6h': 360, '1d': 1440, '3d': 4320 };
    for (const { long, short } of [...standardWindows, ...lowObjectiveWindows])
      expect(minutes[long] / minutes[short]).toBe(12);
  });
});

describe('O01 a window with few events', () => {
  test('O01 needs more events the longer it is, and more the stricter the objective', () => {
    expect(standardWindows.map((window) => fewestEvents(9990, window))).toEqual([209, 500, 1000, 3000]);
    expect(standardWindows.map((window) => fewestEvents(9500, window))).toEqual([5, 10, 20, 60]);
    expect(lowObjectiveWindows.map((window) => fewestEvents(9000, window))).toEqual([6, 10, 15, 30]);
  });

  test.each([9990, 9950, 9900, 9500])('O01 two bad events of the fewest never fire at %i, three do', (objectiveBp) => {
    for (const window of standardWindows) {
      const least = fewestEvents(objectiveBp, window);
      expect(2 / least).toBeLessThan(Number(threshold(objectiveBp, window)));
      expect(3 / (least - 1)).toBeGreaterThan(Number(threshold(objectiveBp, window)));
    }
  });
});

describe('O01 an objective is refused', () => {
  test('O01 when everything failing would hardly reach a threshold; the lowest that is not, is taken', () => {
    expect(lowestObjectiveBp(standardWindows)).toBe(9375);
    expect(() => checkObjective('a', 9375, standardWindows)).not.toThrow();
    expect(() => checkObjective('a', 9374, standardWindows)).toThrow(
      'Cannot use the objective 93.74 % of "a": its alert on 1h would wait for 90.14 % of failures, and above 90 % is as good as never. Use lowObjectiveWindows, or raise the objective to 93.75 %.',
    );
  });

  test('O01 with other windows offered, as long as those help', () => {
    expect(lowestObjectiveBp(lowObjectiveWindows)).toBe(8200);
    expect(() => checkObjective('a', 8200, lowObjectiveWindows)).not.toThrow();
    expect(() => checkObjective('a', 8199, lowObjectiveWindows)).toThrow(/Raise the objective to 82 %, or alert on/);
    expect(() => checkObjective('a', 8199, standardWindows)).toThrow(/Raise the objective to 93\.75 %, or alert on/);
  });

  test.each([0, 10_000, 99.9, 9990.5, Number.NaN])('O01 when it is %d', (objectiveBp) => {
    expect(() => checkObjective('a', objectiveBp, standardWindows)).toThrow(/write basis points/);
  });
});

test('O01 a budget in minutes and events', () => {
  expect(budget(9990)).toEqual({ minutes: 43.2, of10000: 10 });
  expect(budget(9500)).toEqual({ minutes: 2160, of10000: 500 });
});

test('O01 numbers read as people write them', () => {
  expect([9990, 9500, 9000, 9995].map(percent)).toEqual(['99.9 %', '95 %', '90 %', '99.95 %']);
  expect([9990, 9500, 10].map(share)).toEqual(['0.999', '0.95', '0.001']);
});
