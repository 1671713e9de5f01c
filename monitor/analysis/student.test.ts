import { expect, test } from 'vitest';
import { studentLimit, studentTails } from './student.ts';

// Critical values of tables: two tails, by degrees of freedom.
test.each([
  [1, 12.706, 0.05],
  [2, 4.303, 0.05],
  [3, 3.182, 0.05],
  [4, 2.776, 0.05],
  [4, 8.61, 0.001],
  [7, 5.408, 0.001],
  [10, 2.228, 0.05],
  [10, 4.587, 0.001],
  [30, 2.042, 0.05],
])('M03 with %i degrees of freedom, %f is left to a chance of %f', (freedom, t, chance) => {
  expect(studentTails(t, freedom) / chance).toBeCloseTo(1, 2);
  expect(studentTails(-t, freedom)).toBe(studentTails(t, freedom));
  expect(studentLimit(chance, freedom) / t).toBeCloseTo(1, 2);
});

test('M03 nothing is as certain as nothing, and far out there is no chance', () => {
  expect(studentTails(0, 8)).toBe(1);
  expect(studentTails(1e9, 8)).toBeLessThan(1e-12);
  expect(studentTails(5, 4)).toBeGreaterThan(studentTails(5, 10));
});
