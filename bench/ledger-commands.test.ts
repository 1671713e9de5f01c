import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { commands } from '../monitor/cli/commands.ts';
import { SqliteLedger } from '../monitor/store/sqlite/sqlite-ledger.ts';
import { lines, measureCommands } from './ledger-commands.ts';
import { runFacts } from './ledger-facts.ts';

const nameOf = (line: string) => line.split(' ')[0];

test('R01 the bench asks every command but the one that reads the whole file', () => {
  const names = new Set(lines.map(nameOf));
  expect(commands.map(({ usage }) => nameOf(usage)).filter((name) => !names.has(name))).toEqual(['check']);
});

test('R01 each line of it can be asked, and is as often as is told', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fleetscope-bench-commands-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [file, runs] = [join(folder, 'ledger.db'), 200];
  const ledger = new SqliteLedger(file);
  // The runs that are asked for, and those of the last month: of fewer nothing can be estimated.
  const some = [2, 121, ...Array.from({ length: 60 }, (_, i) => 140 + i)];
  ledger.record(some.flatMap((run) => runFacts(run, runs)));
  ledger.close();
  const made = { file, runs, executions: 10 * runs, bytes: 1 };
  const times = await measureCommands(made, 2, () => {});
  expect(times.map(({ line }) => line)).toEqual(lines);
  for (const { calls, p50, p95, longest } of times)
    expect({ calls, sorted: 0 < p50 && p50 <= p95 && p95 <= longest }).toEqual({ calls: 2, sorted: true });
  // One that is not there is an error, and no time.
  await expect(measureCommands({ ...made, runs: 1_000_000 }, 2, () => {})).rejects.toThrow('Cannot find the run');
});
