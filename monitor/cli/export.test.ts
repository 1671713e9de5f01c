import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { MemoryLedger } from '../testing/memory-ledger.ts';
import { runCommand, terminal } from '../testing/run-command.ts';
import { someFleet } from '../testing/some-fleet.ts';
import { someExecution, someOrchestration, someStep } from '../testing/some-run.ts';
import { printed } from './command.ts';

const folder = mkdtempSync(join(tmpdir(), 'fleetscope-export-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('R01 export writes runs with all that is theirs, as JSON, or one a line', async () => {
  const { written, text } = await runCommand(someFleet(), 'export');
  const runs = JSON.parse(written) as {
    orchestration: { session_id: string };
    executions: object[];
    steps: object[];
  }[];
  expect(runs.map(({ orchestration }) => orchestration.session_id)).toEqual([
    ...['build-1', 'build-2', 'deploy-1', "it's running"],
  ]);
  expect([runs[0]?.executions.length, runs[0]?.steps.length, text]).toEqual([2, 3, '']);
  const lines = (await runCommand(someFleet(), 'export', { format: 'ndjson' })).written.split('\n');
  expect(lines.slice(0, -1).map((line) => JSON.parse(line))).toEqual(runs);
  expect(lines.at(-1)).toBe('');
  const one = await runCommand(someFleet(), 'export deploy-1');
  expect(JSON.parse(one.written)).toEqual([runs[2]]);
  expect((await runCommand(new MemoryLedger(), 'export')).written).toBe('[]\n');
});

test('R01 export of a run that is not there writes nothing', async () => {
  await expect(runCommand(someFleet(), 'export nobody')).rejects.toThrow('Cannot find the run "nobody"');
  await expect(runCommand(someFleet(), 'export', { format: 'xml' })).rejects.toThrow('give one of json, ndjson, csv');
  await expect(runCommand(someFleet(), 'export', { table: 'steps' })).rejects.toThrow('Add --format csv.');
});

test('R02 CSV has the columns of the tables in their order: 13 and 17 of the source first', async () => {
  const head = async (table: string) =>
    (await runCommand(someFleet(), 'export', { format: 'csv', table })).written.split('\r\n')[0]?.split(',') ?? [];
  expect((await head('orchestrations')).slice(0, 13).join(' ')).toBe(
    'id session_id task_description status started_at completed_at duration_ms total_tasks completed_tasks failed_tasks git_commit_hash plan_file_path progress_file_path',
  );
  expect((await head('agent_executions')).slice(0, 17).join(' ')).toBe(
    'id orchestration_id agent_session_id agent_name task_id task_number status started_at completed_at duration_ms retry_count self_healed files_created files_modified error_message summary_report_path session_log_path',
  );
  expect((await head('orchestrations')).sort()).toEqual(Object.keys(someOrchestration('x')).sort());
  expect((await head('agent_executions')).sort()).toEqual(Object.keys(someExecution('x')).sort());
});

test('R01 a text is one cell of CSV, and no formula of a spreadsheet', async () => {
  const texts = ['plain', 'a,"b"\r\nc', '', '=HYPERLINK("http://x")', '-1+1', '+4', '@x'];
  const ledger = new MemoryLedger(
    texts.map((task_description, i) => ({
      ...{ orchestration: someOrchestration(`r${i}`, { id: `i${i}`, task_description }), executions: [], steps: [] },
    })),
  );
  const { written } = await runCommand(ledger, 'export', { format: 'csv' });
  const cells = [...written.matchAll(/\r\ni\d,r\d,((?:"(?:[^"]|"")*"|[^,])*),completed/g)].map(([, cell]) => cell);
  expect(cells).toEqual([...['plain', '"a,""b""\r\nc"', '""', `"'=HYPERLINK(""http://x"")"`, "'-1+1", "'+4", "'@x"]]);
  // Numbers below nothing are numbers, and null is an empty cell.
  expect(written).toMatch(/^i0,r0,.*,300000,2,2,0,,,,/m);
});

test('R01 an export steers no terminal: in CSV control characters are shown as such, in JSON they are escaped', async () => {
  const task_description = 'red \u001b[31m\u0007\u009b2J\ta\r\nb\u0000';
  const details = { subject: '\u009b2J' };
  const orchestration = someOrchestration('r', { task_description });
  const step = someStep('s', { orchestration_id: orchestration.id, details });
  const ledger = new MemoryLedger([{ orchestration, executions: [], steps: [step] }]);
  const csv = async (table: string) => (await runCommand(ledger, 'export', { format: 'csv', table })).written;
  expect(await csv('orchestrations')).toContain(',"red \uFFFD[31m\uFFFD\uFFFD2J\ta\r\nb\uFFFD",');
  const json = (await runCommand(ledger, 'export')).written;
  expect(json).not.toMatch(/[^\P{Cc}\n]/u);
  expect(JSON.parse(json)).toMatchObject([{ orchestration: { task_description }, steps: [{ details }] }]);
  const shown = await runCommand(ledger, 'show r', { format: 'json' });
  expect(shown.text).not.toMatch(/\p{Cc}/u);
  expect(printed(shown, { json: true })).not.toMatch(/[^\P{Cc}\n]/u);
  expect(await csv('steps')).toContain('""subject"":""\uFFFD2J""');
});

test('R01 export in a file is there when it is whole', async () => {
  const output = join(folder, 'runs.json');
  const { text, written } = await runCommand(someFleet(), 'export', { output });
  expect([text, written]).toEqual([`Written: ${output}`, '']);
  expect(JSON.parse(readFileSync(output, 'utf8'))).toHaveLength(4);
  const broken = someFleet();
  broken.export = async function* () {
    yield* new MemoryLedger().export();
    throw new Error('disk gone');
  };
  await expect(runCommand(broken, 'export', { output: join(folder, 'other.json') })).rejects.toThrow('disk gone');
  await expect(runCommand(someFleet(), 'export', { output: join(folder, 'no', 'x.json') })).rejects.toThrow(
    /^Cannot write .*x\.json: ENOENT\. Name another file/,
  );
  expect(readdirSync(folder)).toEqual(['runs.json']);
});

test('R01 export reads no further than somebody takes it', async () => {
  let read = 0;
  const endless = someFleet();
  endless.export = async function* () {
    for (;;) {
      read++;
      yield { orchestration: someOrchestration(`r${read}`), executions: [], steps: [] };
    }
  };
  let taken = 0;
  const screen = { ...terminal(80), write: async () => ++taken < 3 };
  await runCommand(endless, 'export', {}, { screen });
  expect(taken).toBe(3);
  // Three chunks of 64 KiB.
  expect(read * JSON.stringify(someOrchestration('r1')).length).toBeLessThan(4 * 65_536);
});
