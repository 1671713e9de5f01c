/**
 * What is learnt from findings: seen once it is a note, in a second week a lesson; shown to be otherwise it is contradicted, and not seen again for long
 * enough it expires. Made anew from all findings each time: nothing of it is kept, so nothing of it can go wrong. (M02, B10)
 */
import { beginOf, weekOf } from '../periods.ts';
import type { Finding, FindingKind } from '../record.ts';

export interface Lesson {
  /** Of the findings that it is made of. */
  readonly key: string;
  readonly kind: FindingKind;
  readonly state: 'note' | 'lesson' | 'contradicted' | 'expired';
  /** Weeks that showed it, in order. */
  readonly weeks: readonly string[];
  /** When its state began. */
  readonly since: string;
  /** The finding that showed it last, or that contradicts it. */
  readonly newest: Finding;
  readonly evidence: readonly string[];
}

const weekMs = 7 * 86_400_000;

/** Twice within so many weeks is a pattern, and so long is it believed without being seen again. */
const memoryWeeks = 8;

/** As they stand at the end of a week, of findings until then: by key. */
export function lessons(findings: readonly Finding[], week: string): Lesson[] {
  const until = findings.filter((finding) => finding.week <= week);
  const contrary = Map.groupBy(until, ({ kind, words }) => JSON.stringify([kind, words.fingerprint]));
  return [...Map.groupBy(until, ({ key }) => key)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, all]) =>
      learnt(
        key,
        withContrary(all, contrary).toSorted((a, b) => (a.week < b.week ? -1 : 1)),
        week,
      ),
    );
}

/** An error that is gone comes no more, and one that came again is not gone. */
const endedBy: { readonly [K in FindingKind]?: readonly FindingKind[] } = {
  'recurring-error': ['quiet-error'],
  'returned-error': ['quiet-error'],
  'quiet-error': ['returned-error', 'recurring-error'],
};

/** Those of a key, and what another kind of finding says against it later. */
function withContrary(all: readonly Finding[], by: ReadonlyMap<string, readonly Finding[]>): readonly Finding[] {
  const { kind, words, week } = all[0] as Finding;
  const against = (endedBy[kind] ?? []).flatMap((one) => by.get(JSON.stringify([one, words.fingerprint])) ?? []);
  const weeks = new Set(all.map((one) => one.week));
  const later = against.filter((one) => one.week > week && !weeks.has(one.week));
  // Of two in one week one is enough.
  const told = new Map(later.map((one) => [one.week, { ...one, direction: -1 as const }]));
  return [...all, ...told.values()];
}

/** Keys of what is held to be so now: their contrary is looked for. */
export function held(all: readonly Lesson[]): Set<string> {
  return new Set(all.flatMap(({ key, state }) => (state === 'note' || state === 'lesson' ? [key] : [])));
}

/** Of an error it is said by what it is instead: that it is gone, or back. */
export function isSaidByAnother({ state, kind }: Pick<Lesson, 'state' | 'kind'>): boolean {
  return state === 'contradicted' && kind.endsWith('-error');
}

function learnt(key: string, findings: readonly Finding[], week: string): Lesson {
  let state: Lesson['state'] = 'note';
  let since = (findings[0] as Finding).week;
  let weeks: string[] = [];
  for (const { week: at, direction } of findings) {
    const isOld = weeks.length > 0 && weeksBetween(weeks.at(-1) as string, at) > memoryWeeks;
    if (direction !== 1) {
      if (state !== 'contradicted') since = at;
      [state, weeks] = ['contradicted', []];
      continue;
    }
    if (isOld) weeks = [];
    weeks.push(at);
    const becomes = weeks.length > 1 ? 'lesson' : 'note';
    if (becomes !== state || weeks.length === 1) since = at;
    state = becomes;
  }
  const newest = findings.at(-1) as Finding;
  const isExpired = state !== 'contradicted' && weeksBetween(newest.week, week) > memoryWeeks;
  const shown = findings.filter(({ week: at, direction }) => direction === 1 && weeks.includes(at));
  return {
    ...{ key, kind: newest.kind, newest, weeks },
    ...(isExpired ? { state: 'expired', since: weekAfter(newest.week, memoryWeeks + 1) } : { state, since }),
    evidence: [...new Set([...newest.evidence, ...shown.flatMap(({ evidence }) => evidence)])].slice(0, 8),
  };
}

function weeksBetween(from: string, to: string): number {
  return Math.round((beginOf(to) - beginOf(from)) / weekMs);
}

function weekAfter(week: string, count: number): string {
  return weekOf(beginOf(week) + count * weekMs);
}
