import { salvage } from '../../../service/salvage.ts';
import { blockedMs, type SqliteFile } from '../../../service/sqlite-file.ts';

/** How long another process that salvages, too, may hold the file. */
const patienceMs = 60_000;

/** Keeps what can be read of files that were damaged and set aside. The service that pages people must start: a row that does not fit is left. */
export function salvageFrom({ path, database }: SqliteFile, notice: (line: string) => void): void {
  salvage(path, {
    tables: { incidents: 'rowid', audit: 'number', spent: 'token', leases: 'name' },
    keep(rows) {
      const kept = new Map<string, number>();
      database.exec(`PRAGMA busy_timeout = ${patienceMs}; BEGIN IMMEDIATE`);
      try {
        for (const { table, row } of rows) {
          const columns = Object.keys(row);
          const insert = `INSERT OR IGNORE INTO ${table} (${columns}) VALUES (${columns.map(() => '?')})`;
          try {
            const { changes } = database.prepare(insert).run(...Object.values(row));
            kept.set(table, (kept.get(table) ?? 0) + Number(changes));
          } catch (error) {
            // A disk that is full ends the transaction, a row that does not fit does not.
            if (!database.isTransaction) throw error;
          }
        }
        database.exec('COMMIT');
      } finally {
        if (database.isTransaction) database.exec('ROLLBACK');
        database.exec(`PRAGMA busy_timeout = ${blockedMs}`);
      }
      return `${kept.get('incidents') ?? 0} incidents and ${kept.get('audit') ?? 0} audit records`;
    },
    remedy: 'Look at the disk; alerts that still fire come again from Alertmanager.',
    notice,
  });
}
