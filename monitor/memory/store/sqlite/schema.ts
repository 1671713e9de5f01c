/** The tables of memory in SQLite. A change is a further entry of `migrations`; what is released is never edited. */
import type { Schema } from '../../../../service/sqlite-schema.ts';

/**
 * Hours, days and weeks sort by time as they are written. Each row says which job made it: with its time, that is the period it is
 * kept with, and nothing else has to be found to know it. Metrics are many and flat, so each field is a column; of the others the
 * columns are what is asked by, and `body` is the row, as JSON.
 * `job_runs`: what is done, and how many rows that made.
 */
const migrations = [
  `
  CREATE TABLE job_runs (
    job TEXT NOT NULL,
    period TEXT NOT NULL,
    rows INTEGER NOT NULL,
    PRIMARY KEY (job, period)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE metrics_hourly (
    hour TEXT NOT NULL,
    metric TEXT NOT NULL,
    labels TEXT NOT NULL CHECK (json_valid(labels)),
    value REAL,
    unit TEXT NOT NULL,
    coverage REAL NOT NULL,
    gap TEXT,
    job TEXT NOT NULL,
    PRIMARY KEY (hour, metric, labels, job)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX metrics_hourly_metric ON metrics_hourly (metric, hour, labels);

  CREATE TABLE metrics_daily (
    date TEXT NOT NULL,
    metric TEXT NOT NULL,
    labels TEXT NOT NULL CHECK (json_valid(labels)),
    value REAL,
    unit TEXT NOT NULL,
    coverage REAL NOT NULL,
    gap TEXT,
    job TEXT NOT NULL,
    PRIMARY KEY (date, metric, labels, job)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX metrics_daily_metric ON metrics_daily (metric, date, labels);

  CREATE TABLE snapshots (
    date TEXT NOT NULL,
    body TEXT NOT NULL CHECK (json_valid(body)),
    job TEXT NOT NULL,
    PRIMARY KEY (date, job)
  ) STRICT;

  CREATE TABLE decisions_log (
    date TEXT NOT NULL,
    at TEXT NOT NULL,
    id TEXT NOT NULL,
    body TEXT NOT NULL CHECK (json_valid(body)),
    job TEXT NOT NULL,
    PRIMARY KEY (date, at, id, job)
  ) STRICT;
  CREATE INDEX decisions_log_id ON decisions_log (id, date);

  CREATE TABLE anomalies (
    hour TEXT NOT NULL,
    metric TEXT NOT NULL,
    labels TEXT NOT NULL CHECK (json_valid(labels)),
    id TEXT NOT NULL,
    body TEXT NOT NULL CHECK (json_valid(body)),
    job TEXT NOT NULL,
    PRIMARY KEY (hour, metric, labels, id, job)
  ) STRICT;
  CREATE INDEX anomalies_id ON anomalies (id, hour);

  CREATE TABLE findings (
    week TEXT NOT NULL,
    key TEXT NOT NULL,
    body TEXT NOT NULL CHECK (json_valid(body)),
    job TEXT NOT NULL,
    PRIMARY KEY (week, key, job)
  ) STRICT;

  CREATE TABLE overrides (
    document TEXT NOT NULL,
    block TEXT NOT NULL,
    text TEXT NOT NULL,
    instead_of TEXT NOT NULL,
    PRIMARY KEY (document, block)
  ) STRICT;

  CREATE TABLE leases (name TEXT PRIMARY KEY, holder TEXT NOT NULL, until REAL NOT NULL) STRICT, WITHOUT ROWID;
  `,
];

export const schema: Schema = {
  // "FlMm"
  applicationId: 0x466c4d6d,
  migrations,
  instead: 'name another file',
};
