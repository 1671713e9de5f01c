import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { closeMonitors, getMonitor, ledgerFile } from './get-monitor.ts';
import { Monitor } from './monitor.ts';
import { recordOnce } from './store/sqlite/once.ts';
import { SqliteLedger } from './store/sqlite/sqlite-ledger.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fleetscope-monitor-'));
  vi.stubEnv('FLEETSCOPE_MONITOR_DB', join(folder, 'deeper', 'ledger.db'));
});
afterEach(() => {
  vi.restoreAllMocks();
  closeMonitors();
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

test('R03 a file that is no database is named and left, one that is made is its user’s alone', () => {
  const notes = join(folder, 'notes.txt');
  writeFileSync(notes, 'What I noted.');
  expect(() => getMonitor({ db: notes })).toThrow(`Cannot open ${notes}: it is no database`);
  expect([readFileSync(notes, 'utf8'), readdirSync(folder)]).toEqual(['What I noted.', ['notes.txt']]);
  getMonitor().startOrchestration({ sessionId: 's', taskDescription: 'Build' });
  const modes = ['', 'ledger.db', 'ledger.db-wal'].map((name) => statSync(join(folder, 'deeper', name)).mode & 0o777);
  expect(modes).toEqual([0o700, 0o600, 0o600]);
});

test('R03 the example of the source runs as it is', () => {
  // From here on it is the document's own, word for word.
  const monitor = getMonitor();

  // Start tracking an orchestration
  const orchestrationId = monitor.startOrchestration({
    sessionId: 'my-session-123',
    taskDescription: 'Build and deploy',
    totalTasks: 5,
  });

  // Start tracking an agent execution
  const executionId = monitor.startAgentExecution({
    agentSessionId: 'agent-session-456',
    agentName: 'backend-agent',
    orchestrationId: orchestrationId,
    taskNumber: 1,
  });

  // Complete the execution
  monitor.completeAgentExecution({
    agentSessionId: 'agent-session-456',
    status: 'completed',
    filesCreated: 3,
    filesModified: 5,
  });

  // Complete the orchestration
  monitor.completeOrchestration({
    sessionId: 'my-session-123',
    status: 'completed',
    completedTasks: 5,
    failedTasks: 0,
  });

  // Get metrics
  const health = monitor.getSystemHealth(24);
  const performance = monitor.getPerformanceReport();
  const summary = monitor.getOrchestrationSummary('my-session-123');

  // Here it ends.
  expect(health).toMatchObject({
    orchestrations: { total: 1, running: 0, completed: 1, failed: 0, partial: 0 },
    executions: { total: 1, inProgress: 0, completed: 1, failed: 0 },
    successRate: 1,
    averageDurationMs: expect.any(Number),
    costMicroUsd: null,
  });
  expect(performance).toEqual([
    expect.objectContaining({
      agentName: 'backend-agent',
      operation: null,
      executions: 1,
      failed: 0,
      errorRate: 0,
      p95Ms: expect.any(Number),
    }),
  ]);
  const iso = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  expect(summary.orchestration).toMatchObject({
    ...{ id: orchestrationId, sessionId: 'my-session-123', taskDescription: 'Build and deploy', status: 'completed' },
    ...{ startedAt: iso, completedAt: iso, durationMs: expect.any(Number) },
    ...{ totalTasks: 5, completedTasks: 5, failedTasks: 0, gitCommitHash: null },
  });
  expect(summary.executions).toEqual([
    expect.objectContaining({
      ...{ id: executionId, orchestrationId, agentSessionId: 'agent-session-456', agentName: 'backend-agent' },
      ...{ taskId: null, taskNumber: 1, status: 'completed', startedAt: iso, completedAt: iso },
      ...{ retryCount: 0, selfHealed: false, filesCreated: 3, filesModified: 5, errorMessage: null },
    }),
  ]);
});

test('R03 there is one monitor for a file, and what it wrote is there for the next', () => {
  const monitor = getMonitor();
  expect(getMonitor()).toBe(monitor);
  const other = getMonitor({ db: join(folder, 'other.db') });
  expect(other).not.toBe(monitor);
  monitor.startOrchestration({ sessionId: 's' });
  expect(() => other.getOrchestrationSummary('s')).toThrow('no run has the session "s"');
  closeMonitors();
  expect(getMonitor()).not.toBe(monitor);
  expect(getMonitor().getOrchestrationSummary('s').orchestration.status).toBe('running');
});

test('R03 another process goes on where the first one was', () => {
  const [one, other] = [getMonitor(), getMonitor({ db: join(folder, 'deeper', '..', 'deeper', 'ledger.db') })];
  expect(other).toBe(one);
  one.startOrchestration({ sessionId: 's' });
  one.startAgentExecution({ agentSessionId: 'a', agentName: 'code' });
  closeMonitors();
  const next = getMonitor();
  expect(() => next.startOrchestration({ sessionId: 's' })).toThrow('started already');
  next.completeAgentExecution({ agentSessionId: 'a', status: 'failed', errorMessage: 'killed' });
  next.completeOrchestration({ sessionId: 's', status: 'failed' });
  expect(() => next.completeOrchestration({ sessionId: 's', status: 'completed' })).toThrow('completed already');
  expect(next.getOrchestrationSummary('s').orchestration.status).toBe('failed');
});

test.each([
  [{}, undefined, resolve(import.meta.dirname, '../.fleetscope/data/monitor/ledger.db')],
  [{ FLEETSCOPE_HOME: '/home/of' }, undefined, '/home/of/data/monitor/ledger.db'],
  [{ FLEETSCOPE_MONITOR_DB: '/a/b.db', FLEETSCOPE_HOME: '/home/of' }, undefined, '/a/b.db'],
  [{ FLEETSCOPE_MONITOR_DB: 'sqlite:///a/b.db' }, undefined, '/a/b.db'],
  [{ FLEETSCOPE_MONITOR_DB: '/a/b.db' }, '/c.db', '/c.db'],
])('R03 with %j and %s the file is %s', (env, given, file) => {
  expect(ledgerFile(env, given)).toBe(file);
});

test('R03 a database that cannot be written to at once, or a file that cannot be opened, is named', () => {
  expect(() => ledgerFile({ FLEETSCOPE_MONITOR_DB: 'mongodb://host/ledger' })).toThrow(
    /^Cannot open the monitor: .*Name a file/,
  );
  writeFileSync(join(folder, 'deeper'), 'a file, not a folder');
  expect(() => getMonitor()).toThrow(/^Cannot open .*ledger\.db: /);
});

test('R03 on a disk that is full in fact, and on one that has space again', () => {
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  const clock = vi.spyOn(performance, 'now');
  const ledger = new SqliteLedger(join(folder, 'small.db'));
  const monitor = new Monitor({ ledger, write: (fact) => recordOnce(ledger, fact, 100) });
  const { database } = ledger.connection;
  const { page_count } = database.prepare('PRAGMA page_count').get() as { page_count: number };
  database.exec(`PRAGMA max_page_count = ${page_count}`);
  const taskDescription = 'x'.repeat(10_000);
  monitor.startOrchestration({ sessionId: 's', taskDescription });
  expect(warned.mock.calls.map(([message]) => message)).toEqual([
    expect.stringMatching(/^Cannot write to .*small\.db: database or disk is full\. The disk is full: .* Until then/),
  ]);
  expect(ledger.orchestration('s')).toBeUndefined();
  database.exec('PRAGMA max_page_count = 1000000');
  clock.mockReturnValue(performance.now() + 60_000);
  expect(monitor.getOrchestrationSummary('s').orchestration).toMatchObject({ taskDescription, status: 'running' });
  monitor.close();
});

test('R03 a call waits for another process that writes, and not for ever', () => {
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  const file = join(folder, 'held.db');
  const ledger = new SqliteLedger(file);
  const monitor = new Monitor({ ledger, write: (fact) => recordOnce(ledger, fact, 150) });
  const other = new DatabaseSync(file);
  other.exec('BEGIN IMMEDIATE');
  monitor.startOrchestration({ sessionId: 's' });
  expect(warned).toHaveBeenCalledTimes(1);
  expect(String(warned.mock.calls[0]?.[0])).toMatch(
    /^Cannot write to .*held\.db: database is locked\. Another process has held it/,
  );
  other.exec('COMMIT');
  other.close();
  monitor.close();
  const again = new SqliteLedger(file);
  expect(again.orchestration('s')?.status).toBe('running');
  again.close();
});
