import { setTimeout as delay } from 'node:timers/promises';
import type { Collection } from 'mongodb';
import { canonical, chained, type Head, noHead } from '../audit/chain.ts';
import type { JournalEntry } from '../incident/incident.ts';
import { type ChainedDocument, type IncidentDocument, isTaken } from './mongo-documents.ts';

/** FerretDB goes on after a refused record with the next hundred of an ordered insert, which would leave a gap. */
const most = 64;

/**
 * Moves journal entries from their incidents into the audit trail. An entry is in its incident until it is in the trail, so a kill
 * in between loses none, and its id is unique there, so that none comes twice.
 */
export class MongoChain {
  readonly #incidents: Collection<IncidentDocument>;
  readonly #audit: Collection<ChainedDocument>;
  readonly #notice: (line: string) => void;
  readonly #waiting = new Set<string>();
  #running: Promise<void> | undefined;
  #failed: unknown;

  constructor(
    incidents: Collection<IncidentDocument>,
    audit: Collection<ChainedDocument>,
    notice: (line: string) => void,
  ) {
    this.#incidents = incidents;
    this.#audit = audit;
    this.#notice = notice;
  }

  /** Everything that anybody left unchained. */
  async recover(): Promise<void> {
    const left = this.#incidents.find({ 'journal.0': { $exists: true } }, { projection: { _id: 1 }, sort: { _id: 1 } });
    for await (const { _id } of left) this.#waiting.add(_id);
    this.#run();
    await this.caughtUp();
  }

  /** This incident has something to tell. Saving does not wait for it; a failure is tried again at the next one. */
  poke(incident: string): void {
    this.#waiting.add(incident);
    this.#run();
  }

  /** @throws what keeps entries from being chained. */
  async caughtUp(): Promise<void> {
    if (this.#waiting.size > 0) this.#run();
    while (this.#running) await this.#running;
    if (this.#waiting.size > 0) throw this.#failed;
  }

  #run(): void {
    this.#running ??= this.#drain().finally(() => {
      this.#running = undefined;
    });
  }

  async #drain(): Promise<void> {
    while (this.#waiting.size > 0) {
      const ids = [...this.#waiting].slice(0, most);
      for (const id of ids) this.#waiting.delete(id);
      try {
        await this.#chain(ids);
        this.#failed = undefined;
      } catch (error) {
        for (const id of ids) this.#waiting.add(id);
        if (!this.#failed)
          this.#notice(
            `The audit trail lags: ${(error as Error).message}. What it lacks is kept with the incidents and follows when MongoDB answers.`,
          );
        this.#failed = error;
        return;
      }
    }
  }

  async #chain(incidents: string[]): Promise<void> {
    const found = await this.#incidents.find({ _id: { $in: incidents } }, { projection: { journal: 1 } }).toArray();
    const journals = new Map(found.map(({ _id, journal }) => [_id, journal]));
    // In the order in which they were saved.
    const texts = incidents.flatMap((id) => journals.get(id) ?? []);
    for (let from = 0; from < texts.length; from += most)
      await this.#append(texts.slice(from, from + most).map((text) => JSON.parse(text) as JournalEntry));
    const pulls = found.filter(({ journal }) => journal.length > 0);
    if (pulls.length === 0) return;
    await this.#incidents.bulkWrite(
      pulls.map(({ _id, journal }) => ({
        updateOne: { filter: { _id }, update: { $pullAll: { journal: [...journal] } } },
      })),
      { ordered: false },
    );
  }

  /** Appends those that are not there yet; somebody who was faster makes it look again. */
  async #append(entries: JournalEntry[]): Promise<void> {
    for (let tries = 0; ; tries++) {
      const ids = entries.map(({ id }) => id);
      const there = await this.#audit.find({ id: { $in: ids } }, { projection: { id: 1 } }).toArray();
      const known = new Set(there.map(({ id }) => id));
      const missing = entries.filter(({ id }) => !known.has(id));
      if (missing.length === 0) return;
      try {
        await this.#audit.insertMany(following(await this.#head(), missing), { ordered: true });
        return;
      } catch (error) {
        if (!isTaken(error)) throw error;
        await delay(Math.random() * Math.min(2 ** tries, 100));
      }
    }
  }

  async #head(): Promise<Head> {
    const last = await this.#audit.findOne({}, { sort: { _id: -1 }, projection: { hash: 1 } });
    return last ? { number: last._id, hash: last.hash } : noHead;
  }
}

function following(head: Head, entries: JournalEntry[]): ChainedDocument[] {
  let last = head;
  return entries.map((entry) => {
    const { number, id, incident, previous, hash } = chained(last, entry);
    last = { number, hash };
    return { _id: number, id, incident, previous, hash, entry: canonical(entry) };
  });
}
