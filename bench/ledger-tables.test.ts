import { expect, test } from 'vitest';
import type { LedgerReport } from './ledger.ts';
import { ledgerTables, ledgerVerdict } from './ledger-tables.ts';

const same = (median: number) => ({ median, low: median, high: median, rounds: 5 });
const rate = {
  ...{ perSecond: same(4000), executionsPerSecond: same(2500), floorPerSecond: same(48_000), ratio: same(12) },
  ...{ runBytes: 22_000, floorRunBytes: 5500 },
};
const report = (p95: number, growthMib: number | null): LedgerReport => ({
  machine: { cores: 2, node: '24.0.0', platform: 'linux', load: [0.5, 2.25] },
  rates: { telemetry: rate, calls: rate, mongo: { server: 'FerretDB, which is not MongoDB', telemetry: rate } },
  ledger: { file: '/tmp/made.db', runs: 100_000, executions: 1_000_000, bytes: 2 ** 31 },
  commands: [
    { line: 'list', calls: 24, p50: 2, p95: 4, longest: 5, cpuP95: 3 },
    { line: 'losses', calls: 24, p50: 20, p95, longest: 300, cpuP95: 90 },
  ],
  processes: [{ line: 'list', npm: same(400), node: same(150), floor: same(30), ratio: same(5) }],
  upkeep: {
    ...{ writeSeconds: 2, writtenPerSecond: 3000, checkSeconds: 10, checkMibPerSecond: 200 },
    ...{ cleanupSeconds: 4, cleanupRuns: 1111, cleanupExecutionsPerSecond: 2800 },
  },
  exports: [
    { executions: 10_000, bytes: 2 ** 20, seconds: 1, peakMib: 120, medianMib: 110, growthMib: null },
    { executions: 1_000_000, bytes: 2 ** 30, seconds: 64, peakMib: 180, medianMib: 170, growthMib },
  ],
});

test('R01 the verdict on a run: every command in time and the export flat, or missed', () => {
  const kept = (p95: number, growthMib: number | null) => ledgerVerdict(report(p95, growthMib)).map((one) => one.kept);
  expect(kept(199, -2)).toEqual([true, true]);
  expect(kept(200, 2)).toEqual([false, true]);
  expect(kept(40, 16)).toEqual([true, false]);
  expect(kept(40, null)).toEqual([true, false]);
  expect(ledgerVerdict(report(250, 1))[0]?.measured).toBe('1 of 2; the slowest 250 ms');
});

test('R01 the tables state each time beside its target, and what was no MongoDB', () => {
  const text = ledgerTables(report(250, -2));
  expect(text).toContain('| `list` | 2.0 | 4.0 | 2 % | 5.0 | 3.0 | 24 |');
  expect(text).toContain('| `losses` | 20.0 | 250.0 | **125 %** | 300.0 | 90.0 | 24 |');
  expect(text).toContain('| 1 000 000 | 180 | 170 | −2.0 |');
  expect(text).toContain('`export` of 1 000 000 executions: 1024 MiB | 64.00 | 16 MiB');
  expect(text).toContain('FerretDB, which is not MongoDB');
  const without = ledgerTables({
    ...report(40, 1),
    rates: { telemetry: rate, calls: rate, mongo: 'Cannot build it.' },
  });
  expect(without).toContain('MongoDB was not measured: Cannot build it.');
  expect(without).not.toContain('spans, MongoDB');
});
