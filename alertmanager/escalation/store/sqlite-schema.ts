/** The tables of the SQLite store. A change is a further entry of `migrations`; what is released is never edited. */
import type { DatabaseSync } from 'node:sqlite';

/** "FlEs": tells our file from another program's. */
const applicationId = 0x466c4573;

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

/** Brings the file to the newest schema, whoever else opens it now. */
export function migrate(database: DatabaseSync, file: string): void {
  if (schemaOf(database, file) === migrations.length) return;
  database.exec('BEGIN IMMEDIATE');
  try {
    // Again: another process may have done it while this one waited for the lock.
    for (const step of migrations.slice(schemaOf(database, file))) database.exec(step);
    database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${migrations.length}; COMMIT`);
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

/** Which schema it has; 0: none yet. @throws Error for a file that is not ours to touch. */
export function schemaOf(database: DatabaseSync, file: string): number {
  const of = (pragma: string) => Number(Object.values(database.prepare(`PRAGMA ${pragma}`).get() ?? {})[0]);
  const version = of('user_version');
  const application = of('application_id');
  const empty = !database.prepare('SELECT 1 FROM sqlite_schema').get();
  if (application !== applicationId && !(application === 0 && empty))
    throw new Error(`Cannot open ${file}: it is the database of another program. Point to another file.`);
  if (version > migrations.length)
    throw new Error(
      `Cannot open ${file}: a newer fleetscope wrote it (schema ${version}, this one knows ${migrations.length}). Start the newer one, or point to another file.`,
    );
  return version;
}
