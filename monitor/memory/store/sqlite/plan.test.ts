import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sql } from './sql.ts';
import { openSqlite } from './sqlite-memory.ts';

let folder: string;
let database: DatabaseSync;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fleetscope-memory-'));
  const file = join(folder, 'memory.db');
  await openSqlite(file).close();
  database = new DatabaseSync(file);
});
afterAll(() => {
  database.close();
  rmSync(folder, { recursive: true });
});

const { metrics_hourly, metrics_daily, decisions_log, anomalies, findings } = sql.of;

test.each([
  ['hours', metrics_hourly.between, 'metrics_hourly USING PRIMARY KEY (hour>? AND hour<?)'],
  ['hours of a metric', metrics_hourly.ofMetric, 'metrics_hourly_metric (metric=? AND hour>? AND hour<?)'],
  ['days', metrics_daily.between, 'metrics_daily USING PRIMARY KEY (date>? AND date<?)'],
  ['days of a metric', metrics_daily.ofMetric, 'metrics_daily_metric (metric=? AND date>? AND date<?)'],
  ['a snapshot', sql.snapshot, 'sqlite_autoindex_snapshots_1 (date=?)'],
  ['snapshots', sql.snapshots, 'sqlite_autoindex_snapshots_1 (date>? AND date<?)'],
  ['a decision', decisions_log.byId, 'decisions_log_id (id=?)'],
  ['decisions', decisions_log.between, 'sqlite_autoindex_decisions_log_1 (date>? AND date<?)'],
  ['an anomaly', anomalies.byId, 'anomalies_id (id=?)'],
  ['anomalies', anomalies.between, 'sqlite_autoindex_anomalies_1 (hour>? AND hour<?)'],
  ['findings', findings.between, 'sqlite_autoindex_findings_1 (week>? AND week<?)'],
  ...Object.entries(sql.of).map(([table, { remove }]): [string, string, string] => [
    `remove of ${table}`,
    remove,
    '>? AND ',
  ]),
  ...Object.entries(sql.of).map(([table, { counts }]): [string, string, string] => [
    `counts of ${table}`,
    counts,
    `SCAN ${table}`,
  ]),
  ['isDone', sql.isDone, 'job_runs USING PRIMARY KEY (job=? AND period=?)'],
  ['done', sql.done, 'job_runs USING PRIMARY KEY (job=? AND period>?)'],
  ['marks', sql.marks, 'SCAN job_runs'],
  ['unmark', sql.unmark, 'job_runs USING PRIMARY KEY (job=? AND period=?)'],
  ['an override', sql.override, 'sqlite_autoindex_overrides_1 (document=? AND block=?)'],
  ['overrides', sql.overrides, 'sqlite_autoindex_overrides_1 (document=?)'],
  ['dropOverride', sql.dropOverride, 'sqlite_autoindex_overrides_1 (document=? AND block=?)'],
  ['release', sql.release, 'leases USING PRIMARY KEY (name=?)'],
])('M03 %s takes its index and sorts nothing that the index has sorted', (name, text, index) => {
  expect(text).not.toContain('undefined');
  const plan = database
    .prepare(`EXPLAIN QUERY PLAN ${text}`)
    .all()
    .map(({ detail }) => detail)
    .join('\n');
  expect(plan).toContain(index);
  expect(plan).not.toContain('TEMP B-TREE');
  // Whoever looks for damage reads everything.
  if (!/^(counts|marks)/.test(name)) expect(plan).not.toContain('SCAN');
});
