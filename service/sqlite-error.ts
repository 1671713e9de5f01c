/** The file, or the disk below it, does not do its part: the same again may go well later. `cause` is what SQLite said. */
export class FileError extends Error {
  override readonly name = 'FileError';
}

export interface Remedies {
  readonly busy: string;
  readonly denied: string;
  readonly damaged: string;
  readonly full: string;
  readonly noFolder: string;
  readonly other: string;
}

const usual: Remedies = {
  busy: 'Another process has held it for too long: end that one (`fuser` names it), then try again.',
  denied: "Check the file's and the folder's permissions.",
  damaged: 'Move it away: what runs next makes a new one.',
  full: 'The disk is full: free space.',
  noFolder: 'Check that the folder exists and may be written to.',
  other: "Check the disk's free space and the folder's permissions.",
};

/** By SQLite's result codes: https://sqlite.org/rescode.html */
const codes: Record<number, keyof Remedies> = {
  5: 'busy',
  6: 'busy',
  8: 'denied',
  11: 'damaged',
  13: 'full',
  14: 'noFolder',
  26: 'damaged',
};

const constraint = 19;

/** An error of SQLite's as a sentence; one that is a sentence already as it is. */
export function sqliteError(
  action: 'open' | 'read' | 'write to',
  file: string,
  error: unknown,
  remedies: Partial<Remedies> = {},
): Error {
  const { message } = error as Error;
  if (isOurs(error)) return error as Error;
  const said = oneLine(message);
  // Neither SQLite nor the machine: the file is well.
  if (!('code' in (error as Error)) || codeOf(error) === constraint)
    return new Error(`Cannot ${action} ${file}: ${said}. Look at what was given.`, { cause: error });
  const remedy = { ...usual, ...remedies }[codes[codeOf(error)] ?? 'other'];
  return new FileError(`Cannot ${action} ${file}: ${said}. ${remedy}`, { cause: error });
}

/** Neither SQLite's nor the machine's, which have a code, nor the language's: V8 says "Cannot read properties of undefined", too. */
function isOurs(error: unknown): boolean {
  const isOfLanguage = [TypeError, RangeError, ReferenceError, SyntaxError].some((type) => error instanceof type);
  return error instanceof FileError || !('code' in (error as Error) || isOfLanguage);
}

/** Another process has the lock. */
export function isBusy(error: unknown): boolean {
  return codes[codeOf(error)] === 'busy';
}

/** It is no database, or a broken one. */
export function isDamage(error: unknown): boolean {
  return codes[codeOf(error)] === 'damaged';
}

/** The file is none of SQLite's, or so broken that it seems so; an encrypted one is not told from it. */
export function isNoDatabase(error: unknown): boolean {
  return codeOf(error) === 26;
}

/** What SQLite says of damage begins with a line of its own that says nothing. */
export function oneLine(said: string): string {
  return said
    .replace(/^\*\*\* in database \w+ \*\*\*/, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

/** SQLite's primary result code; the extended ones carry it in the low byte. */
function codeOf(error: unknown): number {
  return ((error as { errcode?: number }).errcode ?? 0) & 0xff;
}
