/** One backup of one part: captured, written, compared with what was captured, counted; only then is it one. */

import { existsSync } from 'node:fs';
import { rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { backups } from '../stack.ts';
import { capture } from './capture.ts';
import type { Captured } from './captured.ts';
import type { Census } from './census/census.ts';
import {
  contents,
  dataTags,
  isOfTheFuture,
  newestRecord,
  openRepository,
  type Record,
  resticTime,
} from './repository.ts';
import { code, jsonLines, type Restic } from './restic.ts';
import { expired } from './retention.ts';
import { scratchFolder } from './scratch.ts';
import { isEmpty, isThere, type Source } from './sources.ts';
import { filesIn, Moved } from './stage.ts';

export interface BackUpOptions {
  readonly restic: Restic;
  readonly notice: (line: string) => void;
  /** Asked when the data is written, for the time at which it was captured. `staged`: the copies. Undefined: it cannot be reached. */
  readonly count: (source: Source, at: number, staged: string) => Promise<Census | undefined>;
  readonly signal?: AbortSignal;
  /** For which time it is made. Default: now. */
  readonly at?: number;
}

export interface BackedUpPart {
  readonly part: Source['part'];
  readonly snapshot: string;
  readonly at: number;
  readonly files: number;
  readonly bytes: number;
  /** Bytes that the repository has grown by. */
  readonly added: number;
  readonly seconds: number;
  /** Whether what it answered is written down, for the drill to compare with. */
  readonly counted: boolean;
  /** Backups that were kept long enough, and are gone. */
  readonly removed: number;
}

const tries = 3;

/** @returns undefined where the part has no data. @throws Error; then the backups before are as they were */
export async function backUp(source: Source, options: BackUpOptions): Promise<BackedUpPart | undefined> {
  if (isEmpty(source.folder)) return undefined;
  const { restic, notice, signal } = options;
  const { part } = source;
  const repository = openRepository(restic);
  const scratch = await scratchFolder(restic.settings.scratch);
  const staged = join(scratch, part);
  const started = Date.now();
  try {
    for (let left = tries; ; ) {
      signal?.throwIfAborted();
      try {
        const captured = await capture(source, staged, notice);
        const at = Math.floor((options.at ?? Date.now()) / 1000) * 1000;
        const capturedAt = Date.now();
        const written = await write(source, captured, staged, at, options);
        const census = await counted(source, capturedAt, staged, options);
        const { files, bytes } = written;
        const folder = written.inPlace ? source.folder : null;
        const record: Record = {
          version: 1,
          part,
          snapshot: written.id,
          at,
          folder,
          staged,
          files,
          bytes,
          census: census ?? null,
        };
        await repository.prove(record);
        const all = await repository.snapshots(part);
        const ahead = all.filter((one) => one.kind === 'record' && isOfTheFuture(one)).at(-1);
        if (ahead)
          notice(
            `${part}: a backup says it is of ${new Date(ahead.at).toISOString()}: a clock was wrong. It is not counted, and stays.`,
          );
        const old = expired(all, backups[part].keepDays, { made: written.id });
        const gone = await repository.remove(old);
        if (!gone) notice(`${part}: another run holds the repository; what was kept long enough goes next time.`);
        const { added } = written;
        return {
          ...{ part, snapshot: written.id, at, files, bytes, added, counted: census !== undefined },
          removed: gone ? old.filter(({ kind }) => kind === 'data').length : 0,
          seconds: (Date.now() - started) / 1000,
        };
      } catch (error) {
        if (!(error instanceof Moved) || --left === 0) throw error;
        notice(`${part}: ${error.message}; once more.`);
      }
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** What it holds. A backup is whole without: it only proves less. */
async function counted(source: Source, at: number, staged: string, { count, notice, signal }: BackUpOptions) {
  try {
    const census = await count(source, at, staged);
    if (!census) notice(`${source.part}: was not reached, so that a drill has nothing to compare with.`);
    return census;
  } catch (error) {
    signal?.throwIfAborted();
    notice(`${source.part}: was not counted, so that a drill has nothing to compare with: ${(error as Error).message}`);
    return undefined;
  }
}

/** @throws Moved where something went before it was read */
async function write(source: Source, captured: Captured, staged: string, at: number, options: BackUpOptions) {
  const { restic, signal } = options;
  const list = `${staged}.files`;
  const paths = [staged, ...captured.loose, ...captured.files];
  await writeFile(list, paths.map((path) => `${path}\0`).join(''), { mode: 0o600 });
  // As it was captured: what is there later may be another's.
  const sizes = await sizesOf([...(await filesIn(staged)).map((path) => join(staged, path)), ...captured.files]);
  try {
    const parent = await parentOf(restic, source);
    const ran = await restic.run(
      `back up ${source.part}`,
      [
        ...['backup', '--files-from-raw', list, '--time', resticTime(at), '--host', restic.settings.name],
        ...dataTags(source.part).flatMap((tag) => ['--tag', tag]),
        ...captured.without.flatMap((path) => ['--exclude', literal(path)]),
        ...(parent ? ['--parent', parent] : []),
      ],
      { allow: [code.ok, code.incomplete], signal },
    );
    const said = jsonLines(ran.stdout);
    const summary = said.find(({ message_type }) => message_type === 'summary');
    const id = summary?.snapshot_id as string | undefined;
    if (!id) throw new Error(`Cannot back up ${source.part}: restic wrote nothing. Look at ${source.folder}.`);
    const unread = jsonLines(`${ran.stdout}\n${ran.stderr}`)
      .filter(({ message_type }) => message_type === 'error')
      .map(({ item }) => String(item));
    // What went from a loose folder is not missed; what is there still could not be read.
    const missed = unread.find((path) => existsSync(path) || !captured.loose.some((folder) => path.startsWith(folder)));
    if (missed !== undefined && existsSync(missed))
      throw new Error(`Cannot back up ${source.part}: ${missed} cannot be read. Run as its owner, or as root.`);
    if (missed !== undefined) throw new Moved(`${missed} went before it was read`);
    return {
      id,
      added: (summary?.data_added_packed as number | undefined) ?? 0,
      ...(await compare(restic, id, sizes, source)),
    };
  } finally {
    await rm(list, { force: true });
  }
}

/** @throws Moved where one is gone */
async function sizesOf(paths: readonly string[]): Promise<Map<string, number>> {
  const sizes = new Map<string, number>();
  for (const path of paths) {
    if (!isThere(path)) throw new Moved(`${path} went before it was read`);
    sizes.set(path, (await stat(path)).size);
  }
  return sizes;
}

/** Every file that was captured is in the snapshot, with its size. @throws Moved */
async function compare(restic: Restic, id: string, sizes: ReadonlyMap<string, number>, { folder }: Source) {
  const held = await contents(restic, id);
  for (const [path, bytes] of sizes)
    if (held.get(path) !== bytes) throw new Moved(`${path} changed before it was read`);
  // A folder that was empty is not in there.
  const inPlace = [...held.keys()].some((path) => path.startsWith(`${folder}/`));
  return { inPlace, files: held.size, bytes: [...held.values()].reduce((sum, bytes) => sum + bytes, 0) };
}

/** The backup before: what has not changed since is not read again. */
async function parentOf(restic: Restic, { part }: Source): Promise<string | undefined> {
  try {
    return newestRecord(await openRepository(restic).snapshots(part), part).of;
  } catch {
    return undefined; // The first one.
  }
}

/** A path is no pattern. */
function literal(path: string): string {
  return path.replace(/[*?[\]\\]/g, '\\$&');
}
