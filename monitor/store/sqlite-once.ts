import type { Fact } from '../ledger/fact.ts';
import { linksOf } from '../ledger/run-key.ts';
import type { SqliteLedger } from './sqlite.ts';
import { pauseMs } from './sqlite-connection.ts';
import { recordFacts, sql } from './sqlite-write.ts';

/**
 * Records a fact where none of its id is known, whoever else tries to: of two processes that tell the same end, one is told
 * that it came too late. Holds the thread for `patienceMs` at most while another process writes.
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
  for (const since = performance.now(); ; ) {
    const written = connection.tryWrite(work, performance.now() - since > patienceMs);
    if (written) return written.value;
    Atomics.wait(idle, 0, 0, pauseMs());
  }
}

const known = 'SELECT 1 FROM facts WHERE thread = ? AND id = ?';
const idle = new Int32Array(new SharedArrayBuffer(4));
