import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import type { EscalationReport } from '../../bench/escalation.ts';
import { processesThatName, repository } from './command-line.ts';

const bench = (...args: string[]) =>
  execa({ reject: false })(process.execPath, [join(repository, 'scripts', 'bench.ts'), 'escalation', ...args]);

test('X05 the bench of the escalation service measures all of it, and nothing stays behind', async () => {
  const { exitCode, stdout, stderr } = await bench('--quick', '--json');
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('memory: 600 of 600') });
  const { latency, memory, saves } = JSON.parse(stdout) as EscalationReport;
  const names = ['told p50', 'told p99', 'told, longest', 'answered p50', 'answered p99'];
  expect([Object.keys(latency.service), Object.keys(latency.ratio)]).toEqual([names, names]);
  for (const { median } of [...Object.values(latency.service), saves.alone, saves.together, saves.ratio])
    expect(median).toBeGreaterThan(0);
  expect(memory.samples.map(({ incidents }) => incidents).slice(-2)).toEqual([500, 600]);
  // A document and an audit trail of a few entries: a store that kept nothing would be smaller.
  expect(memory.storeBytes).toBeGreaterThan(1000);
  expect(memory.logBytes).toBeGreaterThan(1000);
  expect(await processesThatName('escalation-memory-preload')).toEqual([]);
});

test('X05 the numbers of a quick run of it cannot be published', async () => {
  const { exitCode, stderr } = await bench('--quick', '--write');
  expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringContaining('Cannot write the numbers') });
});
