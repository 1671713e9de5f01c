/** A ledger of so many executions, made once and kept in the temporary folder: to make a million takes minutes. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { SqliteLedger } from '../monitor/store/sqlite/sqlite-ledger.ts';
import { executionsPerRun, runFacts } from './ledger-facts.ts';

export interface MadeLedger {
  readonly file: string;
  readonly runs: number;
  readonly executions: number;
  readonly bytes: number;
}

/** Runs in one transaction. */
const together = 1000;

export function madeLedger(executions: number, progress: (text: string) => void): MadeLedger {
  const runs = Math.max(1, Math.round(executions / executionsPerRun));
  const folder = join(tmpdir(), 'fleetscope-bench-ledger');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${runs * executionsPerRun}-${fingerprint(folder)}.db`);
  if (!existsSync(file)) {
    const making = `${file}.making-${process.pid}`;
    make(making, runs, progress);
    // It is there when it is whole.
    renameSync(making, file);
  }
  return { file, runs, executions: runs * executionsPerRun, bytes: statSync(file).size };
}

function make(file: string, runs: number, progress: (text: string) => void): void {
  const ledger = new SqliteLedger(file);
  // A power cut costs a file that is made once more; and what is random in the ids fits into memory.
  ledger.connection.database.exec('PRAGMA synchronous = OFF; PRAGMA cache_size = -1000000');
  const startedAt = performance.now();
  for (let from = 0; from < runs; from += together) {
    const to = Math.min(runs, from + together);
    ledger.record(Array.from({ length: to - from }, (_, index) => runFacts(from + index, runs)).flat());
    const rate = (to * executionsPerRun) / ((performance.now() - startedAt) / 1000);
    progress(
      `ledger of ${runs * executionsPerRun} executions: ${to * executionsPerRun} made, ${rate.toFixed(0)} a second`,
    );
  }
  ledger.close();
}

/** Of the tables and of what is put into them: of another, the ledger is another. */
function fingerprint(folder: string): string {
  const empty = join(folder, `empty-${process.pid}.db`);
  try {
    new SqliteLedger(empty).close();
    const database = new DatabaseSync(empty, { readOnly: true });
    const tables = database.prepare('SELECT sql FROM sqlite_schema ORDER BY name').all();
    database.close();
    const facts = readFileSync(join(import.meta.dirname, 'ledger-facts.ts'));
    return createHash('sha256').update(JSON.stringify(tables)).update(facts).digest('hex').slice(0, 12);
  } finally {
    for (const part of ['', '-wal', '-shm']) rmSync(empty + part, { force: true });
  }
}
