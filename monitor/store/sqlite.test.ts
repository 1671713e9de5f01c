import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fold } from '../ledger/fold.ts';
import { agentEnded, agentStarted, at, runEnded, runStarted, wholeRun, wholeRunCalls } from '../testing/some-facts.ts';
import { conformance } from './conformance.ts';
import { openLedger } from './open.ts';
import { SqliteLedger, sql } from './sqlite.ts';
import { sql as call } from './sqlite-call.ts';
import { openSqlite } from './sqlite-ledger.ts';
import { sql as report } from './sqlite-report.ts';
import { sql as rollup } from './sqlite-rollup.ts';
import { executions, orchestrations, steps } from './sqlite-table.ts';
import { sql as write } from './sqlite-write.ts';

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

test.each([
  ['runBySession', sql.runBySession, 'sqlite_autoindex_orchestrations_2 (session_id=?)'],
  ['runById', sql.runById, 'sqlite_autoindex_orchestrations_1 (id=?)'],
  ['runs', sql.runs('TRUE'), 'SCAN orchestrations USING INDEX orchestrations_started'],
  ['runs after one', sql.runs('(started_at, id) < (?, ?)'), 'orchestrations_started ((started_at,id)<(?,?))'],
  ['runs of a time', sql.runs('started_at >= ? AND started_at < ?'), 'orchestrations_started (started_at>? AND'],
  ['runs by status', sql.runs('status = ? AND started_at >= ?'), 'orchestrations_status (status=? AND started_at>?)'],
  ['execution', sql.executionBySession, 'sqlite_autoindex_agent_executions_2 (agent_session_id=?)'],
  ['executionById', sql.executionById, 'sqlite_autoindex_agent_executions_1 (id=?)'],
  ['executions', sql.executions('TRUE', 'ASC'), 'SCAN agent_executions USING INDEX agent_executions_started'],
  ['executions of a run', sql.executions('orchestration_id = ?', 'ASC'), '_orchestration (orchestration_id=?)'],
  ['executions of an agent', sql.executions('agent_name = ?', 'DESC'), 'agent_executions_agent (agent_name=?)'],
  ['steps', sql.steps, 'steps_orchestration (orchestration_id=?)'],
  ['page', sql.page, 'orchestrations_started ((started_at,id)>(?,?))'],
  ['removable', sql.removable, 'threads_ended (ended_at<?)'],
  ['removableRuns', sql.removableRuns, 'orchestrations_thread (thread=?)'],
  ['removableExecutions', sql.removableExecutions, 'agent_executions_thread (thread=?)'],
  ['runsBetween', report.runsBetween, 'COVERING INDEX orchestrations_started (started_at>?'],
  ['executionsBetween', report.executionsBetween, 'COVERING INDEX agent_executions_started (started_at>?'],
  ['countBetween', report.countBetween, 'COVERING INDEX agent_executions_started (started_at>?'],
  ['firstBegin', report.firstBegin, 'SCAN agent_executions USING COVERING INDEX agent_executions_started'],
  ['sums', report.sums, 'rollups USING PRIMARY KEY (kind=? AND grain=? AND at>? AND at<?)'],
  ['rollups', report.rollups, 'rollups USING PRIMARY KEY (kind=? AND grain=? AND at>? AND at<?)'],
  ['failedExecutions', report.failedExecutions, 'COVERING INDEX agent_executions_failed'],
  ['failedRuns', report.failedRuns, 'SCAN orchestrations USING COVERING INDEX orchestrations_failed_alone'],
  ['newestOfKind', report.newestOfKind, 'agent_executions_failed (error_fingerprint=? AND started_at>?'],
  ['samples', report.samples, 'COVERING INDEX agent_executions_started (started_at>?'],
  ['thinned', report.thinned, 'COVERING INDEX agent_executions_started (started_at>?'],
  ['rollup', rollup.read, 'rollups USING PRIMARY KEY (kind=? AND grain=? AND at=? AND agent_name=? AND operation=?)'],
  ['hasSpans', call.hasSpans, 'threads USING INTEGER PRIMARY KEY (rowid=?)'],
  ['fact', call.fact, 'facts USING INDEX sqlite_autoindex_facts_1 (thread=? AND id=?)'],
  ['ofRun', call.ofRun, 'agent_executions_orchestration (orchestration_id=?)'],
  ['threadOf', write.threadOf, 'links USING PRIMARY KEY (key=?)'],
  ['facts', write.facts, 'facts USING INDEX sqlite_autoindex_facts_1 (thread=?)'],
  ['forgetThread', write.forgetThread, 'threads USING INTEGER PRIMARY KEY (rowid=?)'],
  ...[orchestrations, executions, steps]
    .map(({ kept }) => kept)
    .map((text, i): [string, string, string] => [`kept ${i}`, text, '_thread (thread=?)']),
  ...write.moves.map((text, i): [string, string, string] => [`moves ${i}`, text, '(thread=?)']),
  ...write.removeAll.map((text, i): [string, string, string] => [`removeAll ${i}`, text, '=?)']),
])('R02 %s takes its index and sorts nothing that the index has sorted', (name, text, index) => {
  new SqliteLedger(file, { notice }).close();
  const database = new DatabaseSync(file);
  const plan = database
    .prepare(`EXPLAIN QUERY PLAN ${text}`)
    .all()
    .map(({ detail }) => detail)
    .join('\n');
  database.close();
  expect(plan).toContain(index);
  // The five sessions of a kind are sorted from two lists of a hundred at most.
  if (name !== 'newestOfKind') expect(plan).not.toContain('TEMP B-TREE');
  const walks = ['runs', 'executions', 'firstBegin', 'failedExecutions', 'failedRuns', 'newestOfKind'];
  if (!walks.includes(name)) expect(plan).not.toContain('SCAN');
});

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

