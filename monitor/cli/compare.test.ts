import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { MemoryLedger } from '../testing/memory-ledger.ts';
import { now, runCommand, terminal } from '../testing/run-command.ts';
import { someExecution, someOrchestration } from '../testing/some-run.ts';

const dayMs = 86_400_000;

/** Two weeks, the second one slower so many times. */
function twoWeeks(slower: number): MemoryLedger {
  const executions = Array.from({ length: 2 * 7 * 48 }, (_, i) => {
    const at = now - 14 * dayMs + i * 1_800_000;
    const duration_ms = (1000 + ((i * 7919) % 400)) * (at < now - 7 * dayMs ? 1 : slower);
    return someExecution(`e${i}`, { started_at: new Date(at).toISOString(), duration_ms });
  });
  return new MemoryLedger([{ orchestration: someOrchestration('x'), executions, steps: [] }]);
}

test('R05 compare finds what became slower, says how sure that is, and ends with a finding', async () => {
  const { text, json, findings } = await runCommand(twoWeeks(1.5), 'compare 14d..7d 7d..now');
  expect(text).toMatch(
    /^2026-11-12 09:30Z to 2026-11-19 09:30Z, compared with\n2026-11-19 09:30Z to 2026-11-26 09:30Z\n\n2 regressions\.\n/,
  );
  expect(text).toMatch(/\nbackend-agent\|median time\|1\.20 s\|1\.80 s\|\+50\.\d %\|\+4\d\.\d … \+5\d\.\d %\|worse\n/);
  expect(text).toMatch(/\n\n2 measures stayed as they were: --all shows them\.$/);
  expect(json).toMatchObject({ regressions: 2, before: { untilIso: '2026-11-19T09:30:00.000Z' } });
  expect(findings).toBe(true);
  // One period alone is the later one.
  expect((await runCommand(twoWeeks(1.5), 'compare 7d')).text).toBe(text);
});

test('R05 at a terminal compare names an agent once, above its measures', async () => {
  const { text } = await runCommand(twoWeeks(1.5), 'compare 7d', {}, { screen: terminal(80) });
  const rows = stripVTControlCharacters(text).split('\n\n')[2]?.split('\n');
  expect(rows).toEqual([
    'MEASURE|BEFORE|AFTER|CHANGE|BETWEEN|VERDICT',
    'backend-agent',
    expect.stringMatching(/^ {2}median time\|1\.20 s\|.*\|worse$/),
    expect.stringMatching(/^ {2}p95 time\|.*\|worse$/),
  ]);
});

test('R05 compare of two weeks that are alike finds nothing', async () => {
  const { text, findings } = await runCommand(twoWeeks(1), 'compare 7d');
  expect(text).toMatch(/\n\nNothing became worse, as far as one can be 95\.0 % sure\.\n/);
  expect(text).not.toMatch(/steady/);
  const all = await runCommand(twoWeeks(1), 'compare 7d', { all: true });
  expect(all.text).toMatch(/\nbackend-agent\|fails\|0\.0 %\|0\.0 %\|0\.0 points\|-\d\.\d … \+\d\.\d points\|steady\n/);
  expect(findings).toBe(false);
  const improved = await runCommand(twoWeeks(0.5), 'compare 7d');
  expect([improved.findings, improved.text.includes('|better')]).toEqual([false, true]);
});

test('R05 compare says what it did not compare', async () => {
  const few = await runCommand(twoWeeks(2), 'compare 3h 2h..now');
  expect(few.text).toMatch(/1 agent and operation with fewer than 20 of them on a side: not compared\./);
  expect(few.findings).toBe(false);
  const gone = await runCommand(twoWeeks(2), 'compare 60d..50d 7d');
  expect(gone.text).toMatch(/Only in the second: backend-agent\./);
  const nobody = await runCommand(twoWeeks(2), 'compare 7d', { agent: 'nobody' });
  expect(nobody.json).toMatchObject({ groups: [] });
  await expect(runCommand(twoWeeks(2), 'compare lately')).rejects.toThrow(RangeError);
});

test('R05 trend shows each day, and where it leads', async () => {
  const { text, json } = await runCommand(twoWeeks(2), 'trend', { since: '2026-11-13', until: '2026-11-25' });
  expect(text.split('\n').slice(0, 2)).toEqual([
    'DAY|TIMES|FAILED|P50|P95|COST',
    expect.stringMatching(/^2026-11-13\|48\|-\|1\.\d\d s\|1\.\d\d s\|\$2\.88$/),
  ]);
  expect(text).toMatch(
    /\n\nexecutions\|neither rising nor .*\nfailures\|neither .*\nmedian time\|rising by \d+ ms a day\n/,
  );
  expect(json).toMatchObject({ stretch: 'day', points: expect.any(Array) });
  expect((await runCommand(twoWeeks(2), 'trend', { by: 'hour' })).text).toMatch(/\n2026-11-26 09:00 so far\|1\|/);
  expect((await runCommand(new MemoryLedger(), 'trend')).text).toBe(
    'Nothing has begun since 2026-10-27 00:00Z. Look further back: --since 90d.',
  );
  await expect(runCommand(twoWeeks(2), 'trend', { by: 'year' })).rejects.toThrow('give one of hour, day, week');
});
