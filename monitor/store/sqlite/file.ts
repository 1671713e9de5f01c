/** The ledger's database file: how it is opened, and what is kept of a damaged one. */
import { salvage } from '../../../service/salvage.ts';
import { openFile, type SqliteFile } from '../../../service/sqlite-file.ts';
import { factOf } from '../../ledger/body.ts';
import type { Fact } from '../../ledger/fact.ts';
import type { OpenOptions } from '../store.ts';
import { schema } from './schema.ts';

/** Up to this size a file is checked whole when it is opened; a bigger one takes too long for a command. See `damage()`. */
const checkedBytes = 8 * 1024 * 1024;

/** Facts that are written in one transaction: others write in between. */
const batch = 1000;

/** What a person is told whose command found it so. */
const left =
  'It is left as it is. What writes to it sets it aside at its next start, and keeps what can be read; or move it away.';

export function openLedgerFile(
  path: string,
  { notice, ifDamaged, onBroken }: Pick<OpenOptions, 'ifDamaged' | 'onBroken'> & Required<Pick<OpenOptions, 'notice'>>,
): SqliteFile {
  const onDamaged = (why: string) => notice(`${path} is damaged (${why}), and what is read may not be all. ${left}`);
  return openFile(path, {
    ...{ schema, checkedBytes, onBroken },
    ...(ifDamaged === 'leave' && { onDamaged }),
    // So that cleanup can give space back.
    makePragmas: 'PRAGMA auto_vacuum = INCREMENTAL',
    // A longer log and a bigger cache write a page once that several transactions change: ids are hashes, and fall anywhere.
    pragmas: 'PRAGMA wal_autocheckpoint = 8000; PRAGMA cache_size = -65536',
    remedies: {
      full: 'The disk is full: free space, or `npm run monitor -- cleanup <days>`.',
      // Who runs for long sets it aside by itself.
      ...(!onBroken && {
        damaged:
          ifDamaged === 'leave'
            ? left
            : 'Check it with `npm run monitor -- check`, and move it away: what runs next makes a new one.',
      }),
    },
  });
}

/** Records the facts that can be read of files that were damaged and set aside; all else is made of them. */
export function salvageFacts(path: string, notice: (line: string) => void, record: (facts: Fact[]) => void): void {
  salvage(path, {
    tables: { facts: 'rowid' },
    keep(rows) {
      const ids = new Set<string>();
      let some: Fact[] = [];
      for (const { row } of rows) {
        let fact: Fact;
        try {
          fact = factOf(row.body as string);
        } catch {
          continue;
        }
        ids.add(fact.id);
        if (some.push(fact) < batch) continue;
        record(some);
        some = [];
      }
      record(some);
      return `${ids.size} facts`;
    },
    remedy: 'Look at the disk.',
    notice,
  });
}