test('R03 calls that are told one by one give the rows of folding them all, in any order', () => {
  const data = fc.record({
    name: fc.constantFrom('code', 'qa'),
    number: fc.constantFrom(1, 2),
    from: fc.integer({ min: 0, max: 9 }),
    took: fc.integer({ min: -1, max: 3 }),
    status: fc.constantFrom('completed', 'failed'),
  });
  const agents = fc.array(data, { minLength: 1, maxLength: 4 });
  const order = fc.shuffledSubarray([...Array(10).keys()]);
  const ledger = new SqliteLedger(file, { notice });
  let count = 0;
  fc.assert(
    fc.property(agents, order, fc.integer({ min: 1, max: 3 }), (agents, order, size) => {
      const session = `s${count++}`;
      const calls = agents.flatMap(({ name, number, from, took, status }, i) => [
        agentStarted(session, `${session}-${i}`, from, { agent_name: name, task_number: number }),
        agentEnded(`${session}-${i}`, from + took, {
          status,
          ...(status === 'failed' && { error_message: `no ${i}` }),
        }),
      ]);
      const facts = [runStarted(session, 0), runEnded(session, 12, {}), ...calls];
      const some = order.flatMap((at) => facts[at] ?? []);
      for (let i = 0; i < some.length; i += size) ledger.record(some.slice(i, i + size));
      const rows = fold(some);
      expect(ledger.orchestration(session)).toEqual(rows.orchestrations[0]);
      for (const row of rows.executions) expect(ledger.execution(row.agent_session_id)).toEqual(row);
    }),
    { numRuns: 150 },
  );
  expect(ledger.damage()).toBeUndefined();
  ledger.close();
});

test('R03 a run of a thousand agents is not read whole for each call', () => {
  const ledger = new SqliteLedger(file, { notice });
  ledger.record([runStarted('s1', 0)]);
  for (let i = 0; i < 100; i++) ledger.record([agentStarted('s1', `a${i}`, i, { agent_name: 'code' })]);
  let read = 0;
  const all = ledger.connection.all;
  ledger.connection.all = function <Row>(text: string, ...values: never[]) {
    const rows = all.call(this, text, ...values) as Row[];
    if (text === write.facts) read += rows.length;
    return rows;
  };
  ledger.record([agentEnded('a7', 200)]);
  expect(read).toBe(0);
  expect(ledger.orchestration('s1')).toMatchObject({ completed_tasks: 1, total_tasks: 100 });
  // With telemetry in it, it is.
  ledger.record(wholeRun('s1', 't1'));
  ledger.record([agentEnded('a8', 200)]);
  expect(read).toBeGreaterThan(200);
  ledger.close();
});

