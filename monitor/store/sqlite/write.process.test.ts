import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SqliteLedger } from './sqlite-ledger.ts';

const notice = (line: string) => expect.unreachable(line);
let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fleetscope-ledger-'));
  file = join(folder, 'data', 'ledger.db');
});
afterEach(() => rmSync(folder, { recursive: true }));

const all = { limit: Number.POSITIVE_INFINITY };

test('R02 8 processes that write at once and are killed lose no run that was answered, and halve none', async () => {
  new SqliteLedger(file, { notice }).close();
  const here = (path: string) => JSON.stringify(pathToFileURL(join(import.meta.dirname, path)).href);
  const code = `
    const { SqliteLedger } = await import(${here('sqlite-ledger.ts')});
    const { openSqlite } = await import(${here('open-sqlite.ts')});
    const { agentEnded, runEnded, wholeRun, wholeRunCalls } = await import(${here('../../testing/some-facts.ts')});
    const [file, me] = process.argv.slice(1);
    const [plain, ledger] = [new SqliteLedger(file), openSqlite(file)];
    for (let i = 0; ; i++) {
      const run = 'w' + me + '-' + i;
      const said = (fact) => console.log(run, fact);
      // By call, one after the other; by telemetry, beside it; and into a run that all share.
      const telemetry = ledger.record(wholeRun(run, 't-' + run, i)).then(() => said('telemetry'));
      for (const fact of wholeRunCalls(run, i)) plain.record([fact]);
      said('calls');
      plain.record([wholeRunCalls('shared')[0], ...wholeRun('shared', 't-shared-' + run, i)]);
      said('shared');
      await telemetry;
    }`;
  const answered: string[] = [];
  await Promise.all(
    Array.from({ length: 8 }, async (_, me) => {
      const writer = spawn(process.execPath, ['--input-type=module', '-e', code, file, String(me)]);
      let lines = 0;
      createInterface(writer.stdout).on('line', (line) => {
        answered.push(line);
        // Each at another moment, while the others write.
        if (++lines === 9 + 3 * me) writer.kill('SIGKILL');
      });
      let errors = '';
      writer.stderr.on('data', (data) => (errors += data));
      await once(writer, 'close');
      expect(errors).toBe('');
    }),
  );
  const ledger = new SqliteLedger(file, { notice });
  expect(ledger.damage()).toBeUndefined();
  const lost = answered.filter((line) => {
    const [run, what] = line.split(' ') as [string, string];
    const row = ledger.orchestration(run);
    if (what === 'calls') return row?.status !== 'completed' || row.completed_tasks !== 5;
    if (what === 'telemetry') return row?.trace_id !== `t-${run}` || row.cost_micro_usd !== 18_345.6;
    return !ledger
      .executions({ limit: 1e9, orchestrationId: ledger.orchestration('shared')?.id ?? '' })
      .some(({ trace_id }) => trace_id === `t-shared-${run}`);
  });
  expect(lost).toEqual([]);
  expect(answered.length).toBeGreaterThanOrEqual(8 * 9);
  // A run has all its telemetry or none: a batch is one transaction.
  for (const { trace_id, cost_micro_usd, session_id } of ledger.orchestrations(all))
    if (session_id !== 'shared') expect(cost_micro_usd).toBe(trace_id === null ? null : 18_345.6);
  ledger.close();
}, 60_000);
