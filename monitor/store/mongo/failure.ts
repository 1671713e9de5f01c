/** What failed, and what that cost: by kind of error, read from the newest to the oldest. */
import { abandonedAfterMs, abandonmentOf, type LostWork } from '../../ledger/losses.ts';
import type { Failure, Loss, Window } from '../store.ts';
import { Sums } from '../summary.ts';
import { and, began } from './filter.ts';
import type { Collections } from './schema.ts';

/** Failed executions, and failed runs in which no execution failed, by fingerprint; the newest kind first. */
export async function failures(
  { orchestrations, executions }: Collections,
  limit: number,
  window: Window,
): Promise<Failure[]> {
  const kinds = new Map<string, Kind>();
  const count = (fingerprint: string | null, work: Work, run: string | null) => {
    if (fingerprint === null) return;
    const kind = kinds.get(fingerprint) ?? new Kind(work);
    kinds.set(fingerprint, kind);
    kind.count(work, run);
  };
  for await (const run of orchestrations.find(and({ failed_alone: 1 }, began(window)), newestFirst))
    count(run.error_fingerprint, { ...run, at: run.started_at, error_type: null }, run._id);
  for await (const work of executions.find(and({ status: 'failed' }, began(window)), newestFirst))
    count(work.error_fingerprint, { ...work, at: work.started_at }, work.orchestration_id);
  const newest = [...kinds]
    .sort(([a, one], [b, other]) => order(other.lastAt, one.lastAt) || order(a, b))
    .slice(0, Math.max(0, limit));
  const wanted = newest.flatMap(([, kind]) => kind.runs);
  const runs = orchestrations.find({ _id: { $in: wanted } }, { projection: { session_id: 1 } });
  const sessions = new Map((await runs.toArray()).map(({ _id, session_id }) => [_id, session_id]));
  return newest.map(([error_fingerprint, kind]) => ({
    error_fingerprint,
    ...kind.told,
    ...{ first_at: kind.firstAt, last_at: kind.lastAt },
    sessions: kind.runs.flatMap((run) => sessions.get(run) ?? []),
  }));
}

/** Money and time that bought nothing, by reason and kind of error. */
export async function losses({ orchestrations, losses }: Collections, window: Window, now: number): Promise<Loss[]> {
  const kinds = new Map<string, { kind: Kind; reason: Loss['reason']; error_fingerprint: string | null }>();
  const count = (lost: LostWork, session: string) => {
    const { reason, error_fingerprint } = lost;
    const name = `${reason} ${error_fingerprint}`;
    const found = kinds.get(name) ?? { kind: new Kind(lost), reason, error_fingerprint };
    kinds.set(name, found);
    found.kind.count({ status: 'failed', ...lost }, session);
  };
  const silent = { status: 'running' as const, heard_at: { $lt: new Date(now - abandonedAfterMs).toISOString() } };
  const abandoned = new Set<string>();
  for await (const run of orchestrations.find(silent, { sort: { heard_at: 1 } })) {
    abandoned.add(run._id);
    const isIn = run.started_at >= (window.sinceIso ?? '') && !(run.started_at >= (window.untilIso ?? '~'));
    if (isIn) count(abandonmentOf({ ...run, id: run._id }), run.session_id);
  }
  for await (const { _id: id, ...lost } of losses.find(and(began(window, 'at')), { sort: { at: -1, _id: -1 } }))
    if (!abandoned.has(lost.orchestration_id)) count({ id, ...lost }, lost.session_id);
  return [...kinds]
    .map(([name, { kind, reason, error_fingerprint }]) => {
      return { name, loss: { reason, error_fingerprint, ...kind.told, sessions: kind.runs } };
    })
    .sort(
      (a, b) =>
        (b.loss.cost_micro_usd ?? -1) - (a.loss.cost_micro_usd ?? -1) ||
        b.loss.duration_ms - a.loss.duration_ms ||
        order(a.name, b.name),
    )
    .map(({ loss }) => loss);
}

interface Work {
  readonly at: string;
  readonly status?: string;
  readonly error_type: string | null;
  readonly error_message: string | null;
  readonly duration_ms: number | null;
  readonly cost_micro_usd: number | null;
}

/** Work of one kind. */
class Kind {
  readonly #sums = new Sums();
  #runs: { at: string; run: string }[] = [];
  #newest: Work;
  firstAt: string;

  constructor(work: Work) {
    this.#newest = work;
    this.firstAt = work.at;
  }

  count(work: Work, run: string | null): void {
    this.#sums.count({ status: 'failed', ...work }, 1);
    if (work.at > this.#newest.at) this.#newest = work;
    if (work.at < this.firstAt) this.firstAt = work.at;
    if (run === null) return;
    const other = this.#runs.find((one) => one.run === run);
    if (other && other.at >= work.at) return;
    this.#runs = [...this.#runs.filter((one) => one !== other), { at: work.at, run }]
      .sort((a, b) => order(b.at, a.at))
      .slice(0, 5);
  }

  get lastAt(): string {
    return this.#newest.at;
  }

  /** The five newest, as they were named. */
  get runs(): string[] {
    return this.#runs.map(({ run }) => run);
  }

  get told() {
    const { error_type, error_message } = this.#newest;
    const { total: times, cost: cost_micro_usd, duration_ms } = this.#sums;
    return { error_type, error_message, times, cost_micro_usd, duration_ms };
  }
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

const newestFirst = { sort: { started_at: -1, _id: -1 } } as const;
