/** The collections of the ledger in MongoDB, named like the tables of SQLite; its indexes, and which of us may use it. */

import { hash } from 'node:crypto';
import type { Collection, Db } from 'mongodb';
import type { LostWork } from '../../ledger/losses.ts';
import type { AgentExecution, Step } from '../../ledger/record.ts';
import { bucketOf } from '../histogram.ts';
import type { HeardRun } from '../row.ts';

/** Raised when an older fleetscope would read or write the documents wrongly. */
const version = 1;

/** Facts and rows that belong together (ledger/run-key.ts). */
export interface Thread {
  readonly _id: string;
  /** Which thread it has become part of; always one with a smaller id. */
  readonly into: string | null;
  /** Others have become part of it. */
  readonly joined: boolean;
  /** How many folds have begun: each is numbered, and of two the later one has seen more. */
  readonly fold: number;
  /** Who has written facts and not folded them yet: `<ms since 1970> <uuid>`. One that stays was killed. */
  readonly pending: readonly string[];
  /** It is being taken away, and takes nothing more. */
  readonly removed: boolean;
  /** See `endOf` of row.ts. Null: it has not been folded yet. */
  readonly ended_at: string | null;
  /** How many rows it has. */
  readonly orchestrations: number;
  readonly executions: number;
  /** 1: it has no run. */
  readonly stray: number;
}

/** A row, of which thread it is, and which fold of that wrote it. */
export type Kept<Row> = Omit<Row, 'id'> & { readonly _id: string; readonly thread: string; readonly fold: number };

/** What is added up of a row where it is: numbers, also where it has none. Money is whole nano-USD. */
export interface Summed {
  readonly measured: number;
  readonly priced: number;
  readonly nano_usd: number;
}

export function summed(row: { readonly duration_ms: number | null; readonly cost_micro_usd: number | null }): Summed {
  const { duration_ms, cost_micro_usd } = row;
  return {
    measured: duration_ms === null ? 0 : 1,
    priced: cost_micro_usd === null ? 0 : 1,
    nano_usd: Math.round((cost_micro_usd ?? 0) * 1000),
  };
}

/** What statistics group executions by, and draw them by. */
export interface Sorted extends Summed {
  /** See histogram.ts. */
  readonly bucket: number | null;
  /** `2026-11-26T09`. */
  readonly hour: string;
  /** From 0 to 2^32, evenly. */
  readonly draw: number;
}

export function sorted(execution: AgentExecution): Sorted {
  const { id, started_at, duration_ms } = execution;
  return {
    ...summed(execution),
    bucket: duration_ms === null ? null : bucketOf(duration_ms),
    hour: started_at.slice(0, 13),
    draw: Number.parseInt(hash('sha256', id).slice(0, 8), 16),
  };
}

export type RunDocument = Kept<HeardRun> & { readonly sums: Summed };
export type ExecutionDocument = Kept<AgentExecution> & { readonly sums: Sorted };
export type StepDocument = Kept<Step> & { readonly sums: Summed };
export type LossDocument = Kept<LostWork> & { readonly session_id: string };

/** The row of a document: what is kept beside it is nobody's concern. */
export function rowOf<Row>(document: { readonly _id: string }): Row {
  const { _id, thread, fold, failed_alone, heard_at, sums, ...row } = document as Record<string, unknown>;
  return { id: _id, ...row } as Row;
}

export interface Collections {
  readonly threads: Collection<Thread>;
  /** What ties facts together, and of which thread it is. */
  readonly links: Collection<{ _id: string; thread: string }>;
  /** One document each: a run of any length stays below the 16 MB that a document may have. */
  readonly facts: Collection<{ _id: string; thread: string; body: string }>;
  readonly orchestrations: Collection<RunDocument>;
  readonly executions: Collection<ExecutionDocument>;
  readonly steps: Collection<StepDocument>;
  readonly losses: Collection<LossDocument>;
}

