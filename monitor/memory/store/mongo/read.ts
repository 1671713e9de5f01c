/** Reads rows of what is done, and of nothing else, though others write meanwhile. */
import type { Filter } from 'mongodb';
import type { Between, Job, Rows, Table } from '../memory-store.ts';
import { bounds, type Unit, unitOf } from '../span.ts';
import { betterThan, jobsOf, tables } from '../table.ts';
import { rowOf } from './document.ts';
import { runId } from './keep.ts';
import { type Collections, type JobRun, type RowDocument, sortOf } from './schema.ts';

/** Which number of what is done is read, by its id. */
type Marks = ReadonlyMap<string, number>;

/** Rows of a window, in order. */
export async function between<T extends Table>(
  collections: Collections,
  table: T,
  window: Between,
  where: object = {},
): Promise<Rows[T][]> {
  const { unit } = tables[table];
  const filter = { [unit]: inside(unit, window), ...where };
  return whole(collections, table, filter, () => read(collections, marksOf(jobsOf(table), window)));
}

/** The rows of an id, the newest last. */
export async function byId<T extends 'decisions_log' | 'anomalies'>(collections: Collections, table: T, id: string) {
  return whole(collections, table, { id }, async () => {
    const found = await collections.rows[table]
      .find({ id } as Filter<RowDocument>, { projection: { of: 1 } })
      .toArray();
    const ids = found.flatMap(({ of }) => {
      const [job, period] = of.split('/') as [Job, string];
      const better = betterThan(job, period);
      return [of, ...(better ? [runId(better.job, better.period)] : [])];
    });
    return read(collections, { _id: { $in: ids } });
  });
}

/** All that is done, without what something better has taken the place of. */
export async function marked({ runs }: Collections, filter: Filter<JobRun> = {}): Promise<JobRun[]> {
  const found = await runs.find({ ...filter, done: { $gt: 0 } }, { sort: { job: 1, period: 1 } }).toArray();
  const done = new Set(found.map(({ _id }) => _id));
  return found.filter(({ job, period }) => {
    const better = betterThan(job, period);
    return better === undefined || !done.has(runId(better.job, better.period));
  });
}

/** Of the periods that have to do with a window. */
export function marksOf(jobs: readonly Job[], window: Between): Filter<JobRun> {
  return { $or: jobs.map((job) => ({ job, period: inside(unitOf[job], window) })) };
}

async function read(collections: Collections, filter: Filter<JobRun>): Promise<Marks> {
  return new Map((await marked(collections, filter)).map(({ _id, done }) => [_id, done]));
}

/**
 * Numbers only grow, and rows are removed when a later number is done: where the marks are the same before and after, all rows of
 * theirs were there in between. Else once more: somebody has kept one of these periods anew.
 */
async function whole<T extends Table>(
  { rows }: Collections,
  table: T,
  filter: object,
  marks: () => Promise<Marks>,
): Promise<Rows[T][]> {
  for (let before = await marks(); ; ) {
    // Nothing is done: whatever is there, nobody may read it yet.
    if (before.size === 0) return [];
    const found = await rows[table].find(filter, { sort: sortOf(table) }).toArray();
    const after = await marks();
    if ([...before].every(([of, done]) => after.get(of) === done)) {
      const isDone = ({ of, keep }: RowDocument) => before.get(of) === keep;
      return found.filter(isDone).map((document) => rowOf(table, document));
    }
    before = after;
  }
}

function inside(unit: Unit, window: Between) {
  const { first, last } = bounds(unit, window);
  return { $gte: first, $lte: last };
}
