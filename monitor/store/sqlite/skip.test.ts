/** What no program of sound mind tells, and what a disk made of it: it stops nothing else. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { agent, at, chat, runStarted, span, task, wholeRun, workflow } from '../../testing/some-facts.ts';
import type { CostBy } from '../store.ts';
import { idleAfter } from './open-sqlite.ts';
import { SqliteLedger } from './sqlite-ledger.ts';

let folder: string;
let file: string;
let ledger: SqliteLedger;
let said: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fleetscope-ledger-'));
  file = join(folder, 'ledger.db');
  said = [];
  ledger = new SqliteLedger(file, { notice: (line) => said.push(line), now: () => Date.parse(at(3600)) });
});
afterEach(() => {
  ledger.close();
  rmSync(folder, { recursive: true });
});

const all = { limit: Number.POSITIVE_INFINITY };
const kinds: CostBy[] = ['agent', 'model', 'task', 'tool', 'workflow'];
const byHand = (text: string) => {
  const database = new DatabaseSync(file);
  database.exec(text);
  database.close();
};
const readAll = () => ({
  runs: ledger.orchestrations(all).map(({ id }) => ledger.steps(id).length),
  health: ledger.health(at(-1e6)),
  performance: ledger.performance({}),
  failures: ledger.failures(9),
  costs: kinds.map((by) => ledger.costs(by)),
  losses: ledger.losses(),
  course: ledger.course('hour'),
  removable: ledger.removable(at(1e6)),
});

/** A run of so many calls, which is folded; what comes later waits. */
const long = (calls: number, given: { usd?: number; tokens?: readonly [number, number] } = {}) => [
  workflow('long', { trace: 't', id: '01', to: 999, error: true }),
  ...Array.from({ length: calls }, (_, i) => chat({ trace: 't', id: `c${i}`, parent: '01', from: 1, to: 2, ...given })),
];

test.each([
  ['1e7 USD', chat({ id: '09', parent: '01', usd: 1e7, tokens: [1, 1] })],
  ['1e300 USD', chat({ id: '09', parent: '01', usd: 1e300, tokens: [1, 1] })],
  [
    'a tool of 1e12 USD',
    span({ id: '09', parent: '01', name: 'execute_tool x', attributes: { 'tool.cost_usd': 1e12 } }),
  ],
  ['9e15 tokens', chat({ id: '09', parent: '01', usd: 1, tokens: [9e15, 9e15] })],
  ['2^53 - 1 retries', task('t', { id: '09', parent: '01', attributes: { 'agent.task.retry.count': 2 ** 53 - 1 } })],
  ['2^53 - 1 attempts', agent('a', { id: '09', parent: '01', attributes: { 'agent.retries': 2 ** 53 - 1 } })],
  ...[1e13, 1e300].map((seconds): [string, ReturnType<typeof span>] => {
    const attributes = { 'approval.id': 'a', 'approval.decision': 'approved', 'approval.wait_seconds': seconds };
    return [`a wait of ${seconds} s`, span({ id: '09', parent: '01', name: 'approval.decide', attributes })];
  }),
])('R03 %s is kept, read as if it were not told, and removed', (_, hostile) => {
  const asked = span({ id: '08', parent: '01', name: 'approval.request', attributes: { 'approval.id': 'a' } });
  ledger.record([workflow('s1', { id: '01', to: 60 }), asked]);
  ledger.record([hostile, { ...hostile, id: 't1/0a', span_id: '0a' }]);
  ledger.record(wholeRun('s2', 't2'));
  expect(readAll()).toMatchObject({ health: { orchestrations: { total: 2 }, cost_micro_usd: expect.any(Number) } });
  expect(ledger.health(at(-1e6)).cost_micro_usd).toBeLessThan(2_100_000);
  expect(ledger.cleanup(at(1e6))).toMatchObject({ orchestrations: 2 });
  expect(said).toEqual([]);
});

test('R03 what is possible one by one may come to more than a number of JavaScript, and is read', () => {
  ledger.record(long(300, { usd: 1e5, tokens: [1e9, 1e9] }));
  const cost = 300 * 1e11;
  expect(readAll()).toMatchObject({ health: { cost_micro_usd: cost }, losses: [{ cost_micro_usd: cost }] });
  expect(ledger.costs('model')).toMatchObject([{ cost_micro_usd: cost, input_tokens: 3e11 }]);
  // Ten thousand times as much is more than SQLite has, too.
  byHand('UPDATE rollups SET cost_nano_usd = 9223372036854775807, duration_ms = 9223372036854775807');
  ledger.record([workflow('s2', { trace: 't2', id: '01' }), chat({ trace: 't2', id: '02', parent: '01', usd: 1e5 })]);
  expect(readAll().health.cost_micro_usd).toBeGreaterThan(9e15);
  expect(ledger.cleanup(at(1e6))).toMatchObject({ orchestrations: 2 });
});

