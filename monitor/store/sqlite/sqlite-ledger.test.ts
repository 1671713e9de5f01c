import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { at, runStarted, wholeRun } from '../../testing/some-facts.ts';
import { conformance } from '../conformance/conformance.ts';
import { openSqlite } from './open-sqlite.ts';
import { SqliteLedger } from './sqlite-ledger.ts';

const notice = (line: string) => expect.unreachable(line);
conformance('SQLite', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fleetscope-ledger-'));
  const now = () => Date.parse(at(3600));
  return {
    open: async () => openSqlite(join(folder, 'ledger.db'), { notice, now }),
    remove: async () => rmSync(folder, { recursive: true }),
  };
});

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fleetscope-ledger-'));
  file = join(folder, 'data', 'ledger.db');
});
afterEach(() => rmSync(folder, { recursive: true }));

const all = { limit: Number.POSITIVE_INFINITY };

describe('R02 the tables of the source document', () => {
  const columns = (table: string) => {
    const database = new DatabaseSync(file);
    const found = database.prepare(`SELECT name FROM pragma_table_info('${table}')`).all();
    database.close();
    return found.map(({ name }) => name);
  };

  test('have its columns, in its order, then ours; the journal is a WAL', () => {
    new SqliteLedger(file, { notice }).close();
    expect(columns('orchestrations').slice(0, 13)).toEqual(
      `id session_id task_description status started_at completed_at duration_ms total_tasks completed_tasks failed_tasks
      git_commit_hash plan_file_path progress_file_path`.split(/\s+/),
    );
    expect(columns('agent_executions').slice(0, 17)).toEqual(
      `id orchestration_id agent_session_id agent_name task_id task_number status started_at completed_at duration_ms
      retry_count self_healed files_created files_modified error_message summary_report_path session_log_path`.split(
        /\s+/,
      ),
    );
    const database = new DatabaseSync(file);
    expect(database.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
    database.close();
  });

  test('cascade: whoever deletes a run by hand deletes what is its', () => {
    const ledger = new SqliteLedger(file, { notice });
    ledger.record([...wholeRun('s1', 't1'), ...wholeRun('s2', 't2')]);
    const database = new DatabaseSync(file);
    database.exec("DELETE FROM orchestrations WHERE session_id = 's1'");
    database.close();
    expect(ledger.executions(all).map(({ trace_id }) => trace_id)).toEqual(['t2', 't2']);
    expect(ledger.damage()).toBeUndefined();
    ledger.close();
  });
});

test('R03 records of one turn share a transaction; one that fails does not harm the others', async () => {
  const ledger = openSqlite(file, { notice });
  const broken = { ...runStarted('s2', 0), at: 'never' };
  const answers = await Promise.allSettled([
    ledger.record([runStarted('s1', 0)]),
    ledger.record([broken]),
    ledger.record([runStarted('s3', 0)]),
  ]);
  const cannot = expect.objectContaining({ message: expect.stringMatching(/^Cannot write to .*ledger\.db: /) });
  expect(answers).toEqual([
    { status: 'fulfilled', value: undefined },
    { status: 'rejected', reason: cannot },
    { status: 'fulfilled', value: undefined },
  ]);
  expect((await ledger.orchestrations(all)).map(({ session_id }) => session_id).sort()).toEqual(['s1', 's3']);
  await ledger.close();
});

test('R02 a command waits for who holds the file, and says so when it has waited long enough', async () => {
  const ledger = new SqliteLedger(file, { notice });
  const holder = new DatabaseSync(file);
  holder.exec('BEGIN IMMEDIATE');
  const { connection } = ledger;
  expect(connection.tryWrite(() => 1, false)).toBeUndefined();
  expect(() => connection.tryWrite(() => 1, true)).toThrow(
    /^Cannot write to .*ledger\.db: database is locked\. Another process has held it for too long: end that one/,
  );
  expect(ledger.orchestrations(all)).toEqual([]);
  const late = openSqlite(file, { notice });
  const recorded = late.record([runStarted('s1', 0)]);
  setTimeout(() => holder.exec('COMMIT'), 50);
  await recorded;
  expect(ledger.orchestration('s1')).toBeDefined();
  holder.close();
  ledger.close();
  await late.close();
});

test('R01 cleanup gives the space back to the disk', () => {
  const ledger = new SqliteLedger(file, { notice });
  ledger.record(Array.from({ length: 120 }, (_, i) => wholeRun(`s${i}`, `t${i}`, i)).flat());
  const { bytesFreed, orchestrations } = ledger.cleanup(at(10_000));
  expect(orchestrations).toBe(120);
  expect(bytesFreed).toBeGreaterThan(1_000_000);
  expect(statSync(file).size).toBeLessThan(bytesFreed / 2);
  expect(ledger.damage()).toBeUndefined();
  ledger.close();
});
