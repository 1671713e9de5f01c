import type { Fact } from '../../ledger/fact.ts';
import { linksOf } from '../../ledger/run-key.ts';
import { type Connection, patienceMs as longestMs, pauseMs } from './connection.ts';
import type { SqliteLedger } from './sqlite-ledger.ts';
import { recordFacts, sql } from './write.ts';

/**
 * Records a fact where none of its id is known, whoever else tries to: of two processes that tell the same end, one is told
 * that it came too late. Holds the thread for `patienceMs` at most while one process keeps the file, longer where many take turns.
 * @returns false: it was known, and nothing has changed.
 */
export function recordOnce({ connection }: SqliteLedger, fact: Fact, patienceMs: number): boolean {
  const isKnown = () =>
    linksOf(fact).some((link) => {
      const found = connection.get<{ thread: number }>(sql.threadOf, link);
      return found !== undefined && connection.get(known, found.thread, fact.id) !== undefined;
    });
  const work = () => {
    if (isKnown()) return false;
    recordFacts(connection, [fact]);
    return true;
  };
  // `tryWrite` gives undefined while another process holds the file, unless this attempt is the last.
  let [since, seen] = [performance.now(), 0];
  for (const begun = since; ; ) {
    const now = performance.now();
    const written = connection.tryWrite(work, now - since > patienceMs || now - begun > longestMs);
    if (written) return written.value;
    Atomics.wait(idle, 0, 0, pauseMs());
    // Others take turns: nobody holds on to it, and ours comes.
    const version = versionOf(connection) ?? seen;
    if (version !== seen) [since, seen] = [performance.now(), version];
  }
}

/** Another one each time that another process has written. Undefined: it cannot be read now; who writes next is told why. */
function versionOf(connection: Connection): number | undefined {
  try {
    return connection.get<{ data_version: number }>('PRAGMA data_version')?.data_version;
  } catch {
    return undefined;
  }
}

const known = 'SELECT 1 FROM facts WHERE thread = ? AND id = ?';
const idle = new Int32Array(new SharedArrayBuffer(4));
