/** `ask errors`: what failed in a month or any days, and how it stands. (M06) */
import { sumMicroUsd } from '../../ledger/money.ts';
import { count, duration, errorText, money, number, oneLine } from '../../words.ts';
import type { ErrorStatus } from '../knowledge/known-error.ts';
import type { ErrorDay, Snapshot } from '../record.ts';
import { pastDays } from '../store/past-days.ts';
import { allNotes, ids } from './cost.ts';
import { errorStatuses } from './error-status.ts';
import { known, newestDay } from './known.ts';
import type { Question } from './question.ts';
import { daysNamed, during, spanOptions } from './span.ts';

export interface ErrorRow {
  readonly fingerprint: string;
  readonly error_type: string | null;
  readonly error_message: string | null;
  readonly status: ErrorStatus;
  readonly times: number;
  /** On which it was seen. */
  readonly days: number;
  readonly first_at: string;
  readonly last_at: string;
  readonly cost_micro_usd: number | null;
  readonly duration_ms: number;
  readonly agents: readonly string[];
  readonly sessions: readonly string[];
}

export const errors: Question = {
  usage: 'errors',
  description: 'what failed, how often, what it cost, and whether it still does; default: the 28 newest days',
  options: spanOptions,
  async answer({ memory, options, screen }) {
    const newest = await newestDay(memory);
    const span = daysNamed(options, newest) ?? daysNamed({ to: newest }, newest) ?? { from: newest, to: newest };
    const { days, missing, notes } = await known(memory, span, 'the errors');
    const all = await pastDays(memory, { to: span.to });
    const rows = errorRows(days, await errorStatuses(memory, all, span.to, ({ date }) => date >= span.from));
    const table = screen.table(
      [
        ['FINGERPRINT', 'STATUS', 'TIMES', 'DAYS', 'LAST', 'LOST', 'COST', 'LATEST RUN', 'ERROR'],
        ...rows.map((row) => [
          oneLine(row.fingerprint) || '-',
          row.status === 'quiet' || row.status === 'resolved'
            ? screen.paint('green', row.status)
            : screen.paint('red', row.status),
          ...[number(row.times), number(row.days), row.last_at.slice(0, 10), duration(row.duration_ms)],
          ...[money(row.cost_micro_usd), oneLine(row.sessions[0] ?? null), errorText(row)],
        ]),
      ],
      ['LOST', 'DAYS', 'LATEST RUN'],
    );
    const times = rows.reduce((sum, row) => sum + row.times, 0);
    return {
      json: { ...span, days: days.length, missing, rows, notes: allNotes(days), evidence: ids(days) },
      columns: [
        ...['fingerprint', 'error_type', 'error_message', 'status', 'times', 'days', 'first_at', 'last_at'],
        ...['cost_micro_usd', 'duration_ms', 'agents', 'sessions'],
      ],
      rows,
      text:
        rows.length === 0
          ? `Nothing failed ${during(span)}, as far as it is known.`
          : `${count(times, 'failure')} of ${count(rows.length, 'kind')} ${during(span)}.\n\n${table}`,
      notes,
    };
  },
};

/** The most frequent first; of equal ones by fingerprint. @param statuses as they stand at the end of the days */
export function errorRows(days: readonly Snapshot[], statuses: ReadonlyMap<string, ErrorStatus>): ErrorRow[] {
  return [
    ...Map.groupBy(
      days.flatMap((day) => day.errors),
      ({ fingerprint }) => fingerprint,
    ),
  ]
    .map(([fingerprint, all]) => merged(fingerprint, all, statuses.get(fingerprint) ?? 'open'))
    .sort((a, b) => b.times - a.times || (a.fingerprint < b.fingerprint ? -1 : 1));
}

function merged(fingerprint: string, all: readonly ErrorDay[], status: ErrorStatus): ErrorRow {
  const [first, last] = [all[0], all.at(-1)] as [ErrorDay, ErrorDay];
  const sum = (of: (one: ErrorDay) => number) => all.reduce((total, one) => total + of(one), 0);
  return {
    ...{ fingerprint, error_type: last.error_type, error_message: last.error_message, status },
    ...{ times: sum(({ times }) => times), days: all.length, first_at: first.first_at, last_at: last.last_at },
    cost_micro_usd: sumMicroUsd(all.map(({ cost_micro_usd }) => cost_micro_usd)),
    duration_ms: sum(({ duration_ms }) => duration_ms),
    agents: [...new Set(all.flatMap(({ agents }) => agents))].sort(),
    // The newest are those that are still in the ledger.
    sessions: [...new Set(all.toReversed().flatMap(({ sessions }) => sessions))].slice(0, 5),
  };
}
