/** An error as it stands: what the days show of it, and what people said about it. Pure. */
import { type ErrorCourse, errorCourses } from '../consolidate/errors.ts';
import { beginOf, dateOf } from '../periods.ts';
import type { ErrorDay, Override } from '../record.ts';
import type { KnownFacts } from './known-facts.ts';

/**
 * - `open`: it comes.
 * - `quiet`: it has not come for longer than chance would have it.
 * - `resolved`: a person says so, or named the commit that did it, and it has not come since.
 * - `returned`: it came again after either.
 */
export type ErrorStatus = 'open' | 'quiet' | 'resolved' | 'returned';

export interface KnownError extends ErrorCourse {
  readonly status: ErrorStatus;
  /** The first day on which that was so. */
  readonly since: string;
  readonly told: Told;
  readonly agents: readonly string[];
  /** Each day on which it was seen. */
  readonly seen: readonly { readonly date: string; readonly error: ErrorDay }[];
  /** Of the last `recentDays`; null: nothing is known of their money. */
  readonly recent_times: number;
  readonly recent_cost_micro_usd: number | null;
}

/** What people wrote on its page. */
export interface Told {
  readonly has_cause: boolean;
  readonly fix_commit: string | null;
  /** It was over with this occurrence, which is the last that they knew of. ISO 8601. */
  readonly solved_after: string | null;
}

/** What is urgent is told by these. */
export const recentDays = 28;

/** @param written by fingerprint, what people wrote on the pages. In order of status, then of what it cost lately. */
export function knownErrors(
  { past, until }: Pick<KnownFacts, 'past' | 'until'>,
  written: ReadonlyMap<string, readonly Override[]>,
): KnownError[] {
  const seen = new Map<string, { date: string; error: ErrorDay }[]>();
  for (const { date, errors } of past)
    for (const error of errors) {
      const days = seen.get(error.fingerprint) ?? [];
      days.push({ date, error });
      seen.set(error.fingerprint, days);
    }
  const from = dateOf(beginOf(until) - (recentDays - 1) * 86_400_000);
  return errorCourses(past, until)
    .map((course): KnownError => {
      const days = seen.get(course.fingerprint) ?? [];
      const told = toldIn(written.get(course.fingerprint) ?? []);
      const recent = days.filter(({ date }) => date >= from).map(({ error }) => error);
      const costs = recent.flatMap(({ cost_micro_usd }) => cost_micro_usd ?? []);
      return {
        ...{ ...course, ...standing(course, days, told), told, seen: days },
        agents: [...new Set(days.flatMap(({ error }) => error.agents))].sort(),
        recent_times: recent.reduce((sum, { times }) => sum + times, 0),
        recent_cost_micro_usd: costs.length === 0 ? null : costs.reduce((sum, cost) => sum + cost, 0),
      };
    })
    .sort(
      (a, b) =>
        urgency.indexOf(a.status) - urgency.indexOf(b.status) ||
        (b.recent_cost_micro_usd ?? 0) - (a.recent_cost_micro_usd ?? 0) ||
        (a.fingerprint < b.fingerprint ? -1 : 1),
    );
}

const urgency: readonly ErrorStatus[] = ['returned', 'open', 'quiet', 'resolved'];

function standing(
  { silences, last_at, first_at }: ErrorCourse,
  days: KnownError['seen'],
  { solved_after }: Told,
): Pick<KnownError, 'status' | 'since'> {
  if (solved_after !== null && last_at <= solved_after) return { status: 'resolved', since: solved_after.slice(0, 10) };
  const silence = silences.at(-1);
  if (silence?.until === null) return { status: 'quiet', since: silence.after };
  const again = days.find(({ error }) => solved_after !== null && error.last_at > solved_after)?.date;
  const back = again ?? silence?.until ?? undefined;
  return back === undefined ? { status: 'open', since: first_at.slice(0, 10) } : { status: 'returned', since: back };
}

/** What a block says before anybody has written in it. */
export const notKnown = 'Not known yet.';

/** @param written overrides of its page; of `status` and `fix-commit` it is known since when (`instead_of`). */
export function toldIn(written: readonly Override[]): Told {
  const of = (block: string) => written.find((one) => one.block === block);
  const cause = bodyOf(of('cause')?.text ?? '');
  const [status, fix] = [of('status'), of('fix-commit')];
  const fix_commit = commitIn(bodyOf(fix?.text ?? ''));
  const said = /^[\s*_`]*(?:status:?\s*)?[\s*_`]*(resolved|fixed|solved|open)\b/i.exec(bodyOf(status?.text ?? ''))?.[1];
  // Whoever writes "open" knows better than a commit that was to mend it.
  const isSolved = said === undefined ? fix_commit !== null : said.toLowerCase() !== 'open';
  const reason = said === undefined ? fix : status;
  return {
    ...{ has_cause: cause !== '' && cause !== notKnown, fix_commit },
    solved_after: isSolved && reason ? solvedAfter(reason) : null,
  };
}

/** Without the heading that stands in the block. */
function bodyOf(text: string): string {
  return text.replace(/^\s*#+ [^\n]*(\n|$)/, '').trim();
}

/** 7 to 40 hexadecimal digits with at least one figure, as Git writes them; no number of an issue. */
function commitIn(text: string): string | null {
  return /(?<![\w#])(?=[a-f]*\d)[\da-f]{7,40}(?!\w)/i.exec(text)?.[0].toLowerCase() ?? null;
}

/** The last occurrence that they knew of when they wrote, or the end of a day that they named. */
function solvedAfter({ text, instead_of }: Override): string {
  const known = /Last seen: (\S+)/.exec(instead_of)?.[1] ?? '';
  const [date] = /\b\d{4}-\d{2}-\d{2}\b/.exec(bodyOf(text)) ?? [];
  const named = date === undefined ? '' : `${date}T23:59:59.999Z`;
  return known > named ? known : named;
}
