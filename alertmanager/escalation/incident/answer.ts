/** What people answer. Each answer says who gave it and by which way. */

import { resolve } from './close.ts';
import { type Event, Refused } from './event.ts';
import { tell, told, waits } from './outbox.ts';
import type { Turn } from './turn.ts';
import { contactsOf, isSame, type Target } from './whom.ts';

type Of<Kind extends Event['kind']> = Extract<Event, { kind: Kind }>;

const longestSnoozeMs = 7 * 86_400_000;
const longestNote = 4000;
const mostNotes = 200;
const longestName = 200;

/** Stops the ladder: somebody is at it. */
export function acknowledge(turn: Turn, { by, via }: Of<'acknowledge' | 'resolve'>): void {
  const { draft, now } = turn;
  unresolved(turn, 'acknowledge');
  if (draft.state === 'acknowledged')
    throw refused(turn, 'acknowledge', `${draft.acknowledged?.by} has done so`, 'Assign it if somebody else takes it.');
  draft.state = 'acknowledged';
  draft.acknowledged = { by: named(turn, 'acknowledge', by), at: now };
  draft.assignee ??= draft.acknowledged.by;
  delete draft.snoozedUntil;
  turn.record(by, 'acknowledged', { why: `by ${via}` });
  for (const target of told(draft)) {
    // Who has just said so need not be told.
    if (!isPersons(turn, target, by) && !waits(draft, target, 'acknowledged'))
      tell(turn, 'acknowledged', target.step, target);
  }
}

export function resolveBy(turn: Turn, { by, via }: Of<'acknowledge' | 'resolve'>): void {
  unresolved(turn, 'resolve');
  resolve(turn, named(turn, 'resolve', by), `by ${via}`);
}

/** It becomes somebody's. It does not count as an answer: they have not said yes. */
export function assign(turn: Turn, { to, by, via }: Of<'assign'>): void {
  const { policy, draft } = turn;
  unresolved(turn, 'assign');
  draft.assignee = named(turn, 'assign', to);
  turn.record(named(turn, 'assign', by), 'assigned', { why: `by ${via}`, data: { to } });
  const own: Target[] = Object.hasOwn(policy.people, to) && to !== by ? contactsOf(policy, to) : [];
  update(turn, own);
}

/** Silence until then; afterwards it begins again, from the first step. */
export function snooze(turn: Turn, { until, by, via }: Of<'snooze'>): void {
  const { draft, now } = turn;
  unresolved(turn, 'snooze');
  if (!(until > now)) throw refused(turn, 'snooze', `${shown(until)} is over`, 'Name a time to come.');
  if (until > now + longestSnoozeMs)
    throw refused(turn, 'snooze', `${shown(until)} is more than 7 days away`, 'Snooze it for less, or resolve it.');
  draft.state = 'snoozed';
  draft.snoozedUntil = until;
  delete draft.acknowledged;
  turn.record(named(turn, 'snooze', by), 'snoozed', { why: `by ${via}`, data: { until } });
  update(turn, []);
}

export function note(turn: Turn, { text, by, via }: Of<'note'>): void {
  const { draft, now } = turn;
  const trimmed = text.trim();
  if (trimmed === '') throw refused(turn, 'note', 'the note is empty', 'Write something.');
  if (trimmed.length > longestNote)
    throw refused(turn, 'note', `it has ${trimmed.length} characters`, `Write ${longestNote} at most, and a link.`);
  draft.notes = [...draft.notes, { at: now, by: named(turn, 'note', by), text: trimmed }].slice(-mostNotes);
  turn.record(by, 'noted', { why: `by ${via}`, data: { text: trimmed } });
}

function update(turn: Turn, others: readonly Target[]): void {
  const { draft } = turn;
  const channels = told(draft).filter(({ person }) => person === undefined);
  const targets = [...channels, ...others.filter((other) => !channels.some((target) => isSame(target, other)))];
  for (const target of targets) {
    if (!waits(draft, target, 'update', 'alert')) tell(turn, 'update', Math.max(0, draft.ladder.taken - 1), target);
  }
}

function unresolved(turn: Turn, what: string): void {
  const { resolved } = turn.draft;
  if (resolved)
    throw refused(
      turn,
      what,
      `${resolved.by} resolved it at ${shown(resolved.at)}`,
      'If it fires again it opens again.',
    );
}

function named(turn: Turn, what: string, name: string): string {
  if (name.trim() === '' || name.length > longestName)
    throw refused(turn, what, `"${name.slice(0, 40)}" is no name`, `Give 1 to ${longestName} characters.`);
  return name;
}

function isPersons({ policy }: Turn, { person }: Target, by: string): boolean {
  if (person === undefined) return false;
  const { name, email } = policy.people[person] ?? {};
  return [person, name, email].includes(by);
}

function refused({ draft }: Turn, what: string, found: string, remedy: string): Refused {
  return new Refused(`Cannot ${what} ${draft.id}: ${found}. ${remedy}`);
}

function shown(at: number): string {
  return Number.isFinite(at) && Math.abs(at) < 8.64e15 ? new Date(at).toISOString() : String(at);
}
