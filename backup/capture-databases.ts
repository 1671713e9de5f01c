/** Parts that keep SQLite databases: each is copied by SQLite itself, as one transaction sees it, and checked. */
import { existsSync, readdirSync } from 'node:fs';
import { chmod, mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { allStaged, type Capture } from './captured.ts';
import { filesIn, stageFolder } from './stage.ts';

/**
 * Never the raw file: half of a transaction may be in its log. Text logs come first: what they tell is in the database, then. So do the files of the
 * memory: what people wrote in them is nowhere else.
 */
export const captureDatabases: Capture = async ({ folder, elsewhere }, staged) => {
  for (const name of ['logs', 'memory']) await stageFolder(join(folder, name), join(staged, name), { skip });
  for (const [name, from] of Object.entries(elsewhere)) await stageFolder(from, join(staged, name), { skip });
  for (const path of await databasesIn(folder)) await copyDatabase(join(folder, path), join(staged, path));
  return allStaged;
};

/** Half written: it takes its place when it is whole (monitor/memory/schedule/write-file.ts). */
const skip = (path: string) => /(^|\/)\.[^/]+\.partial-[0-9a-f]{8}$/.test(path);

async function databasesIn(folder: string): Promise<string[]> {
  if (!existsSync(folder)) return [];
  // Not what was set aside as damaged, nor the plug-ins' and pages' folders of Grafana.
  return readdirSync(folder).filter((name) => /\.(db|sqlite)$/.test(name));
}

/** All pages in one step: between steps another's write would start the copy over again. */
const allPages = 1 << 30;

async function copyDatabase(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  try {
    await copyFrom(from, to);
  } catch (error) {
    // On a volume that is mounted to be read only, SQLite wants the log that a running service has. Without one nobody writes.
    if (!isCannotOpen(error) || existsSync(`${from}-wal`)) throw notCopied(from, error);
    const still = pathToFileURL(from);
    still.searchParams.set('immutable', '1');
    await copyFrom(still, to).catch((error) => Promise.reject(notCopied(from, error)));
  }
  // Its service keeps it for itself.
  await chmod(to, 0o600);
  await check(to, from);
}

async function copyFrom(from: string | URL, to: string): Promise<void> {
  const source = new DatabaseSync(from, { readOnly: true, timeout: 10_000 });
  try {
    await backup(source, to, { rate: allPages });
  } finally {
    source.close();
  }
}

/** SQLITE_CANTOPEN */
function isCannotOpen(error: unknown): boolean {
  return (error as { errcode?: number }).errcode === 14;
}

function notCopied(from: string, cause: unknown): Error {
  return new Error(`Cannot copy ${from}: SQLite says ${(cause as Error).message}. Look whether its service is well.`, {
    cause,
  });
}

/** @throws Error where the copy is not whole. */
async function check(copy: string, from: string): Promise<void> {
  const database = new DatabaseSync(copy);
  try {
    // It carries the mode of its source: without a log beside it, the file is all.
    database.exec('PRAGMA journal_mode = DELETE');
    const [first] = database.prepare('PRAGMA quick_check(1)').all() as { quick_check: string }[];
    if (first?.quick_check !== 'ok')
      throw new Error(
        `Cannot back up ${from}: it is damaged (${first?.quick_check}). Restart its service, which sets it aside and keeps what can be read.`,
      );
  } finally {
    database.close();
  }
  for (const beside of ['-wal', '-shm', '-journal']) await rm(copy + beside, { force: true });
}

/** Their paths, of a folder that was restored. */
export async function allDatabases(folder: string): Promise<string[]> {
  return (await filesIn(folder)).filter((path) => /\.(db|sqlite)$/.test(path)).map((path) => join(folder, path));
}
