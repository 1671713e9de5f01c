/** A backup put back: read whole and checked beside, then moved into place, so that a part has all of it or what it had before. */
import { existsSync } from 'node:fs';
import { chmod, chown, lstat, mkdir, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { allDatabases } from './capture-databases.ts';
import { newestRecord, openRepository, type Record } from './repository.ts';
import type { Restic } from './restic.ts';
import { isEmpty, notData, type Source } from './sources.ts';
import { filesIn } from './stage.ts';

export interface RestoreOptions {
  readonly restic: Restic;
  /** The newest backup that is not younger, in milliseconds. Default: the newest. */
  readonly at?: number | undefined;
  /** What is there is moved aside, into a folder of that name within. Default: a folder with data is refused. */
  readonly replace?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Where what was there stays after a restore that replaces it. */
export const before = '.before-restore';

/** @throws Error; then the folder has what it had before */
export async function restore(source: Source, options: RestoreOptions): Promise<Record> {
  const { restic, at, replace, signal } = options;
  const { part, folder } = source;
  if (!replace && !isEmpty(folder))
    throw new Error(
      `Cannot restore ${part}: there is data in ${folder}. Restore into an empty stack, or say --replace, which keeps it in ${before}.`,
    );
  const repository = openRepository(restic);
  const record = await repository.record(newestRecord(await repository.snapshots(part), part, at));
  const fresh = join(folder, '.restoring');
  // What a killed run left.
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { recursive: true, mode: 0o700 });
  try {
    for (const root of [record.folder, record.staged])
      if (root !== null)
        await restic.run(
          `restore ${part}`,
          ['restore', '--no-lock', '--verify', '--target', fresh, `${record.snapshot}:${root}`],
          { signal },
        );
    await verify(fresh, record);
    await giveTo(folder, fresh);
    if (replace) await setAside(folder);
    for (const name of await readdir(fresh)) await rename(join(fresh, name), join(folder, name));
    await rmdir(fresh);
    for (const [name, to] of Object.entries(source.elsewhere)) await moveOut(join(folder, name), to, replace ?? false);
    return record;
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

/** restic has compared every byte with its hash; this asks whether all of it is there. @throws Error */
async function verify(fresh: string, { part, files, bytes }: Record): Promise<void> {
  const paths = await filesIn(fresh);
  let found = 0;
  for (const path of paths) found += (await stat(join(fresh, path))).size;
  if (paths.length !== files || found !== bytes)
    throw new Error(
      `Cannot restore ${part}: the backup holds ${files} files of ${bytes} bytes, what came has ${paths.length} of ${found}. Restore an older one with --at.`,
    );
  for (const path of await allDatabases(fresh)) {
    const database = new DatabaseSync(path, { readOnly: true });
    const { quick_check } = database.prepare('PRAGMA quick_check(1)').get() as { quick_check: string };
    database.close();
    if (quick_check !== 'ok')
      throw new Error(
        `Cannot restore ${part}: its database is damaged (${quick_check}). Restore an older one with --at.`,
      );
  }
}

/** Whose the folder is, theirs is what is in it. Only root has others to give to. */
async function giveTo(folder: string, fresh: string): Promise<void> {
  const { uid, gid } = await stat(folder);
  const root = process.getuid?.() === 0;
  const walk = async (path: string): Promise<void> => {
    const entry = await lstat(path);
    if (root) await chown(path, uid, gid);
    if (!entry.isDirectory()) return;
    // The copies were within reach of the backup alone.
    await chmod(path, 0o750);
    for (const name of await readdir(path)) await walk(join(path, name));
  };
  for (const name of await readdir(fresh)) await walk(join(fresh, name));
}

async function setAside(folder: string): Promise<void> {
  const aside = join(folder, before);
  await rm(aside, { recursive: true, force: true });
  await mkdir(aside, { mode: 0o700 });
  for (const name of await readdir(folder))
    if (name !== before && !notData.has(name)) await rename(join(folder, name), join(aside, name));
}

/** What this place keeps elsewhere than a container does. */
async function moveOut(from: string, to: string, replace: boolean): Promise<void> {
  if (!existsSync(from)) return;
  if (replace) await rm(`${to}${before}`, { recursive: true, force: true });
  if (existsSync(to) && !isEmpty(to)) {
    if (!replace) return; // Newer than what was restored: a log that goes on.
    await rename(to, `${to}${before}`);
  }
  await rm(to, { recursive: true, force: true });
  await mkdir(dirname(to), { recursive: true });
  await rename(from, to);
}
