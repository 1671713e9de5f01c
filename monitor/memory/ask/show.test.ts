import { afterAll, beforeAll, expect, test } from 'vitest';
import { MemoryLedger } from '../../testing/memory-ledger.ts';
import { runCommand } from '../../testing/run-command.ts';
import { someExecution } from '../../testing/some-run.ts';
import type { MemoryStore } from '../store/memory-store.ts';
import { elevenWeeks, type Remembered, rememberedDays } from '../testing/remembered-days.ts';
import { memoryBeside, openForReading } from './beside.ts';

let there: Remembered;
beforeAll(async () => {
  there = await rememberedDays(elevenWeeks);
});
afterAll(() => there[Symbol.asyncDispose]());

/** As the command opens one, and closes it again. */
const memory = () => openForReading(there.file, () => {});
const show = (id: string, options = {}) => runCommand(new MemoryLedger([]), `show ${id}`, options, { memory });

test('B10 each kind of evidence opens', async () => {
  expect((await show('day:2026-02-14')).text).toMatch(/^2026-02-14, UTC\n\nknown\|for good.*\ntasks\|\d+ begun: /);
  expect((await show('week:2026-W06')).text).toMatch(/^# 2026-W06\n/);
  expect((await show('error:fedcba987654')).text).toMatch(/\nstatus\|quiet\nseen\|\d+ times on \d+ days, /);
  expect((await show('decision:decision-2026-02-14')).text).toMatch(/^decided\|Which model\?: claude-haiku/);
  expect((await show('lesson:agent-task/code/write')).text).toMatch(/^lesson\|code fails at write: /);
  expect((await show('day:2026-02-14', { json: true })).json).toMatchObject({ date: '2026-02-14', state: 'final' });
});

test('B10 every id that a lesson or a week names as its evidence opens, or is a run of the ledger', async () => {
  const findings = await there.memory.findings('2026-W07');
  const own = [...new Set(findings.flatMap(({ evidence }) => evidence))].filter((id) => /^\w+:/.test(id));
  expect(own.length).toBeGreaterThan(1);
  for (const id of own) expect((await show(id)).text, id).not.toBe('');
});

test('B10 evidence that is not there is said to be unknown, with how to get it', async () => {
  await expect(show('day:2024-01-01')).rejects.toThrow(
    'Cannot open day:2024-01-01: nothing is known of it; the memory begins on 2025-12-01 and ends on 2026-02-15.',
  );
  for (const id of ['week:2024-W02', 'error:nosuch', 'decision:nosuch', 'anomaly:nosuch', 'lesson:nosuch'])
    await expect(show(id), id).rejects.toThrow(/^Cannot open .*: nothing is known of it; /);
  await expect(show('day:2026-02-30')).rejects.toThrow(RangeError);
  const none = { memory: (): Promise<MemoryStore> => openForReading('/nonexistent/memory.db', () => {}) };
  await expect(runCommand(new MemoryLedger([]), 'show day:2026-02-14', {}, none)).rejects.toThrow(
    /^Cannot open the memory: there is none at \/nonexistent\/memory\.db\. One comes to be by "npm run up"/,
  );
});

test('B10 work of an agent that belongs to no run opens, too', async () => {
  const stray = someExecution('stray-1', { orchestration_id: null });
  const ledger = Object.assign(new MemoryLedger([]), { execution: async () => stray });
  const { text } = await runCommand(ledger, `show ${stray.agent_session_id}`);
  expect(text).toMatch(/^Work of an agent that belongs to no run\.\n\nEXECUTION\|/);
  await expect(runCommand(new MemoryLedger([]), 'show nobody-knows')).rejects.toThrow(/^Cannot find the run/);
});

test('M06 memory is beside its ledger', () => {
  expect(memoryBeside('/data/ledger.db')).toBe('/data/memory.db');
  expect(memoryBeside('sqlite:/data/ledger.db')).toBe('/data/memory.db');
  expect(memoryBeside('mongodb://host/fleet')).toBe('mongodb://host/fleet');
});
