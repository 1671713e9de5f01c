import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { FileError } from '../service/sqlite-error.ts';
import type { Fact } from './ledger/fact.ts';
import { Monitor } from './monitor.ts';
import { recordOnce } from './store/sqlite/once.ts';
import { SqliteLedger } from './store/sqlite/sqlite-ledger.ts';

let folder: string;
let now = 0;
let ledger: SqliteLedger;
let trouble: Error | undefined;
let readTrouble: Error | undefined;
let warnings: string[];
let written: Fact[];
let monitor: Monitor;

function open(options: { strict?: boolean; waitingAtMost?: number } = {}): Monitor {
  return new Monitor({
    ledger: new Proxy(ledger, {
      get(target, name) {
        if (readTrouble && ['orchestration', 'execution'].includes(String(name)))
          return () => {
            throw readTrouble;
          };
        const value = Reflect.get(target, name, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    }),
    write(fact) {
      if (trouble) throw trouble;
      written.push(fact);
      return recordOnce(ledger, fact, 1000);
    },
    now: () => now,
    elapsedMs: () => now,
    warn: (message) => warnings.push(message),
    ...options,
  });
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fleetscope-monitor-'));
  ledger = new SqliteLedger(join(folder, 'ledger.db'));
  now = Date.parse('2026-11-26T09:00:00Z');
  [trouble, readTrouble, warnings, written] = [undefined, undefined, [], []];
  monitor = open();
});
afterEach(() => {
  vi.restoreAllMocks();
  trouble = undefined;
  monitor.close();
  rmSync(folder, { recursive: true });
});

const start = (sessionId: string) => monitor.startOrchestration({ sessionId });
const everything = () =>
  ledger.orchestrations({ limit: 100 }).map((run) => [run, ledger.executions({ orchestrationId: run.id, limit: 100 })]);

test('R03 what is told is what is kept, column by column', () => {
  const orchestrationId = monitor.startOrchestration({
    ...{ sessionId: 's', taskDescription: 'Build', totalTasks: 2, gitCommitHash: 'abc' },
    ...{ planFilePath: 'plan.json', progressFilePath: 'progress.json' },
  });
  now += 1000;
  monitor.startAgentExecution({ agentSessionId: 'a', agentName: 'code', orchestrationId, taskId: 'T1', taskNumber: 1 });
  now += 2000;
  monitor.completeAgentExecution({
    ...{ agentSessionId: 'a', status: 'failed', filesCreated: 1, filesModified: 2, retryCount: 3, selfHealed: false },
    ...{ errorMessage: 'no such file: /tmp/1', summaryReportPath: 'r.md', sessionLogPath: 's.log' },
  });
  now += 1000;
  monitor.completeOrchestration({ sessionId: 's', status: 'partial', completedTasks: 1, failedTasks: 1 });
  const { orchestration, executions } = monitor.getOrchestrationSummary('s');
  expect(orchestration).toMatchObject({
    ...{ id: orchestrationId, sessionId: 's', taskDescription: 'Build', status: 'partial' },
    ...{ startedAt: '2026-11-26T09:00:00.000Z', completedAt: '2026-11-26T09:00:04.000Z', durationMs: 4000 },
    ...{ totalTasks: 2, completedTasks: 1, failedTasks: 1, gitCommitHash: 'abc' },
    ...{ planFilePath: 'plan.json', progressFilePath: 'progress.json' },
  });
  expect(executions).toMatchObject([
    {
      ...{ orchestrationId, agentSessionId: 'a', agentName: 'code', taskId: 'T1', taskNumber: 1, status: 'failed' },
      ...{ startedAt: '2026-11-26T09:00:01.000Z', durationMs: 2000, retryCount: 3, selfHealed: false },
      ...{
        filesCreated: 1,
        filesModified: 2,
        errorMessage: 'no such file: /tmp/1',
        errorFingerprint: expect.stringMatching(/^[\da-f]{12}$/),
      },
      ...{ summaryReportPath: 'r.md', sessionLogPath: 's.log' },
    },
  ]);
  expect(monitor.getSystemHealth()).toMatchObject({ orchestrations: { partial: 1 }, executions: { failed: 1 } });
  now += 25 * 3_600_000;
  expect(monitor.getSystemHealth()).toMatchObject({ orchestrations: { total: 0 }, successRate: null });
});

describe('R03 misuse is an error that says what to do, and changes nothing', () => {
  const bad = (given: object) => given as never;
  test.each<[string, () => unknown, string]>([
    ['two starts of one session', () => start('known'), 'the session "known" has been started already'],
    [
      'two starts of one agent session',
      () => monitor.startAgentExecution({ agentSessionId: 'a', agentName: 'x' }),
      'started already',
    ],
    [
      'the end of an unknown session',
      () => monitor.completeOrchestration({ sessionId: 'x', status: 'failed' }),
      'no run has the session "x"',
    ],
    [
      'the end of an unknown agent session',
      () => monitor.completeAgentExecution({ agentSessionId: 'x', status: 'failed' }),
      'no execution has the agent session "x"',
    ],
    [
      'two ends of an orchestration',
      () => monitor.completeOrchestration({ sessionId: 'ended', status: 'failed' }),
      'the session "ended" has been completed already',
    ],
    [
      'two ends of an execution',
      () => monitor.completeAgentExecution({ agentSessionId: 'ended', status: 'failed' }),
      'completed already',
    ],
    [
      'an agent of an unknown run',
      () => monitor.startAgentExecution({ agentSessionId: 'n', agentName: 'x', orchestrationId: 'run-x' }),
      'no run has the orchestrationId "run-x"',
    ],
    [
      'a negative count',
      () => monitor.completeOrchestration({ sessionId: 'known', status: 'completed', completedTasks: -1 }),
      'completedTasks is -1',
    ],
    [
      'a fraction of a file',
      () => monitor.completeAgentExecution({ agentSessionId: 'a', status: 'completed', filesCreated: 1.5 }),
      'filesCreated is 1.5',
    ],
    [
      'a count that is no number',
      () => monitor.startOrchestration(bad({ sessionId: 'n', totalTasks: '5' })),
      'totalTasks is "5"',
    ],
    [
      'a count that is not a number at all',
      () => monitor.startOrchestration({ sessionId: 'n', totalTasks: Number.NaN }),
      'totalTasks is NaN',
    ],
    [
      'an unknown status',
      () => monitor.completeOrchestration(bad({ sessionId: 'known', status: 'done' })),
      'status is "done". Give one of completed, failed, partial.',
    ],
    [
      'a status of orchestrations for an agent',
      () => monitor.completeAgentExecution(bad({ agentSessionId: 'a', status: 'partial' })),
      'status is "partial"',
    ],
    ['no session', () => monitor.startOrchestration(bad({})), 'sessionId is missing'],
    ['an empty session', () => monitor.startOrchestration({ sessionId: ' ' }), 'sessionId is " "'],
    ['no agent name', () => monitor.startAgentExecution(bad({ agentSessionId: 'n' })), 'agentName is missing'],
    ['no parameters', () => monitor.startOrchestration(undefined as never), 'its parameters are missing'],
    [
      'a run that ends before it begins',
      () =>
        monitor.completeOrchestration({ sessionId: 'known', status: 'failed', completedAt: '2026-11-26T08:59:59Z' }),
      'before its start at 2026-11-26T09:00:00.000Z',
    ],
    [
      'an agent that does',
      () => monitor.completeAgentExecution({ agentSessionId: 'a', status: 'failed', completedAt: new Date(0) }),
      'completedAt is 1970-01-01T00:00:00.000Z, before',
    ],
    [
      'an instant without a zone',
      () => monitor.startOrchestration({ sessionId: 'n', startedAt: '2026-11-26T09:00:00' }),
      'startedAt is "2026-11-26T09:00:00"',
    ],
    [
      'an instant that is none',
      () => monitor.startOrchestration({ sessionId: 'n', startedAt: new Date('x') }),
      'startedAt is an object (Date)',
    ],
    ['the summary of an unknown session', () => monitor.getOrchestrationSummary('x'), 'no run has the session "x"'],
    ['the health of no hours', () => monitor.getSystemHealth(0), 'hours is 0'],
  ])('R03 %s', (_, call, message) => {
    start('known');
    start('ended');
    monitor.startAgentExecution({ agentSessionId: 'a', agentName: 'code' });
    monitor.startAgentExecution({ agentSessionId: 'ended', agentName: 'code' });
    monitor.completeAgentExecution({ agentSessionId: 'ended', status: 'completed' });
    monitor.completeOrchestration({ sessionId: 'ended', status: 'completed' });
    const before = everything();
    const agents = ['a', 'ended', 'n', 'x'].map((session) => ledger.execution(session));
    expect(call).toThrow(message);
    expect(call).toThrow(/^Cannot [^:]+: .+\. [A-Z].+\.$/);
    expect(everything()).toEqual(before);
    expect(['a', 'ended', 'n', 'x'].map((session) => ledger.execution(session))).toEqual(agents);
  });

  test('R03 after it, the right call works', () => {
    start('known');
    expect(() => monitor.completeOrchestration({ sessionId: 'known', status: 'completed', failedTasks: -1 })).toThrow();
    monitor.completeOrchestration({ sessionId: 'known', status: 'completed', failedTasks: 0 });
    expect(monitor.getOrchestrationSummary('known').orchestration.status).toBe('completed');
  });

  test('R03 of two processes that tell the same end, the later one is told so', () => {
    start('s');
    const other = open();
    other.completeOrchestration({ sessionId: 's', status: 'completed' });
    expect(() => monitor.completeOrchestration({ sessionId: 's', status: 'failed' })).toThrow('completed already');
    expect(other.getOrchestrationSummary('s').orchestration.status).toBe('completed');
  });

  test('R03 a session and an agent session may have the same name, and names that look like another', () => {
    const orchestrationId = start('agent 1');
    monitor.startAgentExecution({ agentSessionId: '1', agentName: 'x', orchestrationId });
    now += 1;
    monitor.startAgentExecution({ agentSessionId: 'agent 1', agentName: 'x', orchestrationId });
    monitor.completeAgentExecution({ agentSessionId: '1', status: 'completed' });
    expect(monitor.getOrchestrationSummary('agent 1').executions.map(({ status }) => status)).toEqual([
      'completed',
      'in_progress',
    ]);
  });
});

test('R03 half a character at the end of a cut name or text loses nothing that is told by it, then and later', () => {
  const sessionId = 'Fix the bug 🐛'.slice(0, 13);
  const taskDescription = `${'x'.repeat(9999)}🐛`;
  const orchestrationId = monitor.startOrchestration({ sessionId, taskDescription });
  monitor.startAgentExecution({ agentSessionId: sessionId, agentName: 'code', orchestrationId });
  expect(monitor.within(sessionId, () => 'done')).toBe('done');
  monitor.completeAgentExecution({ agentSessionId: sessionId, status: 'failed', errorMessage: 'odd \ud83d' });
  monitor.completeOrchestration({ sessionId, status: 'completed' });
  const { orchestration, executions } = monitor.getOrchestrationSummary(sessionId);
  expect(orchestration).toMatchObject({ sessionId: 'Fix the bug \ufffd', status: 'completed' });
  expect(orchestration.taskDescription).toBe('x'.repeat(9999));
  expect(executions.map(({ status, errorMessage }) => [status, errorMessage])).toEqual([['failed', 'odd \ufffd']]);
  expect(warnings).toEqual([]);
});

test('R03 a clock that is set back makes no run end before it began', () => {
  start('s');
  now -= 60_000;
  monitor.completeOrchestration({ sessionId: 's', status: 'completed' });
  expect(monitor.getOrchestrationSummary('s').orchestration.durationMs).toBe(0);
});

test('R03 work can be written down later, by the times that it had', () => {
  monitor.startOrchestration({ sessionId: 's', startedAt: '2026-11-25T23:00:00+01:00' });
  monitor.completeOrchestration({ sessionId: 's', status: 'completed', completedAt: new Date('2026-11-25T22:01:00Z') });
  expect(monitor.getOrchestrationSummary('s').orchestration).toMatchObject({
    startedAt: '2026-11-25T22:00:00.000Z',
    durationMs: 60_000,
  });
});

describe('R03 a ledger that cannot be written to', () => {
  const full = new FileError('Cannot write to ledger.db: database or disk is full. The disk is full: free space.');

  test('R03 does not stop the program: what is told waits, with one warning, and is written as soon as that works', () => {
    trouble = full;
    const orchestrationId = start('s');
    now += 5000;
    monitor.startAgentExecution({ agentSessionId: 'a', agentName: 'code', orchestrationId });
    monitor.completeAgentExecution({ agentSessionId: 'a', status: 'completed' });
    expect(warnings).toEqual([
      `${full.message} Until then what the monitor is told waits in memory, and your program goes on.`,
    ]);
    expect(everything()).toEqual([]);
    trouble = undefined;
    now += 5000;
    monitor.completeOrchestration({ sessionId: 's', status: 'completed' });
    expect(written.map(({ id }) => id)).toEqual(['start run s', 'start agent a', 'end agent a', 'end run s']);
    expect(monitor.getOrchestrationSummary('s').orchestration).toMatchObject({
      status: 'completed',
      durationMs: 10_000,
    });
    expect(monitor.getOrchestrationSummary('s').executions).toMatchObject([{ status: 'completed' }]);
    expect(warnings).toHaveLength(1);
  });

  test('R03 misuse is seen while things wait, too', () => {
    trouble = full;
    const orchestrationId = start('s');
    expect(() => start('s')).toThrow('started already');
    monitor.completeOrchestration({ sessionId: 's', status: 'completed' });
    expect(() => monitor.completeOrchestration({ sessionId: 's', status: 'completed' })).toThrow('completed already');
    expect(() => monitor.completeOrchestration({ sessionId: 'x', status: 'completed' })).toThrow('no run has');
    expect(() => monitor.startAgentExecution({ agentSessionId: 'a', agentName: 'x', orchestrationId })).not.toThrow();
  });

  test('R03 where it cannot be read either, what may be right is taken', () => {
    [trouble, readTrouble] = [full, full];
    monitor.completeOrchestration({ sessionId: 'of another process', status: 'completed' });
    monitor.startAgentExecution({ agentSessionId: 'a', agentName: 'x', orchestrationId: 'run-0' });
    monitor.completeAgentExecution({ agentSessionId: 'b', status: 'completed' });
    expect(warnings).toHaveLength(1);
  });

  test('R03 lets another process join a run whose beginning waits in the memory of the one that began it', () => {
    trouble = full;
    const orchestrationId = start('s');
    trouble = undefined;
    const other = new Monitor({ ledger, write: (fact) => recordOnce(ledger, fact, 1000), now: () => now });
    other.startAgentExecution({ agentSessionId: 'a', agentName: 'code', orchestrationId });
    expect(ledger.execution('a')?.orchestration_id).toBeNull();
    now += 5000;
    expect(monitor.getOrchestrationSummary('s').executions).toMatchObject([{ agentSessionId: 'a', orchestrationId }]);
    // What is no id of a run at all is a mistake, and who wants to be told of every trouble is told of this one.
    const join = (by: Monitor, id: string) => () =>
      by.startAgentExecution({ agentSessionId: 'b', agentName: 'code', orchestrationId: id });
    expect(join(other, 'run-x')).toThrow('no run has the orchestrationId "run-x"');
    expect(join(open({ strict: true }), `run-${'0'.repeat(20)}`)).toThrow('no run has the orchestrationId "run-0000');
  });

  test('R03 is not tried with each call: one that blocks would slow down the program', () => {
    let tries = 0;
    const counting = new Monitor({
      ledger,
      write() {
        tries += 1;
        now += 2000;
        throw full;
      },
      ...{ now: () => now, elapsedMs: () => now, warn: () => {} },
    });
    for (let i = 0; i < 50; i++) counting.startOrchestration({ sessionId: `${i}` });
    expect(tries).toBe(1);
    now += 4001;
    counting.startOrchestration({ sessionId: 'later' });
    expect(tries).toBe(2);
    counting.close();
    ledger = new SqliteLedger(join(folder, 'ledger.db'));
    monitor = open();
  });

  test('R03 keeps no more than it may, says so, and says what was lost at the end', () => {
    monitor.close();
    ledger = new SqliteLedger(join(folder, 'ledger.db'));
    monitor = open({ waitingAtMost: 2 });
    trouble = full;
    for (const session of ['a', 'b', 'c', 'd']) start(session);
    expect(warnings.slice(1)).toEqual([
      expect.stringMatching(/^Dropped a fact of the run ledger: 2 wait in memory already/),
    ]);
    monitor.close();
    expect(warnings.at(-1)).toMatch(/^Lost 2 facts of the run ledger/);
    ledger = new SqliteLedger(join(folder, 'ledger.db'));
    trouble = undefined;
    monitor = open();
  });

  test('R03 stops the program in strict mode, and only then', () => {
    const strict = open({ strict: true });
    trouble = full;
    expect(() => strict.startOrchestration({ sessionId: 's' })).toThrow(full);
    trouble = undefined;
    strict.startOrchestration({ sessionId: 's' });
    readTrouble = full;
    expect(() => strict.completeOrchestration({ sessionId: 'elsewhere', status: 'failed' })).toThrow(full);
    expect(warnings).toEqual([]);
  });

  test('R03 is written to a last time when the process ends', () => {
    const before = new Set(process.listeners('exit'));
    trouble = full;
    start('s');
    const [atExit] = process.listeners('exit').filter((listener) => !before.has(listener));
    trouble = undefined;
    const told = vi.spyOn(console, 'error').mockImplementation(() => {});
    atExit?.(0);
    expect(ledger.orchestration('s')?.status).toBe('running');
    expect(told).not.toHaveBeenCalled();
    expect(process.listeners('exit').filter((listener) => !before.has(listener))).toEqual([]);
  });
});
