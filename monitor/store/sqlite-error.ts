/** What went wrong with the ledger's file, and what to do about it. */
export function sqliteError(action: string, file: string, error: unknown): Error {
  const { message } = error as Error;
  if (/^Cannot /.test(message)) return error as Error;
  // Neither SQLite nor the machine: the file is well.
  if (!('code' in (error as Error)))
    return new Error(`Cannot ${action} ${file}: ${message}. Look at what was given.`, { cause: error });
  return new Error(`Cannot ${action} ${file}: ${message}. ${remedies[codeOf(error)] ?? remedies.other}`, {
    cause: error,
  });
}

const damaged = 'Check it with `npm run monitor -- check`, and move it away: what runs next makes a new one.';

const remedies: Record<string | number, string> = {
  5: 'Another process has held it for half a minute: end that one (`fuser` names it), then try again.',
  8: "Check the file's and the folder's permissions.",
  11: damaged,
  13: 'The disk is full: free space, or `npm run monitor -- cleanup <days>`.',
  14: 'Check that the folder exists and may be written to.',
  26: damaged,
  other: "Check the disk's free space and the folder's permissions.",
};

/** Another process has the lock. */
export function isBusy(error: unknown): boolean {
  return [5, 6].includes(codeOf(error)); // SQLITE_BUSY, SQLITE_LOCKED
}

/** It is no database, or a broken one. */
export function isDamage(error: unknown): boolean {
  return [11, 26].includes(codeOf(error)); // SQLITE_CORRUPT, SQLITE_NOTADB
}

/** SQLite's primary result code; the extended ones carry it in the low byte. */
function codeOf(error: unknown): number {
  return ((error as { errcode?: number }).errcode ?? 0) & 0xff;
}