test('R02 a command waits for who holds the file, and says so when it has waited long enough', async () => {
  const ledger = new SqliteLedger(file, { notice });
  const holder = new DatabaseSync(file);
  holder.exec('BEGIN IMMEDIATE');
  const { connection } = ledger;
  expect(connection.tryWrite(() => 1, false)).toBeUndefined();
  expect(() => connection.tryWrite(() => 1, true)).toThrow(
    /^Cannot write to .*ledger\.db: database is locked\. Another process has held it for half a minute: end that one/,
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

test('R01 rollups say what the rows say, whatever came, went and came again', () => {
  const ledger = new SqliteLedger(file, { notice });
  for (let i = 0; i < 120; i++) {
    const from = i * 4000;
    const run = [
      runStarted(`s${i}`, from),
      agentStarted(`s${i}`, `a${i}`, from, { agent_name: `agent-${i % 3}` }),
      agentEnded(`a${i}`, from + 1 + i, { status: i % 4 ? 'completed' : 'failed' }),
      runEnded(`s${i}`, from + 200),
      ...wholeRun(`s${i}`, `t${i}`, from),
    ];
    for (const fact of i % 2 ? run : run.reverse()) ledger.record([fact]);
  }
  ledger.cleanup(at(40 * 4000));
  const sums = (
    table: string,
  ) => `count(*) AS rows, sum(status = 'completed') AS completed, sum(status = 'failed') AS failed,
    count(duration_ms) AS measured, sum(duration_ms) AS duration_ms, count(cost_micro_usd) AS priced,
    CAST(round(sum(cost_micro_usd) * 1000) AS INTEGER) AS cost_nano_usd FROM ${table}`;
  const database = new DatabaseSync(file);
  const counted = (kind: string, length: number) =>
    database
      .prepare(
        kind === 'run'
          ? `SELECT substr(started_at, 1, ${length}) AS at, '' AS agent_name, '' AS operation, ${sums('orchestrations')} GROUP BY 1`
          : `SELECT substr(started_at, 1, ${length}) AS at, agent_name, ifnull(operation, '') AS operation, ${sums('agent_executions')} GROUP BY 1, 2, 3`,
      )
      .all();
  const kept = (kind: string, grain: string) =>
    database
      .prepare(
        `SELECT at, agent_name, operation, unfinished + completed + failed + partial AS rows, completed, failed, measured,
          duration_ms, priced, cost_nano_usd FROM rollups WHERE kind = ? AND grain = ? ORDER BY at, agent_name, operation`,
      )
      .all(kind, grain);
  const known = (rows: Record<string, unknown>[]) =>
    rows.map((row) => ({ ...row, cost_nano_usd: row.cost_nano_usd ?? 0 }));
  for (const kind of ['run', 'execution']) {
    expect(kept(kind, 'hour')).toEqual(known(counted(kind, 13)));
    expect(kept(kind, 'day')).toEqual(known(counted(kind, 10)));
  }
  expect(kept('run', 'day').length).toBeGreaterThan(2);
  database.close();
  ledger.close();
});

test('R01 cleanup gives the space back to the disk', () => {
  const ledger = new SqliteLedger(file, { notice });
  for (let i = 0; i < 300; i++) ledger.record(wholeRun(`s${i}`, `t${i}`, i));
  const { bytesFreed, orchestrations } = ledger.cleanup(at(10_000));
  expect(orchestrations).toBe(300);
  expect(bytesFreed).toBeGreaterThan(1_000_000);
  expect(statSync(file).size).toBeLessThan(bytesFreed / 2);
  expect(ledger.damage()).toBeUndefined();
  ledger.close();
});

describe('R02 a file that is not ours to open', () => {
  test('of a newer fleetscope is refused and left alone', () => {
    new SqliteLedger(file, { notice }).close();
    const database = new DatabaseSync(file);
    database.exec('PRAGMA user_version = 99');
    database.close();
    const before = readFileSync(file);
    expect(() => new SqliteLedger(file, { notice })).toThrow(
      `Cannot open ${file}: a newer fleetscope wrote it (schema 99, this one knows 1). Use the newer one, or name another file: --db <file>.`,
    );
    expect(readFileSync(file)).toEqual(before);
  });

  test('of another program is refused and left alone', async () => {
    const other = join(folder, 'other.db');
    const database = new DatabaseSync(other);
    database.exec('CREATE TABLE theirs (x)');
    database.close();
    const before = readFileSync(other);
    await expect(openLedger(`sqlite:${other}`, { notice })).rejects.toThrow('another program');
    expect(readFileSync(other)).toEqual(before);
  });

  test('a folder that is a file is named', () => {
    writeFileSync(join(folder, 'data'), '');
    expect(() => new SqliteLedger(file, { notice })).toThrow(/^Cannot open .*ledger\.db: .*\. Check /);
  });

  test.each(['redis://localhost', 'sqlite:', ''])('"%s" is refused', async (url) => {
    await expect(openLedger(url, { notice })).rejects.toThrow('Write sqlite:<path>, or mongodb://');
  });
});

describe('R02 a damaged file is set aside, named, and what can be read of it is kept', () => {
  const damaged = (damage: (bytes: Buffer) => Buffer) => {
    const before = new SqliteLedger(file, { notice });
    for (let i = 0; i < 100; i++) before.record(wholeRun(`s${1000 + i}`, `t${1000 + i}`, i));
    before.close();
    const bytes = damage(readFileSync(file));
    writeFileSync(file, bytes);
    const notices: string[] = [];
    const ledger = new SqliteLedger(file, { notice: (line) => notices.push(line) });
    const kept = ledger.orchestrations(all).length;
    ledger.record(wholeRunCalls('new'));
    expect(ledger.damage()).toBeUndefined();
    ledger.close();
    const aside = readdirSync(join(folder, 'data')).filter((name) => /\.corrupt-[\dTZ-]+$/.test(name));
    expect(aside).toHaveLength(1);
    expect(notices).toEqual([expect.stringContaining(aside[0] as string)]);
    expect(readFileSync(join(folder, 'data', aside[0] as string))).toEqual(bytes);
    return { kept, notice: notices[0] as string };
  };

  test('when it is no database any more', () => {
    const { kept, notice } = damaged(() => Buffer.from('not a database, '.repeat(1000)));
    expect(kept).toBe(0);
    expect(notice).toContain('0 facts');
  });

  test('when a page is destroyed', () => {
    const { kept } = damaged((bytes) => {
      // A page of the facts' own tree: it holds their bodies.
      const page = 4096 * Math.floor(bytes.indexOf('{"source":"span","id":"t1050/07"') / 4096);
      return bytes.fill(0xff, page, page + 4096);
    });
    expect(kept).toBeGreaterThan(80);
    expect(kept).toBeLessThanOrEqual(100);
  });

  test('when it was cut off', () => {
    const { kept } = damaged((bytes) => bytes.subarray(0, 4096 * Math.floor(bytes.length / 4096 / 2)));
    expect(kept).toBeGreaterThan(0);
    expect(kept).toBeLessThanOrEqual(100);
  });
});

test('R02 8 processes that write at once and are killed lose no run that was answered, and halve none', async () => {
  new SqliteLedger(file, { notice }).close();
  const here = (path: string) => JSON.stringify(pathToFileURL(join(import.meta.dirname, path)).href);
  const code = `
    const { SqliteLedger } = await import(${here('sqlite.ts')});
    const { openSqlite } = await import(${here('sqlite-ledger.ts')});
    const { agentEnded, runEnded, wholeRun, wholeRunCalls } = await import(${here('../testing/some-facts.ts')});
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
