/** The backups: per run and part a snapshot of the data, and once that is proven whole a second one, its record. */
import * as v from 'valibot';
import { census } from './census/census.ts';
import { code, jsonLines, type Restic, shown } from './restic.ts';
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
  /** Made where there is none. */
  need(notice: (line: string) => void): Promise<void>;
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
    async need(notice) {
      const { code: found } = await restic.run('open the repository', ['cat', 'config'], {
        allow: [code.ok, code.noRepository],
      });
      if (found === code.noRepository) {
        await restic.run('make a repository', ['init']);
        notice(`Made a repository at ${shown(settings.repository)}.`);
      }
      // Locks of runs that are dead, or half an hour old.
      await restic.run('remove old locks', ['unlock']);
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

/** The newest record of a part that is not younger than `at`. @throws Error where there is none */
export function newestRecord(all: readonly Snapshot[], part: BackedUp, at = Number.POSITIVE_INFINITY): Snapshot {
  const data = new Set(all.filter(({ kind }) => kind === 'data').map(({ id }) => id));
  const found = all.findLast(
    (one) => one.kind === 'record' && one.part === part && one.at <= at && data.has(one.of ?? ''),
  );
  if (found) return found;
  const until = Number.isFinite(at) ? ` of ${new Date(at).toISOString()} or before` : '';
  throw new Error(`Cannot find a whole backup of ${part}${until}. Look at "npm run backup -- list".`);
}

/** As restic reads it, in the zone that it runs in; it knows whole seconds. */
export function resticTime(at: number): string {
  const date = new Date(at);
  const two = (number: number) => String(number).padStart(2, '0');
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-');
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')}`;
}

/** What a snapshot holds, by absolute path: the bytes of each file. */
export async function contents(restic: Restic, id: string): Promise<Map<string, number>> {
  const { stdout } = await restic.run('look into the backup', ['ls', '--no-lock', id]);
  const files = jsonLines(stdout).filter(({ struct_type, type }) => struct_type === 'node' && type === 'file');
  return new Map(files.map(({ path, size }) => [path as string, (size as number | undefined) ?? 0]));
}
