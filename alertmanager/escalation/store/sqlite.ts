/** The store in one SQLite file, by Node's own SQLite: nothing to install, and up to some thousand saves a second. */
import type { SQLInputValue } from 'node:sqlite';
import { setImmediate as turn } from 'node:timers/promises';
import { GroupCommit } from '../../../service/group-commit.ts';
import { openFile, type SqliteFile } from '../../../service/sqlite-file.ts';
import type { Severity } from '../../routes.ts';
import { canonical, chained, type Head, noHead } from '../audit/chain.ts';
import type { Instant } from '../clock.ts';
import type { Incident, JournalEntry } from '../incident/incident.ts';
import { incidentOf, noneOpen, pageSize, type Row, rowOf } from './row.ts';
import { salvageFrom } from './sqlite-salvage.ts';
import { schema } from './sqlite-schema.ts';
import type { AuditRecord, ListFilter, Store, StoreOptions } from './store.ts';

/** Rows that are in memory at once while a long answer is walked through. */
const page = 200;

export function openSqlite(path: string, { notice, onBroken }: StoreOptions): Store {
  const file = openFile(path, { schema, pragmas: 'PRAGMA cache_size = -8192', onBroken });
  salvageFrom(file, notice);
  return new SqliteStore(file);
}

class SqliteStore implements Store {
  readonly #file: SqliteFile;
  readonly #commits: GroupCommit;

  constructor(file: SqliteFile) {
    this.#file = file;
    this.#commits = new GroupCommit(file);
  }

  async byId(id: string): Promise<Incident | undefined> {
    return this.#incidents(sql.byId, id)[0];
  }

  async newestOf(key: string): Promise<Incident | undefined> {
    return this.#incidents(sql.openOf, key)[0] ?? this.#incidents(sql.newestOf, key)[0];
  }

  save(incident: Incident): Promise<boolean> {
    const row = rowOf(incident);
    return this.#commits.write(() => {
      const { changes } = row.version === 1 ? this.#insert(row) : this.#update(row);
      if (changes === 0) return false;
      this.#chain(incident.journal);
      return true;
    });
  }

  #insert({ id, version, key, state, severity, team, dueAt, openedAt, resolvedAt, document }: Row) {
    const values = [id, version, key, state, severity, team, dueAt, openedAt, resolvedAt, document];
    return this.#file.statement(sql.insert).run(...values);
  }

  #update({ id, version, key, state, severity, team, dueAt, openedAt, resolvedAt, document }: Row) {
    const values = [version, key, state, severity, team, dueAt, openedAt, resolvedAt, document, id, version - 1];
    return this.#file.statement(sql.update).run(...values);
  }

  #chain(journal: readonly JournalEntry[]): void {
    if (journal.length === 0) return;
    let head = (this.#file.statement(sql.head).get() as Head | undefined) ?? noHead;
    for (const entry of journal) {
      const record = chained(head, entry);
      const { number, id, incident, previous, hash } = record;
      const { changes } = this.#file.statement(sql.append).run(number, id, incident, previous, hash, canonical(entry));
      if (changes > 0) head = record;
    }
  }

  async due(now: Instant, limit: number): Promise<Incident[]> {
    return this.#incidents(sql.due, now, Math.max(1, limit));
  }

  async *unresolved(): AsyncIterable<Incident> {
    yield* pages((last?: Incident) => this.#incidents(sql.unresolved, last?.id ?? '', page));
  }

  async list({ states, team, severity, before, limit }: ListFilter): Promise<Incident[]> {
    const unresolved = states && !states.includes('resolved');
    const inStates = states && `state IN (${states.map(() => '?').join(', ')})`;
    const conditions = [before && 'id < ?', inStates, team && 'team = ?', severity && 'severity = ?'];
    const values = [before, ...(states ?? []), team, severity].filter((value) => value !== undefined);
    return this.#incidents(
      sql.list([...conditions, unresolved && sql.isUnresolved].filter(Boolean) as string[]),
      ...values,
      pageSize(limit),
    );
  }

  async openBySeverity(): Promise<Record<Severity, number>> {
    const rows = this.#read(sql.openBySeverity) as unknown as { severity: Severity; count: number }[];
    return { ...noneOpen(), ...Object.fromEntries(rows.map(({ severity, count }) => [severity, count])) };
  }

  spend(token: string, expiresAt: Instant): Promise<boolean> {
    return this.#commits.write(() => this.#file.statement(sql.spend).run(token, expiresAt).changes > 0);
  }

  lease(name: string, holder: string, until: Instant, now: Instant): Promise<boolean> {
    return this.#commits.write(() => this.#file.statement(sql.lease).run(name, holder, until, now).changes > 0);
  }

  async release(name: string, holder: string): Promise<void> {
    await this.#commits.write(() => this.#file.statement(sql.release).run(name, holder));
  }

  async *audit(from = 1): AsyncIterable<AuditRecord> {
    yield* pages((last?: AuditRecord) => this.#records(sql.audit, last ? last.number + 1 : from, page));
  }

  async historyOf(id: string): Promise<AuditRecord[]> {
    return this.#records(sql.historyOf, id);
  }

  async forget(before: Instant): Promise<number> {
    let forgotten = 0;
    // In small transactions: alerts come in between.
    for (const statement of [sql.forget, sql.forgetSpent, sql.forgetLeases]) {
      for (let changes = page; changes === page; ) {
        changes = await this.#commits.write(() => Number(this.#file.statement(statement).run(before, page).changes));
        if (statement === sql.forget) forgotten += changes;
      }
    }
    return forgotten;
  }

  async close(): Promise<void> {
    await this.#commits.idle();
    this.#file.close();
  }

  #incidents(text: string, ...values: SQLInputValue[]): Incident[] {
    return (this.#read(text, ...values) as unknown as Row[]).map(incidentOf);
  }

  #records(text: string, ...values: SQLInputValue[]): AuditRecord[] {
    const rows = this.#read(text, ...values) as unknown as (Head & { previous: string; entry: string })[];
    return rows.map(({ entry, ...place }) => ({ ...(JSON.parse(entry) as JournalEntry), ...place }));
  }

  #read(text: string, ...values: SQLInputValue[]): Record<string, unknown>[] {
    this.#file.check();
    try {
      return this.#file.statement(text).all(...values);
    } catch (error) {
      throw this.#file.failure('read', error);
    }
  }
}

