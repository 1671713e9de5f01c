/** Walks through a day of the ledger, in constant memory, and hands it to the fold (ledger-day.ts). (M01) */
import type { AgentExecution, Orchestration } from '../../ledger/record.ts';
import type { Ledger, Window } from '../../store/store.ts';
import { beginOf, cutoffOf, lengthOf, soFarCutoffOf } from '../periods.ts';
import type { Decision, Snapshot } from '../record.ts';
import { LedgerDay, type LedgerPart } from './ledger-day.ts';
import type { LedgerHours } from './ledger-hours.ts';

/** Rows that are in memory at once. */
const page = 500;

/** Sessions that are remembered: executions come in the order in which they began, and those of a run near one another. */
const mostSessions = 5000;

/** From the beginning of a task until it is in a sample: a push, and how finely counters are looked at (grown.ts). */
const countedLateMs = 10 * 60_000;

/** A day, as far as it is over. */
export interface DaySpan {
  readonly date: string;
  readonly state: Snapshot['state'];
  readonly sinceIso: string;
  /** What begins from then on is no longer of it. */
  readonly untilIso: string;
  /** What happens later than this is not known of it: see periods.ts. */
  readonly cutoffIso: string;
}

export function daySpan(date: string, state: Snapshot['state']): DaySpan {
  const iso = (ms: number) => new Date(ms).toISOString();
  const cutoff = state === 'open' ? soFarCutoffOf(date) : cutoffOf(date);
  const end = Math.min(beginOf(date) + lengthOf(date), cutoff);
  return { date, state, sinceIso: iso(beginOf(date)), untilIso: iso(end), cutoffIso: iso(cutoff) };
}

export interface LedgerRead {
  readonly part: LedgerPart;
  readonly decisions: readonly Decision[];
  readonly isEmpty: boolean;
  /** What of the day began when. */
  readonly hours: LedgerHours;
  /** Tasks that began in the ten minutes before it, at most: who counts them may have told it a little later. */
  readonly before: number;
}

export async function readLedgerDay(ledger: Ledger, span: DaySpan): Promise<LedgerRead> {
  const day = new LedgerDay(span.cutoffIso);
  const { sinceIso, untilIso, cutoffIso } = span;
  for await (const step of ledger.stepsBetween({ sinceIso, untilIso })) day.step(step);
  for await (const step of ledger.stepsBetween({ sinceIso: untilIso, untilIso: cutoffIso })) day.laterStep(step);
  const sessions = new Sessions(ledger);
  for await (const row of executionsBetween(ledger, { sinceIso, untilIso })) day.execution(row, await sessions.of(row));
  for await (const run of runsBetween(ledger, { sinceIso, untilIso })) day.run(run);
  const lacking = day.lacking();
  for (const id of lacking.executions) {
    const row = await ledger.execution(id);
    if (row) day.decidedBy(row);
  }
  for (const id of lacking.runs) {
    const run = await ledger.orchestration(id);
    if (run) day.decidedIn(run);
  }
  const { hours, isEmpty } = day;
  return {
    ...{ part: day.part(), decisions: day.decisions(span.date), isEmpty, hours },
    before: await tasksBefore(ledger, sinceIso),
  };
}

async function tasksBefore(ledger: Ledger, untilIso: string): Promise<number> {
  const window = { sinceIso: new Date(Date.parse(untilIso) - countedLateMs).toISOString(), untilIso };
  let tasks = 0;
  for await (const { kind } of ledger.stepsBetween(window)) if (kind === 'task') tasks++;
  for await (const _ of executionsBetween(ledger, window)) tasks++;
  return tasks;
}

async function* executionsBetween(ledger: Ledger, window: Window): AsyncGenerator<AgentExecution> {
  for (let before: string | undefined; ; ) {
    const rows = await ledger.executions({ ...window, limit: page, ...(before !== undefined && { before }) });
    yield* rows;
    if (rows.length < page) return;
    before = rows.at(-1)?.id;
  }
}

async function* runsBetween(ledger: Ledger, window: Window): AsyncGenerator<Orchestration> {
  for (let before: string | undefined; ; ) {
    const rows = await ledger.orchestrations({ ...window, limit: page, ...(before !== undefined && { before }) });
    yield* rows;
    if (rows.length < page) return;
    before = rows.at(-1)?.id;
  }
}

/** By which name an execution is opened: its run's, also of one that began on an earlier day. */
class Sessions {
  readonly #ledger: Ledger;
  readonly #known = new Map<string, string>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** Of one that no run has claimed, its own. */
  async of({ orchestration_id, agent_session_id }: AgentExecution): Promise<string> {
    if (orchestration_id === null) return agent_session_id;
    const known = this.#known.get(orchestration_id);
    if (known !== undefined) return known;
    const session = (await this.#ledger.orchestration(orchestration_id))?.session_id ?? agent_session_id;
    if (this.#known.size >= mostSessions) this.#known.clear();
    this.#known.set(orchestration_id, session);
    return session;
  }
}
