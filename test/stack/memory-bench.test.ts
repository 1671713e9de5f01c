import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import type { MemoryReport } from '../../bench/memory.ts';
import { plants } from '../../monitor/memory/testing/sixty-days-plants.ts';
import { repository } from './command-line.ts';

const bench = (...args: string[]) =>
  execa({ reject: false })(process.execPath, [join(repository, 'scripts', 'bench.ts'), 'memory', ...args]);

test('M02 the bench of the memory judges a seed by the list of its plants, and the numbers of a quick run cannot be published', async () => {
  const { exitCode, stdout, stderr } = await bench('--quick', '--json');
  expect({ exitCode, stderr }).toEqual({
    exitCode: 0,
    stderr: expect.stringMatching(/^seed 1 of 1: sixty days\na year: /),
  });
  const { seeds, machine } = JSON.parse(stdout) as MemoryReport;
  expect(machine.load).toHaveLength(2);
  expect(seeds.map(({ seed }) => seed)).toEqual([1]);
  const scores = seeds.flatMap(({ judgement }) => judgement.scores);
  expect(scores.reduce((sum, { planted }) => sum + planted, 0)).toBe(plants.length);
  const refused = await bench('--quick', '--write');
  expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringContaining('Cannot write the numbers')]);
});
