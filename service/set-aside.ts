/**
 * Damaged databases are moved away, never over another and never twice, and are written down until what can be read of them is
 * kept: whoever is killed in between, the next one goes on.
 */
import { existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { oneLine } from './sqlite-error.ts';

export interface Aside {
  /** Where the damaged file is now. */
  readonly path: string;
  /** What was wrong with it. */
  readonly why: string;
}

/** How long another process may take to move a file. */
const patienceMs = 10_000;

/** Moves the file and its log away, if it is the one of this inode still. @throws Error where it cannot be moved */
export function setAside(file: string, inode: number | undefined, why: string): void {
  alone(file, () => {
    // Somebody else was faster, and what is there now is another file, and well.
    if (inode === undefined || inodeOf(file) !== inode) return;
    const path = `${file}.corrupt-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`;
    if (existsSync(path)) throw new Error(`Cannot set ${file} aside: ${path} exists. Move one of them away.`);
    // Written down first: a file that is moved and forgotten would be lost.
    write(file, [...written(file), { path, why }]);
    for (const part of ['', '-wal', '-shm']) if (existsSync(file + part)) renameSync(file + part, path + part);
  });
}

/** Those of which nobody has kept yet what can be read. */
export function unread(file: string): Aside[] {
  return existsSync(listOf(file)) ? written(file).filter(({ path }) => existsSync(path)) : [];
}

/** What can be read of it is kept. */
export function forget(file: string, { path }: Aside): void {
  alone(file, () =>
    write(
      file,
      written(file).filter((aside) => aside.path !== path),
    ),
  );
}

/** Which file lies under this name; undefined: none. */
export function inodeOf(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.ino;
}

const listOf = (file: string) => `${file}.damaged`;

function written(file: string): Aside[] {
  if (!existsSync(listOf(file))) return [];
  const lines = readFileSync(listOf(file), 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => {
    const [path = '', why = ''] = line.split('\t');
    return { path, why };
  });
}

function write(file: string, asides: readonly Aside[]): void {
  if (asides.length === 0) {
    rmSync(listOf(file), { force: true });
    return;
  }
  const text = asides.map(({ path, why }) => `${path}\t${oneLine(why)}\n`).join('');
  // Whole or not at all.
  writeFileSync(`${listOf(file)}.new`, text, { mode: 0o600 });
  renameSync(`${listOf(file)}.new`, listOf(file));
}

/** One process at a time. The lock is SQLite's own, on a file that stays empty: it ends with its holder, however that ends. */
function alone(file: string, work: () => void): void {
  const lock = new DatabaseSync(`${file}.lock`, { timeout: patienceMs });
  try {
    lock.exec('BEGIN EXCLUSIVE');
    work();
  } finally {
    lock.close();
  }
}
