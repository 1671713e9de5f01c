/** The ledger in MongoDB: several machines, one set of runs. It asks no more of MongoDB than that one document changes at once. */
import { type Collection, type Filter, MongoClient } from 'mongodb';
import type { Fact } from '../ledger/fact.ts';
import type { AgentExecution, Orchestration, Step } from '../ledger/record.ts';
import { MongoWriter } from './mongo-write.ts';
import type { KeptRun } from './row.ts';
import type { ExecutionFilter, Failure, Ledger, OpenOptions, RunFilter, Sample, Window } from './store.ts';
import { exactly, healthOf, hoursIn, PerformanceSummary, Sums } from './summary.ts';

/** Connects, makes the indexes, and folds what a killed process left unfolded. @throws Error that names the URL without its password. */
export async function openMongo(url: string, database: string, { now = Date.now }: OpenOptions = {}): Promise<Ledger> {
  const shown = url.replace(/\/\/[^/]*@/, '//');
  const client = await connect(url, shown);
  try {
    const writer = new MongoWriter(client.db(database));
    await writer.prepare();
    return new MongoLedger(client, writer, now);
  } catch (error) {
    await client.close();
    throw new Error(
      `Cannot use the database "${database}" of ${shown}: ${(error as Error).message}. Give its user the role readWrite.`,
      { cause: error },
    );
  }
}

async function connect(url: string, shown: string): Promise<MongoClient> {
  try {
    const client = new MongoClient(url, {
      serverSelectionTimeoutMS: 5_000,
      // The driver's own watch over the server waits as long: one that writes a big batch answers late.
      connectTimeoutMS: 30_000,
      socketTimeoutMS: 60_000,
      appName: 'fleetscope-monitor',
      // What was answered outlives the machine that answered.
      writeConcern: { w: 'majority', journal: true },
    });
    return await client.connect();
  } catch (error) {
    throw new Error(
      `Cannot open the ledger at ${shown}: ${(error as Error).message}. Check that MongoDB runs there, and the user and password.`,
      { cause: error },
    );
  }
}

/** A row as it is read; `_id` is its id. */
type Document = { readonly _id: string; readonly started_at: string };

const removedAtOnce = 200;

class MongoLedger implements Ledger {
  readonly #client: MongoClient;
  readonly #writer: MongoWriter;
  readonly #now: () => number;
  readonly #orchestrations: Collection<Document>;
  readonly #executions: Collection<Document>;
  readonly #steps: Collection<Document>;

  constructor(client: MongoClient, writer: MongoWriter, now: () => number) {
    this.#client = client;
    this.#writer = writer;
    this.#now = now;
    this.#orchestrations = writer.orchestrations as unknown as Collection<Document>;
    this.#executions = writer.executions as unknown as Collection<Document>;
    this.#steps = writer.steps as unknown as Collection<Document>;
  }

  async record(facts: readonly Fact[]): Promise<void> {
    if (facts.length > 0) await this.#writer.record(facts);
  }

  async orchestration(sessionIdOrId: string): Promise<Orchestration | undefined> {
    const bySession = await this.#orchestrations.findOne({ session_id: sessionIdOrId } as Filter<Document>);
    const found = bySession ?? (await this.#orchestrations.findOne({ _id: sessionIdOrId }));
    return found ? rowOf<Orchestration>(found) : undefined;
  }

  async orchestrations({ status, before, limit, ...window }: RunFilter): Promise<Orchestration[]> {
    const last = before === undefined ? undefined : await this.orchestration(before);
    if (before !== undefined && !last) return [];
    const filter = and(status && { status }, began(window), last && beyond(last, '$lt'));
    return this.#page<Orchestration>(this.#orchestrations, filter, -1, limit);
  }

  async executions({ orchestrationId, agentName, newestFirst, before, limit, ...window }: ExecutionFilter) {
    const last = before === undefined ? undefined : await this.#execution(before);
    if (before !== undefined && !last) return [];
    const filter = and(
      orchestrationId === undefined ? undefined : { orchestration_id: orchestrationId },
      agentName === undefined ? undefined : { agent_name: agentName },
      began(window),
      last && beyond(last, newestFirst ? '$lt' : '$gt'),
    );
    return this.#page<AgentExecution>(this.#executions, filter, newestFirst ? -1 : 1, limit);
  }

  async #execution(agentSessionIdOrId: string): Promise<AgentExecution | undefined> {
    const bySession = await this.#executions.findOne({ agent_session_id: agentSessionIdOrId } as Filter<Document>);
    const found = bySession ?? (await this.#executions.findOne({ _id: agentSessionIdOrId }));
    return found ? rowOf<AgentExecution>(found) : undefined;
  }

  async steps(orchestrationId: string): Promise<Step[]> {
    return this.#page<Step>(this.#steps, { orchestration_id: orchestrationId }, 1, Number.POSITIVE_INFINITY);
  }

  async #page<Row>(rows: Collection<Document>, filter: object, way: 1 | -1, limit: number): Promise<Row[]> {
    // To MongoDB 0 is no limit.
    if (limit < 1) return [];
    const found = rows.find(filter as Filter<Document>, {
      sort: { started_at: way, _id: way },
      ...(Number.isFinite(limit) && { limit: Math.floor(limit) }),
    });
    return (await found.toArray()).map((row) => rowOf<Row>(row));
  }

