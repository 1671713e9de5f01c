/** The tables of a database file of ours, whose it is, and how an older one becomes today's. */
import type { DatabaseSync } from 'node:sqlite';
import { FileError } from './sqlite-error.ts';

export interface Schema {
  /** Four letters as a number: tells our file from another program's. */
  readonly applicationId: number;
  /** Each brings the file one version on; what is released is never edited. */
  readonly migrations: readonly (string | ((database: DatabaseSync) => void))[];
  /** What to do about a file that is not ours, e.g. `name another file: --db <file>`. */
  readonly instead: string;
}

/** Brings the file to the newest schema, whoever else opens it now. All of it, or nothing. */
export function migrate(database: DatabaseSync, file: string, schema: Schema): void {
  const { applicationId, migrations } = schema;
  if (schemaOf(database, file, schema) === migrations.length) return;
  database.exec('BEGIN IMMEDIATE');
  try {
    // Again: another process may have done it while this one waited for the lock.
    for (const step of migrations.slice(schemaOf(database, file, schema)))
      if (typeof step === 'string') database.exec(step);
      else step(database);
    database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${migrations.length}; COMMIT`);
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

/** Which schema it has; 0: none yet. @throws Error for a file that is not ours to touch. */
export function schemaOf(database: DatabaseSync, file: string, { applicationId, migrations, instead }: Schema): number {
  const of = (pragma: string) => Number(Object.values(database.prepare(`PRAGMA ${pragma}`).get() ?? {})[0]);
  // In this order: another process may make it ours between two of these, and what it made is then known by its name.
  const empty = !database.prepare('SELECT 1 FROM sqlite_schema').get();
  const application = of('application_id');
  const version = of('user_version');
  if (application !== applicationId && !(application === 0 && empty))
    throw new FileError(
      `Cannot open ${file}: it is the database of another program. ${instead[0]?.toUpperCase()}${instead.slice(1)}.`,
    );
  if (version > migrations.length)
    throw new FileError(
      `Cannot open ${file}: a newer fleetscope wrote it (schema ${version}, this one knows ${migrations.length}). Use the newer one, or ${instead}.`,
    );
  return version;
}
