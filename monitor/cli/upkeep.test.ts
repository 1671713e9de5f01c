import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCommand } from '../testing/run-command.ts';
import { someFleet } from '../testing/some-fleet.ts';
import { databaseOf, mustExist } from './database.ts';

test('R01 cleanup tells what it removed; a dry run removes nothing', async () => {
  const ledger = someFleet();
  ledger.cleanup = new Proxy(ledger.cleanup, {
    apply: async (target, self, [before]) => ({
      ...(await Reflect.apply(target, self, [before])),
      bytesFreed: 1_310_720,
    }),
  });
  const later = { now: Date.parse('2026-12-26T07:30:00.000Z') };
  const dry = await runCommand(ledger, 'cleanup 30', { dryRun: true }, later);
  const what = '2 runs last heard of before 2026-11-26T07:30:00.000Z, with 3 executions';
  expect(dry.text).toBe(`Would remove ${what}. Nothing was changed.`);
  expect(dry.json).toEqual({
    ...{ before: '2026-11-26T07:30:00.000Z', dry_run: true },
    ...{ orchestrations: 2, executions: 3, strays: 0 },
  });
  const stray = someFleet();
  stray.removable = async () => ({ orchestrations: 0, executions: 0, strays: 1 });
  expect((await runCommand(stray, 'cleanup 30', { dryRun: true }, later)).text).toMatch(
    /^Would remove 0 runs .*, with 0 executions, and 1 trace that no run has claimed\. Nothing was changed\.$/,
  );
  const { text, json } = await runCommand(ledger, 'cleanup 30', {}, later);
  expect(text).toBe(`Removed ${what}; 1.3 MiB given back.`);
  expect(json).toMatchObject({ dry_run: false, orchestrations: 2 });
  expect((await runCommand(ledger, 'list')).text.split('\n')[1]).toMatch(/^it's running/);
  // What has not ended for so long never will.
  expect((await runCommand(ledger, 'cleanup 1', {}, later)).text).toMatch(/^Removed 2 runs last heard of before/);
});

test.each(['cleanup 0', 'cleanup -1', 'cleanup all', 'cleanup 1.5', 'cleanup 40000'])(
  'R01 "%s" is wrong usage',
  async (line) => {
    const ledger = someFleet();
    await expect(runCommand(ledger, line)).rejects.toThrow(RangeError);
    expect((await runCommand(ledger, 'list')).text.split('\n')).toHaveLength(5);
  },
);

test('R04 check: whole is 0; damaged, or set aside a moment ago, is a finding', async () => {
  const ledger = someFleet();
  expect(await runCommand(ledger, 'check')).toMatchObject({ text: 'The ledger is whole.', findings: false });
  const aside = await runCommand(ledger, 'check', {}, { notices: ['It is set aside as …'] });
  expect(aside).toMatchObject({ findings: true, json: { ok: true, notices: ['It is set aside as …'] } });
  ledger.damage = async () => 'row 7 missing from index\n\x1b[2J';
  const damaged = await runCommand(ledger, 'check');
  expect(damaged.text).toMatch(/^The ledger is damaged: row 7 missing from index\. Export what can be read/);
  expect(damaged.findings).toBe(true);
});

test('R01 the database is the one that is named, that the variable names, or that of the home', () => {
  const env = { FLEETSCOPE_MONITOR_DB: 'mongodb://db/fleet' };
  expect(databaseOf('x.db', env, '/home')).toBe('x.db');
  expect(databaseOf(undefined, env, '/home')).toBe('mongodb://db/fleet');
  expect(databaseOf(undefined, { FLEETSCOPE_MONITOR_DB: '' }, '/home')).toBe('/home/data/monitor/ledger.db');
});

test('R01 a command that reads makes no database, and says how one comes to be', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fleetscope-database-'));
  const file = join(folder, 'ledger.db');
  try {
    expect(() => mustExist(`${file}\u001b[2J`)).toThrow(`there is none at ${file}. One`);
    for (const named of [file, `sqlite:${file}`, `sqlite://${file}`])
      expect(() => mustExist(named)).toThrow(
        `Cannot open the ledger: there is none at ${file}. One comes to be by a program that calls getMonitor()`,
      );
    writeFileSync(file, '');
    for (const named of [file, `sqlite:${file}`, `sqlite://${file}`, 'mongodb://db/fleet']) mustExist(named);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