  async health(sinceIso: string) {
    const [runs, executions] = [new Sums(), new Sums()];
    for await (const row of this.#samples(this.#orchestrations, { sinceIso })) runs.count(row, 1);
    for await (const row of this.#samples(this.#executions, { sinceIso })) executions.count(row, 1);
    return healthOf(runs, executions);
  }

  async performance(window: Window) {
    const filter = (began(window) ?? {}) as Filter<Document>;
    const summary = new PerformanceSummary((await this.#executions.countDocuments(filter)) <= exactly);
    for await (const row of this.#samples(this.#executions, window)) summary.count(row);
    const first = await this.#executions.findOne({}, { sort: { started_at: 1 } });
    return summary.rows(hoursIn(window.sinceIso ?? first?.started_at, window.untilIso, this.#now()));
  }

  /** Failed executions, and failed runs in which no execution failed, by fingerprint; the newest kind first. */
  async failures(limit: number, window: Window): Promise<Failure[]> {
    const kinds = new Map<string, Kind>();
    const count = (row: Failed, session: string | null) => {
      const kind = kinds.get(row.error_fingerprint) ?? new Kind(row);
      kinds.set(row.error_fingerprint, kind);
      kind.count(row, session);
    };
    const newestFirst = { sort: { started_at: -1, _id: -1 } } as const;
    const alone = and({ failed_alone: 1 }, began(window)) as Filter<Document>;
    for await (const row of this.#orchestrations.find(alone, newestFirst)) {
      const run = row as unknown as KeptRun & Failed;
      count(run, run.session_id);
    }
    const failed = and({ status: 'failed' }, began(window)) as Filter<Document>;
    for await (const row of this.#executions.find(failed, newestFirst)) {
      const execution = row as unknown as AgentExecution & Failed;
      count(execution, execution.orchestration_id);
    }
    const newest = [...kinds.values()].sort(
      (a, b) => order(b.last_at, a.last_at) || order(a.fingerprint, b.fingerprint),
    );
    return Promise.all(newest.slice(0, limit).map(async (kind) => kind.failure(await this.#sessionsOf(kind.runs))));
  }

  /** @param runs ids or session ids, the newest first. */
  async #sessionsOf(runs: readonly string[]): Promise<string[]> {
    const found = await Promise.all(runs.map((run) => this.orchestration(run)));
    return [...new Set(found.flatMap((run) => run?.session_id ?? []))];
  }

  async samples(window: Window, most: number): Promise<Sample[]> {
    const filter = (began(window) ?? {}) as Filter<Document>;
    const every = (await this.#executions.countDocuments(filter)) / Math.max(1, most);
    const some: Sample[] = [];
    let seen = 0;
    for await (const row of this.#samples(this.#executions, window)) {
      // The one in the middle of each share: as many as may be, from the whole window.
      if (some.length < most && seen++ >= (some.length + 0.5) * Math.max(1, every) - 1) some.push(row);
    }
    return some;
  }

  async *#samples(rows: Collection<Document>, window: Window): AsyncIterable<Sample> {
    const projection = {
      ...{ _id: 0, agent_name: 1, operation: 1, status: 1, started_at: 1, duration_ms: 1, cost_micro_usd: 1 },
    };
    const filter = (began(window) ?? {}) as Filter<Document>;
    yield* rows.find(filter, { projection, sort: { started_at: 1, _id: 1 } }) as unknown as AsyncIterable<Sample>;
  }

  async *export(sessionId?: string) {
    const one = sessionId === undefined ? undefined : await this.orchestration(sessionId);
    if (sessionId !== undefined && !one) return;
    const filter = (one ? { _id: one.id } : {}) as Filter<Document>;
    for await (const row of this.#orchestrations.find(filter, { sort: { started_at: 1, _id: 1 } })) {
      const orchestration = rowOf<Orchestration>(row);
      const of = { orchestrationId: orchestration.id, limit: Number.POSITIVE_INFINITY };
      yield { orchestration, executions: await this.executions(of), steps: await this.steps(orchestration.id) };
    }
  }

  async removable(beforeIso: string) {
    return this.#writer.counted(await this.#writer.removable(beforeIso, 0));
  }

  /** MongoDB keeps the space for what comes next. */
  async cleanup(beforeIso: string) {
    const gone = { orchestrations: 0, executions: 0, bytesFreed: 0 };
    for (;;) {
      const threads = await this.#writer.removable(beforeIso, removedAtOnce);
      for (const thread of threads) {
        const { orchestrations, executions } = await this.#writer.remove(thread);
        gone.orchestrations += orchestrations;
        gone.executions += executions;
      }
      if (threads.length < removedAtOnce) return gone;
    }
  }

  /** MongoDB looks after its own files. */
  async damage() {
    return undefined;
  }

  async close() {
    await this.#client.close();
  }
}

function rowOf<Row>({ _id, ...row }: Document): Row {
  const { thread: _, fold: __, failed_alone: ___, ...rest } = row as Record<string, unknown>;
  return { id: _id, ...rest } as Row;
}

function began({ sinceIso, untilIso }: Window): object | undefined {
  if (sinceIso === undefined && untilIso === undefined) return undefined;
  return { started_at: { ...(sinceIso && { $gte: sinceIso }), ...(untilIso && { $lt: untilIso }) } };
}

/** What comes after a row, by the time it began, then by id. */
function beyond({ started_at, id }: { started_at: string; id: string }, than: '$lt' | '$gt'): object {
  return { $or: [{ started_at: { [than]: started_at } }, { started_at, _id: { [than]: id } }] };
}

function and(...conditions: (object | undefined | '')[]): object {
  const given = conditions.filter(Boolean) as object[];
  return given.length === 0 ? {} : { $and: given };
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

interface Failed {
  readonly error_fingerprint: string;
  readonly error_type?: string | null;
  readonly error_message: string | null;
  readonly started_at: string;
  readonly status: string;
  readonly duration_ms: number | null;
  readonly cost_micro_usd: number | null;
}

/** Failed work of one kind, counted from the newest to the oldest of each table. */
class Kind {
  readonly fingerprint: string;
  readonly #sums = new Sums();
  readonly #runs: { at: string; run: string }[] = [];
  #newest: Failed;
  #firstAt: string;

  constructor(row: Failed) {
    this.fingerprint = row.error_fingerprint;
    this.#newest = row;
    this.#firstAt = row.started_at;
  }

  count(row: Failed, run: string | null): void {
    this.#sums.count(row, 1);
    if (row.started_at > this.#newest.started_at) this.#newest = row;
    if (row.started_at < this.#firstAt) this.#firstAt = row.started_at;
    if (run !== null && !this.#runs.some((one) => one.run === run)) this.#runs.push({ at: row.started_at, run });
    if (this.#runs.length > 20) this.#runs.sort((a, b) => order(b.at, a.at)).length = 10;
  }

  get last_at(): string {
    return this.#newest.started_at;
  }

  /** The newest first; ids or session ids. */
  get runs(): string[] {
    return this.#runs.sort((a, b) => order(b.at, a.at)).map(({ run }) => run);
  }

  failure(sessions: readonly string[]): Failure {
    return {
      error_fingerprint: this.fingerprint,
      error_type: this.#newest.error_type ?? null,
      error_message: this.#newest.error_message,
      times: this.#sums.total,
      first_at: this.#firstAt,
      last_at: this.last_at,
      cost_micro_usd: this.#sums.cost,
      duration_ms: this.#sums.duration_ms,
      sessions: sessions.slice(0, 5),
    };
  }
}
