/** The proof of a backup: restored into an empty stack, which is asked for what the source held when it was made. */
import { url } from '../place.ts';
import type { Census } from './census/census.ts';
import { type Comparison, compare } from './census/compare.ts';
import { countFiles } from './census/files.ts';
import { countLogs } from './census/logs.ts';
import { countMetrics } from './census/metrics.ts';
import { countRows } from './census/rows.ts';
import { countTracesOf } from './census/traces.ts';
import { drillStack } from './drill-stack.ts';
import { openRepository, type Record } from './repository.ts';
import type { Restic } from './restic.ts';
import { restore } from './restore.ts';
import { type BackedUp, chosen, type Source, sources } from './sources.ts';

export interface DrillOptions {
  readonly restic: Restic;
  readonly env: NodeJS.ProcessEnv;
  readonly notice: (line: string) => void;
  /** Parts by name, with commas. Default: all that have a backup. */
  readonly only?: string | undefined;
  readonly at?: number | undefined;
  /** Reads every byte of the repository, not only of what is restored. */
  readonly readAll?: boolean | undefined;
  /** Done to what was restored, before it is started: by which a test shows that a drill can fail. */
  readonly meddle?: (source: Source) => Promise<void>;
  /** Ends it: its stack is stopped, its folder removed. */
  readonly signal?: AbortSignal | undefined;
}

export interface Drilled {
  readonly part: BackedUp;
  /** Of the backup, in milliseconds. */
  readonly at: number;
  readonly files: number;
  readonly bytes: number;
  readonly restoreSeconds: number;
  /** Null: the part was not counted when it was backed up, and nothing is proven. */
  readonly comparison: Comparison | null;
}

export interface DrillReport {
  readonly ok: boolean;
  readonly parts: readonly Drilled[];
  /** From an empty folder to servers that answer. */
  readonly recoverySeconds: number;
}

/** @throws Error where the repository or a backup is damaged: then nothing of it is started */
export async function drill(options: DrillOptions): Promise<DrillReport> {
  const { restic, notice, signal } = options;
  await restic.run('check the repository', ['check', '--no-lock', ...(options.readAll ? ['--read-data'] : [])], {
    signal,
  });
  const stack = await drillStack(options.env, notice);
  try {
    const started = Date.now();
    const restored: { source: Source; record: Record; seconds: number }[] = [];
    for (const source of await toRestore(options, sources(stack.place))) {
      const begun = Date.now();
      const record = await restore(source, { restic, at: options.at, signal });
      const seconds = (Date.now() - begun) / 1000;
      notice(
        `${source.part}: ${record.files} files of ${new Date(record.at).toISOString()} in ${seconds.toFixed(1)} s.`,
      );
      await options.meddle?.(source);
      restored.push({ source, record, seconds });
    }
    // Before anything starts: a database is compared as it lies there.
    const still = new Map<BackedUp, Census>();
    for (const { source, record } of restored)
      if (record.census?.kind === 'rows') still.set(source.part, await countRows(source.folder));
      else if (record.census?.kind === 'files') still.set(source.part, await countFiles(source.folder));
    await unlessAborted(stack.start(), signal);
    const recoverySeconds = (Date.now() - started) / 1000;
    notice(`Up after ${recoverySeconds.toFixed(1)} s; counting.`);
    const parts: Drilled[] = [];
    for (const { source, record, seconds } of restored) {
      const { part } = source;
      const { at, files, bytes, census } = record;
      const asked =
        census &&
        (still.get(part) ?? (await unlessAborted(countAgain(census, url(stack.place, part, 'http')), signal)));
      const comparison = census && asked ? compare(census, asked) : null;
      parts.push({ part, at, files, bytes, restoreSeconds: seconds, comparison });
    }
    return { ok: parts.length > 0 && parts.every(isProven), parts, recoverySeconds };
  } finally {
    await stack.stop();
  }
}

/** Equal, of something: two that hold nothing prove nothing. */
export function isProven({ comparison }: Drilled): boolean {
  return comparison !== null && comparison.different === 0 && comparison.entries > 0;
}

/** Waits no longer than that; what goes on ends with the stack. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** Those asked for, or else those that were ever backed up. */
async function toRestore({ restic, only }: DrillOptions, all: readonly Source[]): Promise<Source[]> {
  if (only !== undefined) return chosen(all, only);
  const known = new Set((await openRepository(restic).snapshots()).map(({ part }) => part));
  if (known.size === 0) throw new Error('Cannot drill: there is no backup. Make one: npm run backup.');
  return all.filter(({ part }) => known.has(part));
}

async function countAgain(census: Census, of: string): Promise<Census | undefined> {
  if (census.kind === 'metrics') return countMetrics(of, census.windows);
  if (census.kind === 'logs') return countLogs(of, census.windows);
  return census.kind === 'traces' ? countTracesOf(of, census) : undefined;
}
