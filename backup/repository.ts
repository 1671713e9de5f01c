/** The backups: per run and part a snapshot of the data, and once that is proven whole a second one, its record. */
import * as v from 'valibot';
import { census } from './census/census.ts';
import { code, type Restic } from './restic.ts';
import { type BackedUp, backedUp } from './sources.ts';

export interface Snapshot {
  readonly kind: 'data' | 'record';
  readonly id: string;
  readonly part: BackedUp;
  /** When what it holds was so, in milliseconds. */
  readonly at: number;
  /** Of a record: the snapshot that it proves. */
  readonly of: string | undefined;
}

const Record = v.object({
  version: v.literal(1),
  part: v.picklist(backedUp),
  snapshot: v.string(),
  at: v.number(),
  /** Where in the snapshot it lies: what was read in place, and what was copied. */
  folder: v.nullable(v.string()),
  staged: v.string(),
  files: v.number(),
  bytes: v.number(),
  /** What the part answered then: `npm run drill` asks what was restored for the same. Null: it was not reached. */
  census: v.nullable(census),
});

/** What is known of a backup that is whole. */
export type Record = v.InferOutput<typeof Record>;

const Listed = v.object({ id: v.string(), time: v.string(), tags: v.optional(v.array(v.string()), []) });

export interface Repository {
  /** @returns false where there is one already */
  make(): Promise<boolean>;
  /** For a backup: removes the locks of runs that are dead. @throws Error where there is none */
  open(signal?: AbortSignal): Promise<void>;
  snapshots(part?: BackedUp): Promise<Snapshot[]>;
  record(snapshot: Snapshot): Promise<Record>;
  /** The last step of a backup: from now on it counts. */
  prove(record: Record): Promise<void>;
  /** False: another run holds a lock, the next one does it. */
  remove(snapshots: readonly Snapshot[]): Promise<boolean>;
}

export function openRepository(restic: Restic): Repository {
  const { settings } = restic;
  const host = ['--host', settings.name];
  return {
    async make() {
      const { code: found } = await restic.run('look for a repository', ['cat', 'config'], {
        allow: [code.ok, code.noRepository],
      });
      if (found === code.ok) return false;
      await restic.run('make a repository', ['init']);
      return true;
    },
    async open(signal) {
      await restic.run('open the repository', ['cat', 'config'], { signal });
      // Or half an hour old.
      await restic.run('remove old locks', ['unlock'], { signal });
    },
    async snapshots(part) {
      const tag = part ? ['--tag', partTag(part)] : [];
      const { stdout } = await restic.run('list the backups', ['snapshots', '--no-lock', ...host, ...tag]);
      const listed = v.parse(v.nullable(v.array(Listed)), JSON.parse(stdout.trim() || '[]')) ?? [];
      return listed.flatMap(toSnapshot).sort((a, b) => a.at - b.at);
    },
    async record({ id }) {
      const { stdout } = await restic.run('read the record of a backup', ['dump', '--no-lock', id, `/${recordName}`]);
      return v.parse(Record, JSON.parse(stdout));
    },
    async prove(record) {
      const tags = [partTag(record.part), 'record', `of=${record.snapshot}`].flatMap((tag) => ['--tag', tag]);
      await restic.run(
        'write the record of the backup',
        ['backup', '--stdin', '--stdin-filename', recordName, '--time', resticTime(record.at), ...host, ...tags],
        { input: JSON.stringify(record) },
      );
    },
    async remove(snapshots) {
      if (snapshots.length === 0) return true;
      const ids = snapshots.map(({ id }) => id);
      const ran = await restic.run('remove backups that were kept long enough', ['forget', '--prune', ...ids], {
        allow: [code.ok, code.locked],
      });
      return ran.code === code.ok;
    },
  };
}

const recordName = 'record.json';

/** The tags of a snapshot of data. */
export function dataTags(part: BackedUp): string[] {
  return [partTag(part), 'data'];
}

function partTag(part: BackedUp): string {
  return `part=${part}`;
}

function toSnapshot({ id, time, tags }: v.InferOutput<typeof Listed>): Snapshot[] {
  const value = (name: string) => tags.find((tag) => tag.startsWith(`${name}=`))?.slice(name.length + 1);
  const part = backedUp.find((part) => part === value('part'));
  const kind = tags.includes('record') ? 'record' : tags.includes('data') ? 'data' : undefined;
  // Another's, in a repository that is shared.
  if (!part || !kind) return [];
  return [{ kind, id, part, at: Date.parse(time), of: value('of') }];
}

/** Clocks of two machines are not further apart than this, or else one is wrong. */
const clockSkewMs = 600_000;

/** Made by a clock that was ahead: whether it is the newest, nobody knows. */
export function isOfTheFuture({ at }: Pick<Snapshot, 'at'>, now = Date.now()): boolean {
  return at > now + clockSkewMs;
}

/** Records of a part whose data is there, the oldest first. */
export function recordsOf(all: readonly Snapshot[], part: BackedUp): Snapshot[] {
  const data = new Set(all.filter(({ kind }) => kind === 'data').map(({ id }) => id));
  return all.filter((one) => one.kind === 'record' && one.part === part && data.has(one.of ?? ''));
}

/** The newest record of a part that is not younger than `at`. Default: now. @throws Error where there is none */
export function newestRecord(all: readonly Snapshot[], part: BackedUp, at?: number): Snapshot {
  const found = recordsOf(all, part).findLast((one) => (at === undefined ? !isOfTheFuture(one) : one.at <= at));
  if (found) return found;
  const until = at === undefined ? '' : ` of ${new Date(at).toISOString()} or before`;
  throw new Error(`Cannot find a whole backup of ${part}${until}. Look at "npm run backup -- list".`);
}

/** As restic reads it; it runs in UTC, and knows whole seconds. */
export function resticTime(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replace('T', ' ');
}

/** What a snapshot holds, by absolute path: the bytes of each file. A line is a file: there may be millions. */
export async function contents(restic: Restic, id: string): Promise<Map<string, number>> {
  const held = new Map<string, number>();
  const onLine = (line: string) => {
    if (!line.startsWith('{')) return;
    const { struct_type, type, path, size } = JSON.parse(line) as Listing;
    if (struct_type === 'node' && type === 'file') held.set(path, size ?? 0);
  };
  await restic.run('look into the backup', ['ls', '--no-lock', id], { onLine });
  return held;
}

interface Listing {
  readonly struct_type?: string;
  readonly type?: string;
  readonly path: string;
  readonly size?: number;
}
