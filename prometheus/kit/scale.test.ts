import { expect, test } from 'vitest';
import { compose } from '../../place.ts';
import { groups } from '../groups.ts';
import { targets } from '../targets.ts';
import { ruleFile } from './rule-file.ts';
import { scaled } from './scale.ts';

const file = (rule: object) => ({ groups: [{ name: 'test', interval: '1m', rules: [rule] }] });

test('A01 every duration of a rule is divided, its thresholds are not', () => {
  const rule = {
    alert: 'A',
    expr: 'sum(rate(x[5m])) > 60 and quantile_over_time(0.9, y[1d:5m] offset 30m) > 5',
    for: '2m',
    keep_firing_for: '10m',
  };
  expect(scaled(file(rule), 15)).toEqual({
    groups: [
      {
        name: 'test',
        interval: '4s',
        rules: [
          {
            alert: 'A',
            expr: 'sum(rate(x[20s])) > 60 and quantile_over_time(0.9, y[5760s:20s] offset 120s) > 5',
            for: '8s',
            keep_firing_for: '40s',
          },
        ],
      },
    ],
  });
});

test('A01 a window keeps four samples, a step a second, and times may be parts of one', () => {
  const rule = { alert: 'A', expr: 'rate(x[1m]) > 0 and max_over_time(y[1h:30s] offset 1m) > 0', for: '30s' };
  expect(scaled(file(rule), 120).groups[0]?.rules[0]).toEqual({
    alert: 'A',
    expr: 'rate(x[4s]) > 0 and max_over_time(y[30s:1s] offset 500ms) > 0',
    for: '250ms',
  });
});

test('A01 a factor of one changes no meaning, and no rule of ours has a duration that stays', () => {
  for (const group of groups(targets)) {
    const original = ruleFile(group, compose);
    const text = JSON.stringify(scaled(original, 60));
    expect(text, group.name).not.toMatch(/\[(?:5m|10m|30m|1h|1d)|offset \d+[mhd]|"for":"\d+m"/);
    expect(JSON.stringify(scaled(original, 1)).replace(/\d+[smhdw]/g, ''), group.name).toBe(
      JSON.stringify(original).replace(/\d+[smhdw]/g, ''),
    );
  }
});
