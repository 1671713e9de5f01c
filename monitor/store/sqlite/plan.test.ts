import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sql as call } from './call.ts';
import { ofAgent as agentCourse, sql as course } from './course.ts';
import { sql as fold } from './fold.ts';
import { sql as money } from './money.ts';
import { ofAgent, sql as report } from './report.ts';
import { sql as rollup } from './rollup.ts';
import { SqliteLedger, sql } from './sqlite-ledger.ts';
import { executions, losses, orchestrations, steps } from './table.ts';
import { sql as write } from './write.ts';

let folder: string;
let database: DatabaseSync;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fleetscope-ledger-'));
  const file = join(folder, 'ledger.db');
  new SqliteLedger(file).close();
  database = new DatabaseSync(file);
});
afterAll(() => {
  database.close();
  rmSync(folder, { recursive: true });
});

test.each([
  ['runBySession', sql.runBySession, 'sqlite_autoindex_orchestrations_2 (session_id=?)'],
  ['runById', sql.runById, 'sqlite_autoindex_orchestrations_1 (id=?)'],
  ['runs', sql.runs('TRUE'), 'SCAN orchestrations USING INDEX orchestrations_started'],
  ['runs after one', sql.runs('(started_at, id) < (?, ?)'), 'orchestrations_started ((started_at,id)<(?,?))'],
  ['runs of a time', sql.runs('started_at >= ? AND started_at < ?'), 'orchestrations_started (started_at>? AND'],
  ['runs by status', sql.runs('status = ? AND started_at >= ?'), 'orchestrations_status (status=? AND started_at>?)'],
  ['running', sql.running, 'COVERING INDEX orchestrations_status (status=? AND started_at>?)'],
  ['execution', sql.executionBySession, 'sqlite_autoindex_agent_executions_2 (agent_session_id=?)'],
  ['executionById', sql.executionById, 'sqlite_autoindex_agent_executions_1 (id=?)'],
  ['executions', sql.executions('TRUE', 'ASC'), 'SCAN agent_executions USING INDEX agent_executions_started'],
  ['executions of a run', sql.executions('orchestration_id = ?', 'ASC'), '_orchestration (orchestration_id=?)'],
  ['executions of an agent', sql.executions('agent_name = ?', 'DESC'), 'agent_executions_agent (agent_name=?)'],
  ['steps', sql.steps, 'steps_orchestration (orchestration_id=?)'],
  ['stepsAfter', sql.stepsAfter, 'steps_began ((started_at,id)>(?,?) AND started_at<?)'],
  ['page', sql.page, 'orchestrations_started ((started_at,id)>(?,?))'],
  ['removable', sql.removable, 'threads_ended (ended_at<?)'],
  ['removableRuns', sql.removableRuns, 'orchestrations_thread (thread=?)'],
  ['removableExecutions', sql.removableExecutions, 'agent_executions_thread (thread=?)'],
  ['runsBetween', report.runsBetween, 'COVERING INDEX orchestrations_started (started_at>?'],
  ['executionsBetween', report.executionsBetween, 'COVERING INDEX agent_executions_started (started_at>?'],
  ['countBetween', report.countBetween, 'COVERING INDEX agent_executions_started (started_at>?'],
  ['firstBegin', report.firstBegin, 'SCAN agent_executions USING COVERING INDEX agent_executions_started'],
  ['sums', report.sums, 'rollups USING PRIMARY KEY (kind=? AND grain=? AND at>? AND at<?)'],
  ['rollups of an agent', ofAgent.rollups, 'rollups USING PRIMARY KEY (kind=? AND grain=? AND at>? AND at<?)'],
  ['executions of an agent', ofAgent.executionsBetween, 'agent_executions_'],
  ['rollups', report.rollups, 'rollups USING PRIMARY KEY (kind=? AND grain=? AND at>? AND at<?)'],
  ['failedExecutions', report.failedExecutions, 'COVERING INDEX agent_executions_failed'],
  ['failedRuns', report.failedRuns, 'SCAN orchestrations USING COVERING INDEX orchestrations_failed_alone'],
  ['newestOfKind', report.newestOfKind, 'agent_executions_failed (error_fingerprint=? AND started_at>?'],
  ['samples', report.samples, 'COVERING INDEX agent_executions_started (started_at>?'],
  ['thinned', report.thinned, 'COVERING INDEX agent_executions_started (started_at>?'],
  ['thinnedOut', report.thinnedOut, 'COVERING INDEX agent_executions_eighth (started_at>?'],
  ['removableStrays', sql.removableStrays, 'COVERING INDEX threads_ended (ended_at<?)'],
  ['rollup', rollup.read, 'rollups USING PRIMARY KEY (kind=? AND grain=? AND at=? AND agent_name=? AND operation=?)'],
  ['hasSpans', call.hasSpans, 'threads USING INTEGER PRIMARY KEY (rowid=?)'],
  ['fact', call.fact, 'facts USING INDEX sqlite_autoindex_facts_1 (thread=? AND id=?)'],
  ['ofRun', call.ofRun, 'agent_executions_orchestration (orchestration_id=?)'],
  ['threadOf', write.threadOf, 'links USING PRIMARY KEY (key=?)'],
  ['facts', fold.facts, 'facts USING INDEX sqlite_autoindex_facts_1 (thread=?)'],
  ['progress', fold.progress, 'threads USING INTEGER PRIMARY KEY (rowid=?)'],
  ['wait', fold.wait, 'threads USING INTEGER PRIMARY KEY (rowid=?)'],
  ['folded', fold.folded, 'threads USING INTEGER PRIMARY KEY (rowid=?)'],
  ['waiting', fold.waiting, 'COVERING INDEX threads_waiting (waiting>?)'],
  ['cost rollups', money.rollups, 'rollups USING PRIMARY KEY (kind=? AND grain=? AND at>? AND at<?)'],
  ['cost executions', money.executions, 'agent_executions_started (started_at>? AND started_at<?)'],
  ['cost runs', money.runs, 'orchestrations_started (started_at>? AND started_at<?)'],
  ['cost calls', money.calls, 'steps_calls (started_at>? AND started_at<?)'],
  ['loss kinds', money.kinds, 'SCAN losses USING COVERING INDEX losses_kind'],
  [
    'silent runs among them',
    money.kinds,
    'LIST SUBQUERY 1\nSEARCH orchestrations USING COVERING INDEX orchestrations_silent (heard_at<?)',
  ],
  ['newest of losses', money.newest, 'losses_kind (reason=? AND error_fingerprint=? AND at>? AND at<?)'],
  ['silent', money.silent, 'orchestrations_silent (heard_at<?)'],
  ['course', course.rows, 'COVERING INDEX agent_executions_started (started_at>?'],
  ['course rollups', course.rollups, 'rollups USING PRIMARY KEY (kind=? AND grain=? AND at>? AND at<?)'],
  ['course of an agent', agentCourse.rows, 'agent_executions_agent (agent_name=? AND started_at>? AND started_at<?)'],
  ['rollups of an agent', agentCourse.rollups, 'rollups USING PRIMARY KEY (kind=? AND grain=? AND at>? AND at<?)'],
  ['forgetThread', write.forgetThread, 'threads USING INTEGER PRIMARY KEY (rowid=?)'],
  ...[orchestrations, executions, steps, losses]
    .map(({ kept }) => kept)
    .map((text, i): [string, string, string] => [`kept ${i}`, text, '(thread=?)']),
  ...[orchestrations, executions, steps]
    .map(({ remove }) => remove)
    .map((text, i): [string, string, string] => [`remove ${i}`, text, 'INDEX sqlite_autoindex_']),
  ['remove a loss', losses.remove, 'losses USING PRIMARY KEY (thread=? AND id=?)'],
  ['empty rollup', rollup.removeEmpty, 'rollups USING PRIMARY KEY (kind=? AND grain=? AND at=? AND agent_name=?'],
  ...write.moves.map((text, i): [string, string, string] => [`moves ${i}`, text, '(thread=?)']),
  ...write.removeAll.map((text, i): [string, string, string] => [`removeAll ${i}`, text, '=?)']),
])('R02 %s takes its index and sorts nothing that the index has sorted', (name, text, index) => {
  const plan = database
    .prepare(`EXPLAIN QUERY PLAN ${text}`)
    .all()
    .map(({ detail }) => detail)
    .join('\n');
  expect(plan).toContain(index);
  expect(plan).not.toContain('TEMP B-TREE');
  const walks = ['runs', 'executions', 'firstBegin', 'failedExecutions', 'failedRuns'];
  walks.push('loss kinds', 'silent runs among them');
  if (!walks.includes(name)) expect(plan).not.toContain('SCAN');
});
