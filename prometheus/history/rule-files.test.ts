import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readRules } from './rule-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'fleetscope-rules-'));
afterAll(() => rmSync(folder, { recursive: true }));

writeFileSync(
  join(folder, 'tasks.yml'),
  `groups:
  - name: tasks
    interval: 1m
    rules:
      - record: a:failures:ratio
        expr: a / b
        labels: { slo: x }
      - alert: TasksFail
        expr: a:failures:ratio > 0.1
        for: 1h30m
        keep_firing_for: 5m
        labels: { severity: warning }
        annotations: { summary: whatever }
`,
);
writeFileSync(join(folder, 'tasks.test.yml'), 'rule_files: [tasks.yml]\ntests: []\n');

test('B08 a folder of rules is read, with their durations, and without the tests beside them', () => {
  const tasks = { group: 'tasks', hold: 5400, keep: 300, interval: 60, labels: { severity: 'warning' } };
  expect(readRules(folder)).toEqual({
    recordings: [{ name: 'a:failures:ratio', expr: 'a / b', labels: { slo: 'x' }, interval: 60 }],
    alerts: [{ name: 'TasksFail', expr: 'a:failures:ratio > 0.1', ...tasks }],
  });
});

test('B08 one alert is picked by its name, a misspelt one is answered with the nearest', () => {
  expect(readRules(join(folder, 'tasks.yml'), 'TasksFail').alerts).toHaveLength(1);
  expect(() => readRules(folder, 'TaskFails')).toThrow('The nearest name is TasksFail.');
});

test('B08 what is no rule file is refused with its name', () => {
  const broken = join(folder, 'broken.yaml');
  writeFileSync(broken, 'groups:\n  - name: g\n    rules:\n      - alert: X\n        expr: up\n        for: soon\n');
  expect(() => readRules(broken)).toThrow(/^Cannot read \S+broken\.yaml: .*"soon"/);
  expect(() => readRules('/nowhere')).toThrow(/^Cannot read \/nowhere: ENOENT/);
});
