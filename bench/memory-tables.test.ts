import { expect, test } from 'vitest';
import type { Finding } from '../monitor/memory/record.ts';
import { judge } from '../monitor/memory/testing/sixty-days-judge.ts';
import { type Plant, plants } from '../monitor/memory/testing/sixty-days-plants.ts';
import type { MemoryReport } from './memory.ts';
import { memoryTables, memoryVerdict } from './memory-tables.ts';

const told = ({ kind, key, weeks }: Pick<Plant, 'kind' | 'key' | 'weeks'>, more: Partial<Finding> = {}): Finding => ({
  ...{ week: weeks[1], key, kind, direction: 1, numbers: {}, words: {}, sample: 100, effect: 1, low: null, high: null },
  ...{ confidence: 0.99, method: 'counted', evidence: [], ...more },
});
const all = plants.map((plant) => told(plant));
const chance = told({ kind: 'agent-task', key: 'agent-task/docs/translate', weeks: ['2026-W03', '2026-W03'] });
const report = (...seeds: Finding[][]): MemoryReport => ({
  machine: { cores: 2, node: '24.0.0', platform: 'linux', load: [0.5, 2.25] },
  seeds: seeds.map((findings, i) => ({ seed: i + 1, judgement: judge(findings) })),
  cpuSeconds: 4.2,
});
const kept = (...seeds: Finding[][]) => memoryVerdict(report(...seeds)).map((one) => one.kept);

test('M02 the verdict on a run: what is claimed is so, what is there is found, what means nothing is not claimed', () => {
  expect(kept(all, all)).toEqual([true, true, true]);
  // The contrary of a plant, or the plant in another week, is a claim that is wrong, and leaves it to be found.
  const [first] = plants as [Plant];
  expect(kept([...all.slice(1), told(first, { direction: -1 })])).toEqual([false, false, true]);
  expect(kept([...all.slice(1), told(first, { week: '2026-W10' })])).toEqual([false, false, true]);
  expect(kept(all.slice(1))).toEqual([true, false, true]);
  expect(kept([...all, chance])).toEqual([false, true, false]);
});

test('M02 the tables name each kind with its precision and recall, and everything that was wrong or missed', () => {
  const text = memoryTables(report(all, [...all.slice(1), chance]));
  expect(text).toContain('Load average 0.5 before and 2.3 after. 2 seeds of sixty days; one took 4 s of a processor');
  expect(text).toContain('| agent-task | 1 | 1 | 50.0 % | 2 | 1 | 50.0 % |');
  expect(text).toContain('| regression | 4 | 0 | 100.0 % | 4 | 4 | 100.0 % |');
  expect(text).toContain('| four of six tasks of an agent fail in one week | 1 of 2 |');
  expect(text).toContain('Wrong:\n\n- `seed 2: 2026-W03 agent-task/docs/translate`');
  expect(text).toContain('Missed:\n\n- `seed 2: agent-task/code/migrate`');
  expect(memoryTables(report(all))).toContain('Wrong: none.\n\nMissed: none.');
});

test('M02 a year of a large fleet: what each command costs, beside whole days at once; too much memory is no kept promise', () => {
  const year = (peakMib: number, wholeMib: number) => ({
    ...{ days: 364, kinds: 500, mibOfDay: 1.25, whole: { line: '', cpuSeconds: 9, peakMib: wholeMib } },
    lines: [{ line: 'consolidate', cpuSeconds: 4.25, peakMib }],
  });
  const of = (peakMib: number, wholeMib = 2000) => ({ ...report(all), year: year(peakMib, wholeMib) });
  const text = memoryTables(of(400));
  expect(text).toContain('364 days of 500 kinds of work, the most that a day holds one by one; a day is 1.25 MiB.');
  expect(text).toContain('| `npm run memory -- consolidate` | 4.3 | 400 |');
  expect(text).toContain('| the alternative: one week from whole days | 9.0 | 2000 |');
  expect([of(1024), of(1025)].map((one) => memoryVerdict(one).at(-2)?.kept)).toEqual([true, false]);
  // As much as the alternative takes is no saving.
  expect([of(450, 600), of(451, 600), of(609, 609)].map((one) => memoryVerdict(one).at(-1)?.kept)).toEqual([
    ...[true, false, false],
  ]);
  // What was not measured is not told.
  expect(memoryTables(report(all))).not.toContain('year');
});
