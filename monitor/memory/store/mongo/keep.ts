/** How a period is kept where no more than one document changes at once: every step may be the last before a kill. */
import { unlessThere } from '../../../store/mongo/error.ts';
import { type Prepared, prepared } from '../batch.ts';
import type { Batch, Job } from '../memory-store.ts';
import { betterThan, type Made, tablesOf, worseThan } from '../table.ts';
import { documentsOf } from './document.ts';
import type { Collections, JobRun } from './schema.ts';

/** A server that is busy with one command for seconds is taken for dead. */
const writtenAtOnce = 100;

/**
 * Takes a number of its own; writes its rows with it, beside those of an older one; then says in one document that these are the
 * ones; then removes what is older. Killed before that one document, readers have what was there before, and what was written goes
 * when the period is kept again. Of two at once the one that began later stays, whichever ends last: no rows are ever written with a
 * number that is done.
 */
export async function keep(collections: Collections, batch: Batch): Promise<void> {
  const made = prepared(batch);
  const { job, period } = made;
  const of = runId(job, period);
  const { begun } = await begin(collections, made);
  const better = betterThan(job, period);
  const isLate = async () => better !== undefined && (await doneOf(collections, runId(better.job, better.period))) > 0;
  const rows = (await isLate()) ? [] : made.rows;
  for (const [table, some] of rows) {
    const documents = documentsOf(table, some, of, begun);
    for (let from = 0; from < documents.length; from += writtenAtOnce)
      await collections.rows[table].insertMany(documents.slice(from, from + writtenAtOnce), { ordered: false });
  }
  const whole = { done: begun, rows: rows.length === 0 ? 0 : made.count };
  await collections.runs.updateOne({ _id: of, done: { $lt: begun } }, { $set: whole });
  const done = await doneOf(collections, of);
  if (done > 1) await remove(collections, job, period, done);
  const worse = new Map(worseThan(job, period).map((one) => [runId(one.job, one.period), one]));
  const begunWorse = await collections.runs
    .find({ _id: { $in: [...worse.keys()] } }, { projection: { _id: 1 } })
    .toArray();
  for (const { _id } of begunWorse) {
    const one = worse.get(_id) as Made;
    await remove(collections, one.job, one.period);
  }
  // It may have become late meanwhile.
  if (rows.length > 0 && (await isLate())) await remove(collections, job, period);
}

/**
 * First nobody reads it any more, then it goes; its numbers go on where they were. The better one last: killed before that, it is
 * still there to be forgotten.
 */
export async function forget(collections: Collections, job: Job, period: string): Promise<void> {
  for (const one of [...worseThan(job, period), { job, period }]) {
    const { matchedCount } = await collections.runs.updateOne(
      { _id: runId(one.job, one.period) },
      { $set: { done: 0, rows: 0 } },
    );
    if (matchedCount > 0) await remove(collections, one.job, one.period);
  }
}

export function runId(job: Job, period: string): string {
  return `${job}/${period}`;
}

async function begin({ runs }: Collections, { job, period }: Prepared): Promise<JobRun> {
  const _id = runId(job, period);
  const nothing = { job, period, begun: 0, done: 0, rows: 0 };
  for (;;) {
    const run = await runs.findOneAndUpdate({ _id }, { $inc: { begun: 1 } }, { returnDocument: 'after' });
    if (run) return run;
    await unlessThere(() => runs.insertOne({ _id, ...nothing }));
  }
}

/** Which of its numbers is whole; 0: none. */
async function doneOf({ runs }: Collections, _id: string): Promise<number> {
  return (await runs.findOne({ _id }, { projection: { done: 1 } }))?.done ?? 0;
}

/** What is kept of a period with a lower number, or all. */
async function remove({ rows }: Collections, job: Job, period: string, below?: number): Promise<void> {
  const which = { of: runId(job, period), ...(below !== undefined && { keep: { $lt: below } }) };
  for (const table of tablesOf(job)) await rows[table].deleteMany(which);
}
