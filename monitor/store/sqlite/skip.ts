/** A thread that cannot be worked on stops no other: it is told of, and left out. */
import { FileError } from '../../../service/sqlite-error.ts';
import type { Connection } from './connection.ts';
import { RollupChanges } from './rollup.ts';

/**
 * Inside a transaction: all of the work on a thread, or nothing of it.
 * @param action what is done, as people are told that it cannot be.
 * @param instead becomes of the thread where it cannot. @returns whether it was done.
 */
export function unlessBroken(
  connection: Connection,
  { thread, action, instead }: { readonly thread: number; readonly action: string; readonly instead: string },
  rollups: RollupChanges,
  work: (rollups: RollupChanges) => void,
): boolean {
  const own = new RollupChanges();
  connection.run(sql.begin);
  try {
    work(own);
  } catch (error) {
    if (isOfFile(error)) throw error;
    connection.run(sql.undo);
    connection.run(sql.end);
    connection.run(instead, thread);
    connection.noticeOnce(
      `Cannot ${action} number ${thread} of ${connection.path}: ${(error as Error).message}. It stays as it was, its facts are kept, all others go on. Report it.`,
    );
    return false;
  }
  connection.run(sql.end);
  rollups.merge(own);
  return true;
}

const constraint = 19;

/** What is wrong with the file or the disk is wrong for all of them. */
function isOfFile(error: unknown): boolean {
  const { errcode } = error as { errcode?: number };
  return error instanceof FileError || (errcode !== undefined && (errcode & 0xff) !== constraint);
}

export const sql = { begin: 'SAVEPOINT of_thread', undo: 'ROLLBACK TO of_thread', end: 'RELEASE of_thread' } as const;
