import { expect, test } from 'vitest';
import { cannotMatch } from './matching.ts';

const outcomes = new Set(['success', 'failure', 'cancelled']);

test.each([
  ['=', 'failure'],
  ['!=', 'success'],
  ['=~', 'failure|cancelled'],
  ['=~', 'fail.*'],
  ['=~', '(failure|cancelled)'],
  ['=~', '.*'],
  ['=~', '$outcome'],
  ['=', ''],
])('B03 a comparison %s "%s" may hold', (operator, value) => {
  expect(cannotMatch(operator, value, outcomes)).toBeUndefined();
});

test.each([
  ['=', 'failed', '"failed" is none of its values. The nearest is "failure"'],
  ['!=', 'sucess', '"sucess" is none of its values. The nearest is "success"'],
  ['=~', 'failure|canceled', '"canceled" is none of its values. The nearest is "cancelled"'],
  ['=~', 'failed.*', '"failed.*" is none of its values. The nearest is "failure"'],
])('B03 a comparison %s "%s" cannot', (operator, value, says) => {
  expect(cannotMatch(operator, value, outcomes)).toBe(says);
});
