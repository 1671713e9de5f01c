/** The ledger in MongoDB: several machines, one set of runs. It asks no more of MongoDB than that one document changes at once. */
import type { Collection, Db, MongoClient } from 'mongodb';
import type { Fact } from '../../ledger/fact.ts';
import type { AgentExecution, Orchestration, Step } from '../../ledger/record.ts';
import type { CostBy, ExecutionFilter, Ledger, OpenOptions, RunFilter, Stretch, Window } from '../store.ts';
import { failures, losses } from './failure.ts';
import { and, began, beyond } from './filter.ts';
import { costs, courseOf, health, performanceOf, samples } from './report.ts';
import { type Collections, collectionsOf, prepare, rowOf } from './schema.ts';
import { useDatabase } from './use-database.ts';
import { MongoWriter } from './write.ts';

/** Connects, makes the indexes, and folds what a killed process left unfolded. @throws Error that names the host, and no secret. */
export async function openMongo(url: string, database: string, { now = Date.now }: OpenOptions = {}): Promise<Ledger> {
  return useDatabase({ url, database, what: 'the ledger' }, async (client, shown) => {
    // What decides what is written is read where it is written; lists may be read where the URL says.
    const written = client.db(database, { readPreference: 'primary' });
    await prepare(written, shown);
    const writer = new MongoWriter(written, now);
    await writer.repair();
    return new MongoLedger(client, client.db(database), writer, now);
  });
}

const removedAtOnce = 200;
/** Between two pages a reader may take as long as it likes: MongoDB forgets a cursor after ten minutes. */
const exportedAtOnce = 50;
const stepsAtOnce = 200;

class MongoLedger implements Ledger {
  readonly #client: MongoClient;
  readonly #of: Collections;
  readonly #writer: MongoWriter;
  readonly #now: () => number;

  constructor(client: MongoClient, database: Db, writer: MongoWriter, now: () => number) {
    this.#client = client;
    this.#of = collectionsOf(database);
    this.#writer = writer;
    this.#now = now;
  }

  async record(facts: readonly Fact[]): Promise<void> {
    if (facts.length > 0) await this.#writer.record(facts);
  }

  async orchestration(sessionIdOrId: string): Promise<Orchestration | undefined> {
    const { orchestrations } = this.#of;
    const found =
      (await orchestrations.findOne({ session_id: sessionIdOrId })) ??
      (await orchestrations.findOne({ _id: sessionIdOrId }));
    return found ? rowOf<Orchestration>(found) : undefined;
  }

  async orchestrations({ status, before, limit, ...window }: RunFilter): Promise<Orchestration[]> {
    const last = before === undefined ? undefined : await this.orchestration(before);
    if (before !== undefined && !last) return [];
    return page(this.#of.orchestrations, and(status && { status }, began(window), last && beyond(last, -1)), -1, limit);
  }

  async executions({ orchestrationId, agentName, newestFirst, before, limit, ...window }: ExecutionFilter) {
    const way = newestFirst ? -1 : 1;
    const last = before === undefined ? undefined : await this.execution(before);
    if (before !== undefined && !last) return [];
    const filter = and(
      orchestrationId === undefined ? undefined : { orchestration_id: orchestrationId },
      agentName === undefined ? undefined : { agent_name: agentName },
      began(window),
      last && beyond(last, way),
    );
    return page<AgentExecution>(this.#of.executions, filter, way, limit);
  }

  async execution(agentSessionIdOrId: string): Promise<AgentExecution | undefined> {
    const { executions } = this.#of;
    const found =
      (await executions.findOne({ agent_session_id: agentSessionIdOrId })) ??
      (await executions.findOne({ _id: agentSessionIdOrId }));
    return found ? rowOf<AgentExecution>(found) : undefined;
  }

  async steps(orchestrationId: string): Promise<Step[]> {
    return page(this.#of.steps, { orchestration_id: orchestrationId }, 1, Number.POSITIVE_INFINITY);
  }

  async *stepsBetween(window: Window) {
    for (let last: Step | undefined; ; ) {
      const filter = and(began(window), last && beyond(last, 1));
      const steps: Step[] = await page(this.#of.steps, filter, 1, stepsAtOnce);
      yield* steps;
      if (steps.length < stepsAtOnce) return;
      last = steps.at(-1);
    }
  }

  async running(sinceIso: string) {
    return this.#of.orchestrations.countDocuments({ status: 'running', started_at: { $gte: sinceIso } });
  }

  async health(sinceIso: string) {
    return health(this.#of, sinceIso);
  }

  async performance(window: Window, agentName?: string) {
    return performanceOf(this.#of, window, this.#now(), agentName);
  }

  async failures(limit: number, window: Window) {
    return failures(this.#of, limit, window);
  }

  async costs(by: CostBy, window: Window) {
    return costs(this.#of, by, window);
  }

  async losses(window: Window) {
    return losses(this.#of, window, this.#now());
  }

  async course(by: Stretch, window: Window, agentName?: string) {
    return courseOf(this.#of, by, window, agentName);
  }

  async samples(window: Window, most: number) {
    return samples(this.#of, window, most);
  }

  async *export(sessionId?: string) {
    const one = sessionId === undefined ? undefined : await this.orchestration(sessionId);
    if (sessionId !== undefined && !one) return;
    for (let last: Orchestration | undefined; ; ) {
      const filter = one ? { _id: one.id } : and(last && beyond(last, 1));
      const runs: Orchestration[] = await page(this.#of.orchestrations, filter, 1, exportedAtOnce);
      for (const orchestration of runs) {
        const of = { orchestration_id: orchestration.id };
        const [executions, steps] = await Promise.all([
          page<AgentExecution>(this.#of.executions, of, 1, Number.POSITIVE_INFINITY),
          page<Step>(this.#of.steps, of, 1, Number.POSITIVE_INFINITY),
        ]);
        yield { orchestration, executions, steps };
      }
      last = runs.at(-1);
      if (one || runs.length < exportedAtOnce) return;
    }
  }

  async removable(beforeIso: string) {
    return this.#writer.counted(beforeIso);
  }

  /** MongoDB keeps the space for what comes next. */
  async cleanup(beforeIso: string) {
    const gone = { orchestrations: 0, executions: 0, strays: 0, bytesFreed: 0 };
    await this.#writer.repair();
    for (let removed = 1; removed > 0; ) {
      removed = 0;
      for (const thread of await this.#writer.removable(beforeIso, removedAtOnce)) {
        const what = await this.#writer.remove(thread, beforeIso);
        if (!what) continue;
        removed += 1;
        gone.orchestrations += what.orchestrations;
        gone.executions += what.executions;
        gone.strays += what.strays;
      }
    }
    return gone;
  }

  /** MongoDB looks after its own files. */
  async damage() {
    return undefined;
  }

  async close() {
    await this.#client.close();
  }
}

async function page<Row>(rows: object, filter: object, way: 1 | -1, limit: number): Promise<Row[]> {
  // To MongoDB 0 is no limit.
  if (limit < 1) return [];
  const found = (rows as Collection<{ _id: string }>).find(filter, {
    sort: { started_at: way, _id: way },
    ...(Number.isFinite(limit) && { limit: Math.floor(limit) }),
  });
  return (await found.toArray()).map((row) => rowOf<Row>(row));
}
