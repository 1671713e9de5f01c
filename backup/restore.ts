/** A backup put back: read whole and checked beside, then moved into place, so that a part has all of it or what it had before. */
import { existsSync } from 'node:fs';
import { chmod, lchown, lstat, mkdir, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { allDatabases } from './capture-databases.ts';
import { newestRecord, openRepository, type Record } from './repository.ts';
import type { Restic } from './restic.ts';
import { beforeRestore, isData, isEmpty, type Source } from './sources.ts';
import { filesIn } from './stage.ts';

export interface RestoreOptions {
  readonly restic: Restic;
  /** The newest backup that is not younger, in milliseconds. Default: the newest. */
  readonly at?: number | undefined;
  /** What is there is moved aside, into a folder within whose name says when. Default: a folder with data is refused. */
  readonly replace?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** @throws Error; then the folder has what it had before */
export async function restore(source: Source, options: RestoreOptions): Promise<Record> {
  const { restic, at, replace, signal } = options;
  const { part, folder } = source;
  if (!replace && !isEmpty(folder))
    throw new Error(
      `Cannot restore ${part}: there is data in ${folder}. Restore into an empty stack, or say --replace, which keeps it in ${beforeRestore}-<time>.`,
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
    await moveIn(source, fresh, replace ?? false);
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
    // Of a link itself: what it names is not ours to give.
    if (root) await lchown(path, uid, gid);
    if (!entry.isDirectory()) return;
    // The copies were within reach of the backup alone.
    await chmod(path, 0o750);
    for (const name of await readdir(path)) await walk(join(path, name));
  };
  for (const name of await readdir(fresh)) await walk(join(fresh, name));
}

/** From where to where. */
type Move = readonly [from: string, to: string];

/** All of it, or nothing: what was there is in a folder of its own, whose name no restore before had. */
async function moveIn({ part, folder, elsewhere }: Source, fresh: string, replace: boolean): Promise<void> {
  const aside = `${beforeRestore}-${new Date().toISOString().replace(/[-:]/g, '')}`;
  const old = (await readdir(folder)).filter(isData);
  const moves: Move[] = [];
  if (old.length > 0) {
    await mkdir(join(folder, aside), { mode: 0o700 });
    moves.push(...old.map((name): Move => [join(folder, name), join(folder, aside, name)]));
  }
  // What this place keeps elsewhere than a container does.
  for (const [name, to] of Object.entries(elsewhere)) {
    if (!existsSync(join(fresh, name))) continue;
    const full = !isEmpty(to);
    if (full && !replace) {
      // That is newer: a log that goes on, what people write in. Put into the data folder, the old one would be backed up beside it.
      await rm(join(fresh, name), { recursive: true });
      continue;
    }
    if (full) moves.push([to, `${to}${aside}`]);
    await mkdir(dirname(to), { recursive: true });
    moves.push([join(fresh, name), to]);
  }
  // What lies within one of them goes with it.
  const gone = new Set(moves.map(([from]) => from));
  for (const name of (await readdir(fresh)).filter((one) => !gone.has(join(fresh, one))))
    moves.push([join(fresh, name), join(folder, name)]);
  try {
    await moveAll(part, moves);
  } catch (error) {
    // It is empty again, or else holds what could not go back.
    if (old.length > 0) await rmdir(join(folder, aside)).catch(() => undefined);
    throw error;
  }
}

/** @throws Error; then each is where it was, or the message names where it is */
async function moveAll(part: string, moves: readonly Move[]): Promise<void> {
  const done: Move[] = [];
  try {
    for (const [from, to] of moves) {
      await rename(from, to);
      done.push([from, to]);
    }
  } catch (cause) {
    const stuck: string[] = [];
    for (const [from, to] of done.toReversed()) await rename(to, from).catch(() => stuck.push(to));
    const now = stuck.length === 0 ? 'What was there is as it was' : `Move back by hand: ${stuck.join(', ')}`;
    throw new Error(`Cannot restore ${part}: ${(cause as Error).message}. ${now}.`, { cause });
  }
}
