/** The tables of the SQLite store. A change is a further entry of `migrations`; what is released is never edited. */
import type { Schema } from '../../../service/sqlite-schema.ts';

/** Instants are REAL: a clock may count fractions of a millisecond. */
const migrations = [
  `
  CREATE TABLE incidents (
    id TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    key TEXT NOT NULL,
    state TEXT NOT NULL,
    severity TEXT NOT NULL,
    team TEXT NOT NULL,
    due_at REAL,
    opened_at REAL NOT NULL,
    resolved_at REAL,
    document TEXT NOT NULL CHECK (json_valid(document))
  ) STRICT;
  CREATE UNIQUE INDEX incidents_open_key ON incidents (key) WHERE state <> 'resolved';
  CREATE INDEX incidents_key ON incidents (key, id);
  CREATE INDEX incidents_due ON incidents (due_at, id) WHERE due_at IS NOT NULL;
  CREATE INDEX incidents_list ON incidents (id, state, team, severity);
  CREATE INDEX incidents_unresolved ON incidents (id, state, team, severity) WHERE state <> 'resolved';
  CREATE INDEX incidents_resolved ON incidents (resolved_at) WHERE resolved_at IS NOT NULL;

  CREATE TABLE audit (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    incident TEXT NOT NULL,
    previous TEXT NOT NULL,
    hash TEXT NOT NULL,
    entry TEXT NOT NULL CHECK (json_valid(entry))
  ) STRICT;
  CREATE INDEX audit_incident ON audit (incident, number);
  CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit trail is only added to'); END;
  CREATE TRIGGER audit_is_not_removed BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit trail is only added to'); END;

  CREATE TABLE spent (token TEXT PRIMARY KEY, expires_at REAL NOT NULL) STRICT, WITHOUT ROWID;
  CREATE INDEX spent_expires ON spent (expires_at);

  CREATE TABLE leases (name TEXT PRIMARY KEY, holder TEXT NOT NULL, until REAL NOT NULL) STRICT, WITHOUT ROWID;
  `,
];

export const schema: Schema = {
  // "FlEs"
  applicationId: 0x466c4573,
  migrations,
  instead: 'point to another file',
};