/** Page after page, each read anew: a walk neither fills the memory, nor keeps the log from being cut back, nor holds up alerts. */
async function* pages<T>(read: (last?: T) => T[]): AsyncIterable<T> {
  for (let rows = read(); rows.length > 0; rows = rows.length < page ? [] : read(rows.at(-1))) {
    yield* rows;
    await turn();
  }
}

const isUnresolved = "state <> 'resolved'";

/** Every statement, each on the index that sqlite.test.ts says. */
export const sql = {
  isUnresolved,
  byId: 'SELECT document FROM incidents WHERE id = ?',
  openOf: `SELECT document FROM incidents WHERE key = ? AND ${isUnresolved}`,
  newestOf: 'SELECT document FROM incidents WHERE key = ? ORDER BY id DESC LIMIT 1',
  insert: 'INSERT INTO incidents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
  update: `UPDATE OR IGNORE incidents SET version = ?, key = ?, state = ?, severity = ?, team = ?, due_at = ?, opened_at = ?,
    resolved_at = ?, document = ? WHERE id = ? AND version = ?`,
  due: 'SELECT document FROM incidents WHERE due_at <= ? ORDER BY due_at, id LIMIT ?',
  unresolved: `SELECT document FROM incidents WHERE id > ? AND ${isUnresolved} ORDER BY id LIMIT ?`,
  /** The index answers alone which they are; only then documents are read. */
  list: (conditions: string[]) =>
    `SELECT document FROM incidents WHERE id IN (SELECT id FROM incidents WHERE ${['TRUE', ...conditions].join(' AND ')}
    ORDER BY id DESC LIMIT ?) ORDER BY id DESC`,
  openBySeverity: `SELECT severity, count(*) AS count FROM incidents WHERE ${isUnresolved} GROUP BY severity`,
  spend: 'INSERT INTO spent VALUES (?, ?) ON CONFLICT DO NOTHING',
  lease: `INSERT INTO leases VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET holder = ?2, until = ?3
    WHERE until <= ?4 OR holder = ?2`,
  release: 'DELETE FROM leases WHERE name = ? AND holder = ?',
  head: 'SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1',
  append: 'INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING',
  audit: 'SELECT number, previous, hash, entry FROM audit WHERE number >= ? ORDER BY number LIMIT ?',
  historyOf: 'SELECT number, previous, hash, entry FROM audit WHERE incident = ? ORDER BY number',
  forget: 'DELETE FROM incidents WHERE id IN (SELECT id FROM incidents WHERE resolved_at < ? LIMIT ?)',
  forgetSpent: 'DELETE FROM spent WHERE token IN (SELECT token FROM spent WHERE expires_at < ? LIMIT ?)',
  forgetLeases: 'DELETE FROM leases WHERE name IN (SELECT name FROM leases WHERE until < ? LIMIT ?)',
} as const;
