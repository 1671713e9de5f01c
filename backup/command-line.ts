/** What `npm run backup` and `npm run restore` do, and the image's program as well: each part by itself, one that fails stops no other. */
import type { Place } from '../place.ts';
import { type BackedUpPart, backUp } from './back-up.ts';
import { count } from './census/count.ts';
import { ages, ageTable, backedUpLine } from './print.ts';
import { openRepository } from './repository.ts';
import { openRestic, type Restic, shown } from './restic.ts';
import { restore } from './restore.ts';
import { settingsFrom } from './settings.ts';
import { chosen, isEmpty, type Source, unseen } from './sources.ts';
import { type Run, tell } from './tell.ts';

export interface Given {
  readonly place: Place;
  readonly sources: readonly Source[];
  readonly restic: Restic;
  readonly json: boolean;
  readonly signal?: AbortSignal;
}

export interface Which {
  /** Parts by name, with commas. */
  readonly only?: string | undefined;
  /** A time that `Date.parse` reads; a day is its last second. */
  readonly at?: string | undefined;
  readonly replace?: boolean | undefined;
  /** By hand, out of turn: nobody is to wait for the next one. */
  readonly once?: boolean | undefined;
}

const people = (line: string) => process.stderr.write(`${line}\n`);

/** What restic is opened with. @throws RangeError that names a variable */
export async function resticOf(program: () => Promise<string>, env: NodeJS.ProcessEnv): Promise<Restic> {
  const settings = settingsFrom(env);
  return openRestic(await program(), settings, env);
}

/** Once, before the first backup: a repository that is made wherever there is none would hide a misspelt address. */
export async function performInit({ restic, json }: Given): Promise<boolean> {
  const made = await openRepository(restic).make();
  const where = shown(restic.settings.repository);
  if (json) console.log(JSON.stringify({ ok: true, made }));
  else console.log(made ? `Made a repository at ${where}.` : `There is a repository at ${where} already.`);
  return true;
}

/** @returns whether every part that has data has a new backup */
export async function performBackup(given: Given, { only, once }: Which): Promise<boolean> {
  const { place, sources, restic, json, signal } = given;
  const wanted = chosen(sources, only);
  const runs: Run[] = [];
  const done: BackedUpPart[] = [];
  const failed: { part: string; error: string }[] = [];
  const fail = (part: Source['part'], error: unknown, at: number) => {
    failed.push({ part, error: (error as Error).message });
    runs.push({ part, outcome: 'failure', at });
  };
  try {
    const called = Date.now();
    await openRepository(restic)
      .open(signal)
      .catch((error) => {
        // Restic was told to end, too.
        signal?.throwIfAborted();
        for (const { part, folder } of wanted) if (isHere(folder)) fail(part, error, called);
        throw error;
      });
    for (const line of unseen(process.env, wanted)) people(line);
    for (const source of wanted) {
      const began = Date.now();
      try {
        if (isEmpty(source.folder)) {
          people(`${source.part}: no data in ${source.folder}.`);
          continue;
        }
        people(`${source.part} …`);
        const counted = (one: Source, at: number, staged: string) =>
          count(place, one, at, staged, { notice: people, ...(signal && { signal }) });
        const made = await backUp(source, { restic, notice: people, count: counted, ...(signal && { signal }) });
        if (!made) continue;
        done.push(made);
        // Its end: by a clock that was set back meanwhile, no sooner than it began.
        runs.push({ part: made.part, outcome: 'success', at: Math.max(began, Date.now()) });
        if (!json) console.log(backedUpLine(made));
      } catch (error) {
        signal?.throwIfAborted();
        fail(source.part, error, began);
        people((error as Error).message);
      }
    }
  } finally {
    // What was made is made, whoever hears of it. A run that is to end has half a minute.
    const { name } = restic.settings;
    const options = { name, ...(signal?.aborted && { tries: 1 }) };
    if (!once) await tell(place, runs, options).catch((error: Error) => people(error.message));
  }
  const nothing = done.length === 0 && failed.length === 0;
  if (json) console.log(JSON.stringify({ ok: failed.length === 0 && !nothing, done, failed }));
  if (nothing) people(`Cannot back up anything: none of ${wanted.map(({ part }) => part).join(', ')} has data here.`);
  return failed.length === 0 && !nothing;
}

/** @returns whether no part is late, of those that were ever backed up or are here */
export async function performList({ sources, restic, json }: Given): Promise<boolean> {
  const now = Date.now();
  const all = ages(await openRepository(restic).snapshots(), now);
  const here = new Set(sources.filter(({ folder }) => isHere(folder)).map(({ part }) => part));
  const known = all.filter(({ part, backups }) => backups > 0 || here.has(part));
  if (json) console.log(JSON.stringify(known));
  else if (known.length === 0) console.log(`No backup at ${shown(restic.settings.repository)}.`);
  else console.log(ageTable(known, now));
  return known.length > 0 && known.every(({ late }) => !late);
}

/** One that cannot be read is there, and has no backup. */
function isHere(folder: string): boolean {
  try {
    return !isEmpty(folder);
  } catch {
    return true;
  }
}

/** @returns true; parts before one that fails are restored, and said. @throws Error */
export async function performRestore({ sources, restic, json, signal }: Given, which: Which): Promise<boolean> {
  const at = timeOf(which.at);
  const repository = openRepository(restic);
  const known = new Set((await repository.snapshots()).map(({ part }) => part));
  // Without names: what there are backups of.
  const wanted = chosen(sources, which.only).filter(({ part }) => which.only !== undefined || known.has(part));
  if (wanted.length === 0)
    throw new Error(
      `Cannot restore: there is no backup at ${shown(restic.settings.repository)}. Look at its name and address.`,
    );
  const full = which.replace ? undefined : wanted.find(({ folder }) => !isEmpty(folder));
  if (full)
    throw new Error(
      `Cannot restore ${full.part}: there is data in ${full.folder}. Restore into an empty stack, or say --replace, which keeps it beside.`,
    );
  const done = [];
  for (const source of wanted) {
    people(`${source.part} …`);
    const { files, bytes, at: of } = await restore(source, { restic, at, replace: which.replace, signal });
    done.push({ part: source.part, at: of, files, bytes });
    if (!json) console.log(`${source.part}: ${files} files as of ${new Date(of).toISOString()} in ${source.folder}`);
  }
  if (json) console.log(JSON.stringify({ ok: true, done }));
  return true;
}

/** @throws RangeError */
export function timeOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [, day = '', time] = /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d))?$/.exec(text) ?? [];
  const at = Date.parse(`${day}${time ?? 'T23:59:59Z'}`);
  // The 31st of February would be a day in March.
  const midnight = Date.parse(`${day}T00:00:00Z`);
  if (Number.isNaN(at) || !new Date(midnight).toISOString().startsWith(day))
    throw new RangeError(`Cannot read --at "${text}": write 2026-01-31, or 2026-01-31T12:00:00Z.`);
  return at;
}