test('R03 a run that cannot be folded is told of once; all others are read, written and cleaned up', () => {
  ledger.record(long(300));
  ledger.record(wholeRun('s1', 't1'));
  byHand(`UPDATE facts SET body = '{"source":"span"}' WHERE id = 't/c7'`);
  ledger.record([chat({ trace: 't', id: 'last', parent: '01', from: 3, usd: 1 })]);
  expect(readAll()).toMatchObject({ runs: [300, expect.any(Number)], health: { orchestrations: { total: 2 } } });
  const [line, ...more] = said;
  expect([line, more]).toEqual([
    expect.stringMatching(/^Cannot fold what belongs together as number \d+ of .*ledger\.db: .*\. It stays as it was/),
    [],
  ]);
  // A Collector would bring it again and again.
  ledger.record([
    ...long(200).map((one) => ({ ...one, id: `${one.id}x`, span_id: `${one.span_id}x` })),
    ...wholeRun('s2', 't2'),
  ]);
  expect(ledger.orchestration('s2')).toBeDefined();
  // Whoever calls is there to be told.
  expect(() => ledger.record([{ ...runStarted('s3', 0), at: 'never' }])).toThrow(/^Cannot write to .*Look at what was/);
  expect(said).toHaveLength(1);
  expect(ledger.cleanup(at(3600 * 24 * 365_000))).toMatchObject({ orchestrations: 4 - 1 });
  expect(ledger.damage()).toBeUndefined();
});

test('R03 a run that cannot be removed is told of once, and stays; all others go', () => {
  ledger.record([...wholeRun('s1', 't1'), ...wholeRun('s2', 't2')]);
  byHand("UPDATE steps SET attempt = 9007199254740993 WHERE id = 't1/08'");
  expect(ledger.cleanup(at(3600))).toMatchObject({ orchestrations: 1, executions: 2 });
  expect(ledger.orchestrations(all).map(({ session_id }) => session_id)).toEqual(['s1']);
  expect(ledger.performance({}).map(({ executions }) => executions)).toEqual([1, 1]);
  expect(ledger.cleanup(at(3600))).toMatchObject({ orchestrations: 0 });
  expect(said).toEqual([
    expect.stringMatching(/^Cannot remove what belongs together as number \d+ of .*: .*\. It stays/),
  ]);
});

test('R01 what was in a run that is another one now is counted once', () => {
  const inside = [agent('code', { id: '02', parent: '01', to: 5 }), chat({ id: '03', parent: '02', usd: 0.5 })];
  ledger.record([workflow('zz', { id: '01', to: 10 }), ...inside]);
  // The same span, told again by another name: of two the smaller is believed.
  ledger.record([workflow('aa', { id: '01', to: 10 })]);
  expect(ledger.orchestrations(all).map(({ session_id }) => session_id)).toEqual(['aa']);
  expect(ledger.performance({})).toMatchObject([{ executions: 1, cost_micro_usd: 500_000 }]);
  expect(ledger.costs('model')).toMatchObject([{ times: 1, cost_micro_usd: 500_000 }]);
  expect(ledger.health(at(-1e6)).executions.total).toBe(1);
});

test('R03 how many runs are under way is asked without folding what waits, and who reads rows has it folded', () => {
  ledger.record(long(300));
  ledger.record([runStarted('s1', 0), chat({ trace: 't', id: 'last', parent: '01', from: 3, usd: 1 })]);
  const waiting = () => ledger.connection.get<{ count: number }>('SELECT sum(waiting) AS count FROM threads')?.count;
  expect(waiting()).toBe(1);
  expect([ledger.running(at(0)), ledger.running(at(1))]).toEqual([1, 0]);
  expect(waiting()).toBe(1);
  expect(ledger.health(at(0)).cost_micro_usd).toBe(1_000_000);
  expect(waiting()).toBe(0);
});

test('R03 the longer what waits takes to be folded, the longer nothing must come before it is', () => {
  expect([idleAfter(0), idleAfter(3), idleAfter(2500)]).toEqual([1000, 1000, 50_000]);
});
