/** The incidents at work in this process: each in a line of its own, one decision after the other, never two at once. */

import type { Instant } from '../clock.ts';
import { type Event, Refused } from '../incident/event.ts';
import type { HookRun, Incident } from '../incident/incident.ts';
import type { Store } from '../store/store.ts';
import { type Decide, Draft } from './draft.ts';
import type { Sender, Start } from './sender.ts';

export interface LinesDeps {
  readonly store: Pick<Store, 'byId' | 'save'>;
  readonly decide: Decide;
  readonly now: () => Instant;
  readonly sender: Sender;
  readonly runHooks?: (incident: Incident, signal: AbortSignal) => Promise<void>;
  readonly onChanged?: (before: Incident, after: Incident) => void;
  readonly onError: (what: string, error: unknown) => void;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Begin nothing more. */
  readonly closing: AbortSignal;
  /** The store is closed next: what cannot be saved now is left for the next process. */
  readonly stopped: AbortSignal;
  readonly onDueAt: (at: Instant) => void;
}

interface Line {
  readonly id: string;
  /** As it was last saved or read; undefined: somebody else has changed it. */
  incident: Incident | undefined;
  letters: Letter[];
  atWork: boolean;
  /** Look once more when this turn is over. */
  again: boolean;
  /** Messages on their way, and remedies. */
  out: number;
  hooksOut: boolean;
}

interface Letter {
  readonly event: Event;
  readonly resolve: (incident: Incident | undefined) => void;
  readonly reject: (error: unknown) => void;
}

const longestPauseMs = 5000;

export class Lines {
  readonly #deps: LinesDeps;
  readonly #lines = new Map<string, Line>();
  #waiters: { readonly below: number; readonly resolve: () => void }[] = [];

  constructor(deps: LinesDeps) {
    this.#deps = deps;
  }

  get size(): number {
    return this.#lines.size;
  }

  /** Does what is due on an incident that was just read or saved. */
  take(incident: Incident): void {
    const line = this.#lineOf(incident.id);
    if (incident.version > (line.incident?.version ?? 0)) line.incident = { ...incident, journal: [] };
    this.#begin(line);
  }

  /** An event, in its turn. Resolves when it is saved. */
  change(id: string, event: Event): Promise<Incident | undefined> {
    const { promise, resolve, reject } = Promise.withResolvers<Incident | undefined>();
    const line = this.#lineOf(id);
    line.letters.push({ event, resolve, reject });
    this.#begin(line);
    return promise;
  }

  /** Resolves when fewer are at work. */
  async below(count: number): Promise<void> {
    if (this.size >= count) await new Promise<void>((resolve) => this.#waiters.push({ below: count, resolve }));
  }

  idle(): Promise<void> {
    return this.below(1);
  }

  #lineOf(id: string): Line {
    const line = this.#lines.get(id) ?? {
      ...{ id, incident: undefined, letters: [], atWork: false, again: false, out: 0, hooksOut: false },
    };
    this.#lines.set(id, line);
    return line;
  }

  #begin(line: Line): void {
    line.again = true;
    if (!line.atWork) void this.#work(line);
  }

  async #work(line: Line): Promise<void> {
    line.atWork = true;
    for (let failures = 0; line.again || line.letters.length > 0; ) {
      line.again = false;
      try {
        await this.#turn(line);
        failures = 0;
      } catch (error) {
        // What was sent must not be forgotten: its letter stays, and is saved when the store is back.
        this.#deps.onError(`decide on ${line.id}`, error);
        line.incident = undefined;
        line.again = true;
        if (this.#deps.stopped.aborted) break;
        await this.#deps.sleep(Math.min(longestPauseMs, 50 * 2 ** failures++), this.#deps.stopped);
      }
    }
    line.atWork = false;
    if (line.out > 0) return;
    this.#lines.delete(line.id);
    this.#waiters = this.#waiters.filter(({ below, resolve }) => this.size >= below || void resolve());
  }

  async #turn(line: Line): Promise<void> {
    const { store, decide, now, sender, closing, onChanged, onDueAt } = this.#deps;
    if (closing.aborted && line.letters.length === 0) return;
    const before = line.incident ?? (await store.byId(line.id));
    const letters = line.letters.splice(0);
    if (!before) {
      for (const { resolve } of letters) resolve(undefined);
      return;
    }
    const draft = new Draft(decide, before, now());
    let starts: Start[] = [];
    let said: Letter[] = [];
    try {
      said = letters.filter((letter) => applied(draft, letter));
      draft.apply({ kind: 'tick' });
      if (!closing.aborted) starts = sender.admit(draft);
      if (draft.changed && !(await store.save(draft.result))) {
        this.#undo(line, starts, said);
        return;
      }
    } catch (error) {
      this.#undo(line, starts, said);
      throw error;
    }
    line.incident = { ...draft.current, journal: [] };
    for (const { resolve } of said) resolve(line.incident);
    if (draft.changed) onChanged?.(before, draft.result);
    if (draft.current.dueAt !== null) onDueAt(draft.current.dueAt);
    for (const start of starts) void this.#send(line, start, line.incident);
    this.#runHooks(line, line.incident, draft.now);
  }

  /** Somebody else was faster, or the store failed: nothing of it has happened. */
  #undo(line: Line, starts: readonly Start[], said: readonly Letter[]): void {
    for (const start of starts) this.#deps.sender.cancel(start);
    line.letters.unshift(...said);
    line.incident = undefined;
    line.again = true;
  }

  async #send(line: Line, start: Start, incident: Incident): Promise<void> {
    line.out++;
    const { event, free } = await this.#deps.sender.send(start, incident);
    line.out--;
    for (const id of free) this.#begin(this.#lineOf(id));
    await this.change(line.id, event).catch((error) => {
      // It took longer than its lease: another attempt has arrived meanwhile, which is what counts.
      if (!(error instanceof Refused)) this.#deps.onError(`note what came of ${start.key}`, error);
    });
  }

  #runHooks(line: Line, incident: Incident, now: Instant): void {
    const { runHooks, closing, onError } = this.#deps;
    if (!runHooks || closing.aborted || line.hooksOut || !incident.hookRuns.some((run) => isDue(run, now))) return;
    line.hooksOut = true;
    line.out++;
    void runHooks(incident, closing)
      .catch((error) => onError(`run the remedies of ${line.id}`, error))
      .finally(() => {
        line.hooksOut = false;
        line.out--;
        // No more than that: one whose lock is taken is looked at again with what is due.
        if (!line.atWork) void this.#work(line);
      });
  }
}

/** Whether it changes the draft; whoever said what cannot be hears so. */
function applied(draft: Draft, { event, reject }: Letter): boolean {
  try {
    draft.apply(event);
    return true;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    reject(error);
    return false;
  }
}

function isDue({ state, attemptAt }: HookRun, now: Instant): boolean {
  return (state === 'waiting' || state === 'running') && attemptAt <= now;
}
