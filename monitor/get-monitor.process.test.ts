import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execaNode } from 'execa';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { closeMonitors, getMonitor } from './get-monitor.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fleetscope-monitor-'));
  vi.stubEnv('FLEETSCOPE_MONITOR_DB', join(folder, 'deeper', 'ledger.db'));
});
afterEach(() => {
  closeMonitors();
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const program = `
  import { getMonitor } from ${JSON.stringify(join(import.meta.dirname, 'get-monitor.ts'))};
  const monitor = getMonitor();
  if (process.env.FULL) {
    const { FileError } = await import(${JSON.stringify(join(import.meta.dirname, '../service/sqlite-error.ts'))});
    const { SqliteLedger } = await import(${JSON.stringify(join(import.meta.dirname, 'store/sqlite/sqlite-ledger.ts'))});
    const record = SqliteLedger.prototype;
    Object.defineProperty(record, 'connection', { get: () => ({ tryWrite() { throw new FileError('Cannot write to it: the disk is full. Free space.'); } }) });
  }
  monitor.startOrchestration({ sessionId: 's' });
  console.log('went on');
`;

test('R03 any Node program can use it, which ends when its work ends; a full disk does not stop it, and what is lost is told', async () => {
  const file = join(folder, 'program.mjs');
  writeFileSync(file, program);
  const env = { FLEETSCOPE_MONITOR_DB: join(folder, 'ledger.db') };
  const fine = await execaNode(file, { env });
  expect(fine).toMatchObject({ stdout: 'went on', stderr: '' });
  expect(getMonitor({ db: env.FLEETSCOPE_MONITOR_DB }).getOrchestrationSummary('s').orchestration.status).toBe(
    'running',
  );
  const full = await execaNode(file, { env: { FLEETSCOPE_MONITOR_DB: join(folder, 'full.db'), FULL: '1' } });
  expect(full).toMatchObject({ stdout: 'went on', exitCode: 0 });
  expect(full.stderr).toMatch(/FleetscopeWarning: Cannot write to it: the disk is full\. Free space\. Until then/);
  expect(full.stderr).toMatch(/Lost 1 facts? of the run ledger/);
});

const finisher = `
  import { getMonitor } from ${JSON.stringify(join(import.meta.dirname, 'get-monitor.ts'))};
  const monitor = getMonitor({ strict: true });
  const told = { ended: 0, refused: 0 };
  for (let i = 0; i < 25; i++)
    try {
      monitor.completeOrchestration({ sessionId: String(i), status: 'completed' });
      told.ended += 1;
    } catch (error) {
      if (!/completed already/.test(error.message)) throw error;
      told.refused += 1;
    }
  console.log(JSON.stringify(told));
`;

test('R03 of processes that end the same runs at the same time, one alone is believed for each', async () => {
  const file = join(folder, 'finisher.mjs');
  writeFileSync(file, finisher);
  const monitor = getMonitor();
  for (let i = 0; i < 25; i++) monitor.startOrchestration({ sessionId: String(i) });
  const ends = await Promise.all([1, 2, 3].map(() => execaNode(file)));
  const told = ends.map(({ stdout }) => JSON.parse(stdout) as { ended: number; refused: number });
  expect(told.reduce((sum, { ended }) => sum + ended, 0)).toBe(25);
  expect(told.reduce((sum, { refused }) => sum + refused, 0)).toBe(50);
  expect(monitor.getSystemHealth().orchestrations).toMatchObject({ total: 25, completed: 25 });
});
