import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import type { LedgerReport } from '../../bench/ledger.ts';
import { processesThatName, repository } from './command-line.ts';

const bench = (...args: string[]) =>
  execa({ reject: false })(process.execPath, [join(repository, 'scripts', 'bench.ts'), 'ledger', ...args]);

test('R01 the bench of the ledger measures both stores, every command and the exports, and nothing stays behind', async () => {
  const { exitCode, stdout, stderr } = await bench('--quick', '--json');
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('cleanup of a day') });
  const { rates, ledger, commands, processes, upkeep, exports } = JSON.parse(stdout) as LedgerReport;
  expect(rates.mongo).toMatchObject({ server: expect.stringContaining('not MongoDB') });
  const mongo = typeof rates.mongo === 'string' ? rates.calls : rates.mongo.telemetry;
  for (const { perSecond, ratio, runBytes, floorRunBytes } of [rates.telemetry, rates.calls, mongo]) {
    expect([perSecond.median, ratio.median, floorRunBytes].every((number) => number > 0)).toBe(true);
    // A ledger that kept neither facts nor an index would take as much as plain rows.
    expect(runBytes).toBeGreaterThan(floorRunBytes);
  }
  expect(ledger).toMatchObject({ runs: 200, executions: 2000 });
  const asked = new Set(commands.map(({ line }) => line.split(' ')[0]));
  for (const name of ['list', 'show', 'agent', 'health', 'performance', 'failures', 'losses', 'compare', 'cleanup'])
    expect(asked).toContain(name);
  for (const { calls, p95 } of commands) expect({ calls, isMeasured: p95 > 0 }).toEqual({ calls: 2, isMeasured: true });
  expect(processes.map(({ line }) => line)).toEqual(['list', 'show latest', 'performance']);
  expect(exports.map(({ executions }) => executions)).toEqual([20, 200, 2000]);
  for (const { peakMib } of exports) expect(peakMib).toBeGreaterThan(10);
  // Each execution is some two hundred bytes of JSON at least.
  expect(exports[2]?.bytes).toBeGreaterThan(2000 * 200);
  expect(upkeep.cleanupRuns).toBeGreaterThan(0);
  expect(await processesThatName('ledger-memory-preload')).toEqual([]);
});

test('R01 the numbers of a quick run of it cannot be published', async () => {
  const { exitCode, stderr } = await bench('--quick', '--write');
  expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringContaining('Cannot write the numbers') });
});
