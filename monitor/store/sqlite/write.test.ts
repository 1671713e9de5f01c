import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { fold } from '../../ledger/fold.ts';
import {
  agentEnded,
  agentStarted,
  at,
  chat,
  runEnded,
  runStarted,
  wholeRun,
  workflow,
} from '../../testing/some-facts.ts';
import { sql as folding } from './fold.ts';
import { openSqlite } from './open-sqlite.ts';
import { SqliteLedger } from './sqlite-ledger.ts';

const notice = (line: string) => expect.unreachable(line);
let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fleetscope-ledger-'));
  file = join(folder, 'data', 'ledger.db');
});
afterEach(() => rmSync(folder, { recursive: true }));

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
    if (text === folding.facts) read += rows.length;
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

const ofStatus: [string, string] = ["status = 'completed'", "status = 'failed'"];
const ofOutcome: [string, string] = ["outcome IS 'success'", "outcome IS 'failure'"];
/** What each kind of rollup counts. */
const rowsOf = {
  execution: {
    ...{ from: 'agent_executions', name: 'agent_name', operation: "ifnull(operation, '')", status: ofStatus },
  },
  workflow: { from: 'orchestrations', name: "ifnull(workflow_name, '')", operation: undefined, status: ofStatus },
  ...calls('model', "kind = 'model'", 'name'),
  ...calls('tool', "kind = 'tool'", 'name'),
  ...calls('agentless', "kind IN ('model', 'tool') AND execution_id IS NULL", "''"),
  ...calls('runless', "kind IN ('model', 'tool') AND orchestration_id IS NULL", "''"),
};

function calls<Kind extends string>(kind: Kind, where: string, name: string) {
  const rows = { from: `steps WHERE ${where}`, name, operation: undefined, status: ofOutcome };
  return { [kind]: rows } as Record<Kind, typeof rows>;
}

test('R01 rollups say what the rows say, whatever came, went and came again', () => {
  const ledger = new SqliteLedger(file, { notice });
  for (let i = 0; i < 40; i++) {
    const from = i * 12_000;
    const run = [
      runStarted(`s${i}`, from),
      agentStarted(`s${i}`, `a${i}`, from, { agent_name: `agent-${i % 3}` }),
      agentEnded(`a${i}`, from + 1 + i, { status: i % 4 ? 'completed' : 'failed' }),
      runEnded(`s${i}`, from + 200),
      ...wholeRun(`s${i}`, `t${i}`, from),
      chat({ trace: `t${i}`, id: '20', parent: '01', from, usd: 0.001 * i }),
      chat({ trace: `stray${i}`, id: '01', from, tokens: [i, 1] }),
    ];
    for (const fact of i % 2 ? run : run.reverse()) ledger.record([fact]);
  }
  ledger.cleanup(at(40 * 4000));
  const database = new DatabaseSync(file);
  const fields = ['completed', 'failed', 'measured', 'duration_ms', 'priced', 'cost_nano_usd', 'input_tokens'];
  const counted = (kind: keyof typeof rowsOf, length: number) => {
    const { from, name, operation = "''", status } = rowsOf[kind];
    const rows = `SELECT substr(started_at, 1, ${length}) AS at, ${name} AS agent_name, ${operation} AS operation,
        count(*) AS rows, sum(${status[0]}) AS completed, sum(${status[1]}) AS failed,
        count(duration_ms) AS measured, sum(duration_ms) AS duration_ms, count(cost_micro_usd) AS priced,
        CAST(round(total(cost_micro_usd) * 1000) AS INTEGER) AS cost_nano_usd, sum(input_tokens) AS input_tokens
      FROM ${from} GROUP BY 1, 2, 3`;
    return database.prepare(rows).all();
  };
  const kept = (kind: string, grain: string) =>
    database
      .prepare(
        `SELECT at, agent_name, operation, unfinished + completed + failed + partial AS rows, ${fields}
          FROM rollups WHERE kind = ? AND grain = ? ORDER BY at, agent_name, operation`,
      )
      .all(kind, grain);
  for (const kind of Object.keys(rowsOf) as (keyof typeof rowsOf)[]) {
    expect(kept(kind, 'hour'), kind).toEqual(counted(kind, 13));
    expect(kept(kind, 'day'), kind).toEqual(counted(kind, 10));
  }
  for (const kind of ['workflow', 'execution', 'model', 'tool', 'agentless', 'runless'])
    expect(kept(kind, 'day').length, kind).toBeGreaterThan(2);
  database.close();
  ledger.close();
});

/** A run that goes on and on: so many calls of models. */
const longRun = (calls: number) => [
  workflow('long', { trace: 't', id: '01', to: 9999 }),
  ...Array.from({ length: calls }, (_, i) => chat({ trace: 't', id: `c${i}`, parent: '01', from: i, usd: 0.001 })),
];

