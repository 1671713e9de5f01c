/** The tables of the SQLite ledger. A change is a further entry of `migrations`; what is released is never edited. */
import type { Schema } from '../../../service/sqlite-schema.ts';

/**
 * `thread` ties facts and rows that belong together (ledger/run-key.ts). Times are ISO 8601 in UTC: as text they sort by time.
 * `rollups` counts rows by hour and by day of their start, so that sums over a million of them read some hundreds: executions
 * by agent and operation, what else `kind` says by a name that stands in the place of the agent's (rollup.ts).
 * A thread has `ended_at` from its first fold on: see `endOf` of row.ts. Of it so many facts are `folded` into rows, and so many are `waiting` (fold.ts).
 */
const migrations = [
  `
  CREATE TABLE threads (
    id INTEGER PRIMARY KEY,
    ended_at TEXT,
    has_spans INTEGER NOT NULL DEFAULT 0,
    has_run INTEGER NOT NULL DEFAULT 0,
    folded INTEGER NOT NULL DEFAULT 0,
    waiting INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX threads_ended ON threads (ended_at, has_run) WHERE ended_at IS NOT NULL;
  CREATE INDEX threads_waiting ON threads (waiting) WHERE waiting > 0;

  CREATE TABLE links (key TEXT PRIMARY KEY, thread INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE INDEX links_thread ON links (thread);

  CREATE TABLE facts (
    thread INTEGER NOT NULL,
    id TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (thread, id)
  ) STRICT;

  CREATE TABLE orchestrations (
    id TEXT PRIMARY KEY,
    session_id TEXT NOT NULL UNIQUE,
    task_description TEXT,
    status TEXT NOT NULL CHECK (status IN ('running', 'completed', 'failed', 'partial')),
    started_at TEXT NOT NULL,
    completed_at TEXT,
    duration_ms INTEGER,
    total_tasks INTEGER NOT NULL,
    completed_tasks INTEGER NOT NULL,
    failed_tasks INTEGER NOT NULL,
    git_commit_hash TEXT,
    plan_file_path TEXT,
    progress_file_path TEXT,
    workflow_name TEXT,
    service_name TEXT,
    environment TEXT,
    trace_id TEXT,
    error_message TEXT,
    error_fingerprint TEXT,
    cost_micro_usd REAL,
    input_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    unpriced_calls INTEGER NOT NULL,
    thread INTEGER NOT NULL,
    failed_alone INTEGER NOT NULL,
    heard_at TEXT NOT NULL
  ) STRICT;
  CREATE INDEX orchestrations_started ON orchestrations (started_at, id, status, duration_ms, cost_micro_usd);
  CREATE INDEX orchestrations_status ON orchestrations (status, started_at, id);
  CREATE INDEX orchestrations_trace ON orchestrations (trace_id) WHERE trace_id IS NOT NULL;
  CREATE INDEX orchestrations_failed_alone ON orchestrations (error_fingerprint, started_at, id, duration_ms, cost_micro_usd)
    WHERE failed_alone = 1;
  CREATE INDEX orchestrations_silent ON orchestrations (heard_at, id) WHERE status = 'running';
  CREATE INDEX orchestrations_thread ON orchestrations (thread);

  CREATE TABLE agent_executions (
    id TEXT PRIMARY KEY,
    orchestration_id TEXT REFERENCES orchestrations (id) ON DELETE CASCADE,
    agent_session_id TEXT NOT NULL UNIQUE,
    agent_name TEXT NOT NULL,
    task_id TEXT,
    task_number INTEGER,
    status TEXT NOT NULL CHECK (status IN ('in_progress', 'completed', 'failed')),
    started_at TEXT NOT NULL,
    completed_at TEXT,
    duration_ms INTEGER,
    retry_count INTEGER NOT NULL,
    self_healed INTEGER NOT NULL,
    files_created INTEGER NOT NULL,
    files_modified INTEGER NOT NULL,
    error_message TEXT,
    summary_report_path TEXT,
    session_log_path TEXT,
    parent_id TEXT,
    operation TEXT,
    trace_id TEXT,
    span_id TEXT,
    error_type TEXT,
    error_fingerprint TEXT,
    cost_micro_usd REAL,
    input_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    unpriced_calls INTEGER NOT NULL,
    thread INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX agent_executions_orchestration ON agent_executions (orchestration_id, started_at, id);
  CREATE INDEX agent_executions_agent ON agent_executions (agent_name, started_at, id);
  CREATE INDEX agent_executions_started
    ON agent_executions (started_at, id, agent_name, operation, status, duration_ms, cost_micro_usd);
  CREATE INDEX agent_executions_eighth
    ON agent_executions (started_at, id, agent_name, operation, status, duration_ms, cost_micro_usd) WHERE id < 'exec-2';
  CREATE INDEX agent_executions_failed
    ON agent_executions (error_fingerprint, started_at, id, duration_ms, cost_micro_usd) WHERE error_fingerprint IS NOT NULL;
  CREATE INDEX agent_executions_thread ON agent_executions (thread);

  CREATE TABLE steps (
    id TEXT PRIMARY KEY,
    orchestration_id TEXT REFERENCES orchestrations (id) ON DELETE CASCADE,
    execution_id TEXT,
    parent_id TEXT,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    started_at TEXT NOT NULL,
    completed_at TEXT,
    duration_ms INTEGER,
    attempt INTEGER NOT NULL,
    outcome TEXT,
    error_type TEXT,
    cost_micro_usd REAL,
    input_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    unpriced_calls INTEGER NOT NULL,
    details TEXT NOT NULL CHECK (json_valid(details)),
    thread INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX steps_orchestration ON steps (orchestration_id, started_at, id);
  CREATE INDEX steps_thread ON steps (thread);
  CREATE INDEX steps_calls ON steps (started_at) WHERE kind IN ('model', 'tool');

  CREATE TABLE losses (
    id TEXT NOT NULL,
    orchestration_id TEXT NOT NULL REFERENCES orchestrations (id) ON DELETE CASCADE,
    reason TEXT NOT NULL,
    at TEXT NOT NULL,
    error_fingerprint TEXT,
    error_type TEXT,
    error_message TEXT,
    cost_micro_usd REAL,
    duration_ms INTEGER NOT NULL,
    thread INTEGER NOT NULL,
    PRIMARY KEY (thread, id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX losses_kind
    ON losses (reason, error_fingerprint, at, id, orchestration_id, duration_ms, cost_micro_usd);
  CREATE INDEX losses_orchestration ON losses (orchestration_id);

  CREATE TABLE rollups (
    kind TEXT NOT NULL,
    grain TEXT NOT NULL,
    at TEXT NOT NULL,
    agent_name TEXT NOT NULL,
    operation TEXT NOT NULL,
    unfinished INTEGER NOT NULL,
    completed INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    partial INTEGER NOT NULL,
    measured INTEGER NOT NULL,
    duration_ms INTEGER NOT NULL,
    priced INTEGER NOT NULL,
    cost_nano_usd INTEGER NOT NULL,
    input_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    unpriced_calls INTEGER NOT NULL,
    durations TEXT NOT NULL,
    PRIMARY KEY (kind, grain, at, agent_name, operation)
  ) STRICT, WITHOUT ROWID;
  `,
  // A day of steps, of all runs, in their order (memory/collect).
  'CREATE INDEX steps_began ON steps (started_at, id);',
];

export const schema: Schema = {
  // "FlLg"
  applicationId: 0x466c4c67,
  migrations,
  instead: 'name another file: --db <file>',
};