export function collectionsOf(database: Db): Collections {
  return {
    threads: database.collection('threads'),
    links: database.collection('links'),
    facts: database.collection('facts'),
    orchestrations: database.collection('orchestrations'),
    executions: database.collection('agent_executions'),
    steps: database.collection('steps'),
    losses: database.collection('losses'),
  };
}

/**
 * Marks an empty database as a ledger, and makes the indexes that it lacks; each is made once, whoever opens it.
 * @throws Error for a database that a newer fleetscope wrote, or another program.
 */
export async function prepare(database: Db, shown: string): Promise<void> {
  await claim(database, shown);
  const { threads, links, facts, orchestrations, executions, steps, losses } = collectionsOf(database);
  // Every sort below is that of an index: MongoDB gives up sorting what is longer than 100 MB.
  const byStart = { started_at: 1, _id: 1 } as const;
  const indexes: [Collection<never>, string, Record<string, 1>][] = [
    [threads, 'threads_into', { into: 1 }],
    [threads, 'threads_pending', { pending: 1 }],
    [threads, 'threads_ended', { ended_at: 1 }],
    [links, 'links_thread', { thread: 1 }],
    [facts, 'facts_thread', { thread: 1 }],
    [orchestrations, 'orchestrations_thread', { thread: 1 }],
    [orchestrations, 'orchestrations_session', { session_id: 1 }],
    [orchestrations, 'orchestrations_started', byStart],
    [orchestrations, 'orchestrations_status', { status: 1, ...byStart }],
    [orchestrations, 'orchestrations_heard', { status: 1, heard_at: 1 }],
    [orchestrations, 'orchestrations_failed_alone', { failed_alone: 1, ...byStart }],
    [executions, 'agent_executions_thread', { thread: 1 }],
    [executions, 'agent_executions_session', { agent_session_id: 1 }],
    [executions, 'agent_executions_started', byStart],
    [executions, 'agent_executions_orchestration', { orchestration_id: 1, ...byStart }],
    [executions, 'agent_executions_agent', { agent_name: 1, ...byStart }],
    [executions, 'agent_executions_failed', { status: 1, ...byStart }],
    [steps, 'steps_thread', { thread: 1 }],
    [steps, 'steps_orchestration', { orchestration_id: 1, ...byStart }],
    [steps, 'steps_execution', { execution_id: 1, started_at: 1 }],
    [steps, 'steps_began', byStart],
    [losses, 'losses_thread', { thread: 1 }],
    [losses, 'losses_at', { at: 1, _id: 1 }],
  ].map((index) => index as never);
  // One by one: FerretDB breaks on two in one command that are there already.
  for (const [collection, name, keys] of indexes) await collection.createIndex(keys, { name });
}

async function claim(database: Db, shown: string): Promise<void> {
  const schema = database.collection<{ _id: string; version: number }>('ledger_schema');
  const read = async () => (await schema.findOne({ _id: 'ledger' }))?.version;
  const isOurs = async () => {
    const ours = Object.values(collectionsOf(database)).map(({ collectionName }) => collectionName);
    const there = await database.listCollections({}, { nameOnly: true }).toArray();
    return !there.some(({ name }) => ours.includes(name));
  };
  let found = await read();
  if (found === undefined && !(await isOurs())) {
    // Another process may have made it meanwhile.
    found = await read();
    if (found === undefined)
      throw new Error(
        `Cannot open ${shown}: it is the database of another program, which has a collection of a name of ours. Name another database: --db mongodb://<host>/<database>.`,
      );
  }
  if (found === undefined) await schema.updateOne({ _id: 'ledger' }, { $setOnInsert: { version } }, { upsert: true });
  if (found !== undefined && found > version)
    throw new Error(
      `Cannot open ${shown}: a newer fleetscope wrote it (schema ${found}, this one knows ${version}). Use the newer one, or name another database: --db mongodb://<host>/<database>.`,
    );
}
