/** `npm run memory` as a person starts it. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openLedger } from '../../store/open.ts';
import { elevenWeeks, type Remembered, rememberedDays } from '../testing/remembered-days.ts';

const scripts = join(import.meta.dirname, '..', '..', '..', 'scripts');
let there: Remembered;
let home: string;
beforeAll(async () => {
  there = await rememberedDays({ ...elevenWeeks, days: 8 });
  home = join(dirname(there.file), 'home');
});
afterAll(() => there[Symbol.asyncDispose]());

const run = (script: string, args: readonly string[], env: Record<string, string> = {}) =>
  execa(process.execPath, [join(scripts, `${script}.ts`), ...args], {
    ...{ reject: false, stdin: 'ignore', env: { FLEETSCOPE_HOME: home, FLEETSCOPE_MONITOR_DB: '', ...env } },
  });

test('M06 as a command: 0 answered, 1 not known, 2 wrong usage', async () => {
  const db = ['--db', there.file];
  const [known, unknown, wrong, nowhere, help, csv] = await Promise.all([
    run('memory', ['ask', 'cost', '--on', '2025-12-03', '--json', ...db]),
    run('memory', ['ask', 'cost', '--on', '2025-11-03', ...db]),
    run('memory', ['ask', 'cost', '--on', 'Tuesday', ...db]),
    run('memory', ['ask', 'cost']),
    run('memory', ['ask', 'cost', '--help']),
    run('memory', ['ask', 'cost', '--on', '2025-12-03', '--format', 'csv', ...db]),
  ]);
  expect([known, unknown, wrong, nowhere, help, csv].map(({ exitCode }) => exitCode)).toEqual([0, 1, 2, 1, 0, 0]);
  expect(JSON.parse(known.stdout)).toMatchObject({ from: '2025-12-03', missing: [] });
  expect(unknown.stderr).toMatch(
    /^Cannot tell the cost: nothing is known of 2025-11-03; the memory begins on 2025-12-01/,
  );
  expect(nowhere.stderr).toMatch(/^Cannot open the memory: there is none at .*memory\.db\. One comes to be by/);
  expect(csv.stdout).toMatch(/^name,cost_micro_usd,failed_micro_usd,/);
  // Who asks makes none.
  expect(existsSync(home)).toBe(false);
});

test('B10 the command of the ledger opens what memory has beside it', async () => {
  const ledger = join(dirname(there.file), 'ledger.db');
  await (await openLedger(ledger)).close();
  const [day, none] = await Promise.all([
    run('monitor', ['show', 'day:2025-12-03', '--db', ledger]),
    run('monitor', ['show', 'day:2024-12-03', '--db', ledger]),
  ]);
  expect([day.exitCode, none.exitCode]).toEqual([0, 1]);
  expect(day.stdout).toMatch(/^2025-12-03, UTC\n/);
  expect(none.stderr).toMatch(/^Cannot open day:2024-12-03: nothing is known of it;/);
});