describe('R03 a run of thousands of spans', () => {
  const facts = longRun(1999);
  let ledger: SqliteLedger;
  beforeEach(() => {
    ledger = new SqliteLedger(file, { notice });
  });
  afterEach(() => ledger.close());
  const recordAll = () => {
    for (let i = 0; i < facts.length; i += 50) ledger.record(facts.slice(i, i + 50));
  };
  let whole: string;
  beforeAll(() => {
    whole = join(mkdtempSync(join(tmpdir(), 'fleetscope-ledger-')), 'whole.db');
    const made = new SqliteLedger(whole, { notice });
    for (let i = 0; i < facts.length; i += 50) made.record(facts.slice(i, i + 50));
    made.orchestration('long');
    made.close();
  });
  afterAll(() => rmSync(dirname(whole), { recursive: true }));
  /** As if all were recorded and folded, which takes longest of all here. */
  const startWhole = () => {
    ledger.close();
    copyFileSync(whole, file);
    ledger = new SqliteLedger(file, { notice });
  };
  /** How many facts are read while it works. */
  const readIn = (work: () => void) => {
    let read = 0;
    const { connection } = ledger;
    const all = connection.all;
    connection.all = function <Row>(text: string, ...values: never[]) {
      const rows = all.call(this, text, ...values) as Row[];
      if (text === folding.facts) read += rows.length;
      return rows;
    };
    work();
    connection.all = all;
    return read;
  };

  test('is not folded anew for each portion: all folds together read a few times what one reads', () => {
    const read = readIn(recordAll);
    expect(read).toBeGreaterThan(facts.length);
    expect(read).toBeLessThan(6 * facts.length);
    // What waits is folded once, by the first who asks.
    expect(readIn(() => ledger.orchestration('long'))).toBe(facts.length);
    expect(readIn(() => ledger.health(at(0)))).toBe(0);
  });

  test('hides nothing from another process that reads, not even in the tables, once it is closed', () => {
    recordAll();
    const reader = new SqliteLedger(file, { notice });
    const rows = fold(facts);
    expect(reader.steps(rows.orchestrations[0]?.id ?? '')).toEqual(rows.steps);
    expect(reader.costs('model')).toMatchObject([{ times: 1999, cost_micro_usd: 1_999_000 }]);
    reader.close();
    ledger.record([chat({ trace: 't', id: 'last', parent: '01', from: 5000, usd: 1 })]);
    const database = new DatabaseSync(file);
    const cost = () => database.prepare('SELECT cost_micro_usd FROM orchestrations').all();
    expect(cost()).toEqual([{ cost_micro_usd: 1_999_000 }]);
    new SqliteLedger(file, { notice }).close();
    expect(cost()).toEqual([{ cost_micro_usd: 2_999_000 }]);
    database.close();
  });

  test('is folded by who recorded it once nothing comes any more', async () => {
    startWhole();
    const late = openSqlite(file, { notice });
    await late.record([chat({ trace: 't', id: 'last', parent: '01', from: 5000, usd: 1 })]);
    const database = new DatabaseSync(file);
    const cost = () => database.prepare('SELECT cost_micro_usd FROM orchestrations').get();
    expect(cost()).toEqual({ cost_micro_usd: 1_999_000 });
    await expect.poll(cost, { timeout: 15_000 }).toEqual({ cost_micro_usd: 2_999_000 });
    database.close();
    await late.close();
  });

  test('is read as it was a moment ago where what waits cannot be written', () => {
    startWhole();
    ledger.record([chat({ trace: 't', id: 'last', parent: '01', from: 5000, usd: 1 })]);
    const cost = () => ledger.orchestration('long')?.cost_micro_usd;
    ledger.connection.database.exec('PRAGMA query_only = ON');
    expect(cost()).toBe(1_999_000);
    ledger.connection.database.exec('PRAGMA query_only = OFF');
    expect(cost()).toBe(2_999_000);
  });

  test('goes with a cleanup no sooner than its last word, and whole', () => {
    startWhole();
    ledger.record([workflow('long', { trace: 't', id: '02', from: 10_000, to: 20_000 })]);
    expect(ledger.cleanup(at(15_000))).toMatchObject({ orchestrations: 0 });
    ledger.record([chat({ trace: 't', id: 'last', parent: '01', from: 5000, usd: 1 })]);
    expect(ledger.cleanup(at(20_001))).toMatchObject({ orchestrations: 1, strays: 0 });
    expect(ledger.costs('model')).toEqual([]);
    expect(ledger.damage()).toBeUndefined();
  });
});
