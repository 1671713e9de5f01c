/**
 * How an incident climbs. Each move has its time: `movesOf` says which and when, `advance` makes those that are due, one after
 * the other, each once; `due.ts` waits for the next. A step whose every message failed for good brings the next one at once.
 * After the last step the last one repeats; a repetition that fails goes down the ladder, at its foot to the log.
 */
import type { Severity } from '../../routes.ts';
import type { Instant } from '../clock.ts';
import { lastResort, type Policy, type SeverityPolicy, type Step, usualRepeatMs } from '../policy/policy.ts';
import { awakeAfter, type Quiet } from '../policy/quiet-hours.ts';
import { resolve } from './close.ts';
import type { Incident, Ladder } from './incident.ts';
import { nextNumber, numberOf, tell } from './outbox.ts';
import type { Draft, Turn } from './turn.ts';
import { type Target, whom } from './whom.ts';

interface Move {
  readonly at: Instant;
  readonly make: (turn: Turn) => void;
}

/** Makes every move that is due. */
export function advance(turn: Turn): void {
  // Each move leaves fewer of them: the number is only there so that a mistake is an error and no endless loop.
  for (let moves = 0; moves < 1000; moves++) {
    const [next] = movesOf(turn.policy, turn.draft);
    if (!next || next.at > turn.now) return;
    next.make(turn);
  }
  throw new Error(`Cannot decide on ${turn.draft.id}: its ladder has no end. Report this as a bug, with the policy.`);
}

/** What time alone will do to it, the soonest first. */
export function movesOf(policy: Policy, incident: Incident): Move[] {
  const { state, ladder, severity, flapping, snoozedUntil } = incident;
  if (state === 'resolved') return [];
  const { rises } = policy.severities[severity];
  const moves: Move[] = [];
  const add = (at: Instant | undefined, make: Move['make']) => at !== undefined && moves.push({ at, make });

  if (flapping?.quietSince !== undefined)
    add(flapping.quietSince + policy.flapping.withinMs, (turn) =>
      resolve(turn, 'alertmanager', 'nothing fires any more'),
    );
  if (state === 'snoozed') add(snoozedUntil, wake);
  if (climbs(incident)) {
    if (rises) add(awake(policy, incident, ladder.startedAt, rises.afterMs), (turn) => rise(turn, rises.to));
    const next = nextStep(policy, incident);
    add(next.at, (turn) => take(turn, next.index));
  }
  if (flapping?.quietSince === undefined) {
    const { ordinary, lasting } = stepsOf(policy.severities[severity]);
    const taken = ladder.lastingTaken ?? 0;
    const step = lasting[taken];
    if (step)
      add(awake(policy, incident, ladder.severitySince ?? ladder.startedAt, step.afterMs), (turn) =>
        takeLasting(turn, ordinary.length + taken, step),
      );
  }
  // The order above decides between two at the same time: what ends a ladder comes before its steps.
  return moves.sort((a, b) => a.at - b.at);
}

/** The step that comes if nobody answers, for people to see; undefined: none does. */
export function nextStepOf(policy: Policy, incident: Incident): { at: Instant; tells: string } | undefined {
  if (!climbs(incident)) return undefined;
  const { at, index } = nextStep(policy, incident);
  const step = stepsOf(policy.severities[incident.severity]).ordinary[index];
  const targets = step ? whom(policy, incident, step, at) : [{ channel: lastResort }];
  return { at, tells: targets.map(named).join(', ') || 'nobody' };
}

/** A ladder from its foot. */
export function newLadder(draft: Draft, startedAt: Instant, severitySince: Instant, lastingTaken = 0): Ladder {
  return { startedAt, taken: 0, severitySince, lastingTaken, firstDelivery: nextNumber(draft) };
}

/** When the team's night is over; now, where it is none or the severity does not care. */
export function whenAwake(policy: Policy, incident: Incident, at: Instant): Instant {
  return awake(policy, incident, at, 0);
}

/** Somebody has to answer, and nobody has. While a flapping incident is quiet there is nothing to answer. */
function climbs({ state, flapping }: Incident): boolean {
  return state === 'open' && flapping?.quietSince === undefined;
}

function stepsOf({ steps }: SeverityPolicy): { ordinary: readonly Step[]; lasting: readonly Step[] } {
  return {
    ordinary: steps.filter(({ evenAcknowledged }) => !evenAcknowledged),
    lasting: steps.filter(({ evenAcknowledged }) => evenAcknowledged),
  };
}

/** -1: the last resort. */
function nextStep(policy: Policy, incident: Incident): { at: Instant; index: number } {
  const { ladder } = incident;
  const severity = policy.severities[incident.severity];
  const { ordinary } = stepsOf(severity);
  const steppedAt = ladder.steppedAt ?? ladder.startedAt;
  const failed = ladder.taken > 0 && newestFailed(incident);
  const step = ordinary[ladder.taken];
  if (step) {
    const at = failed
      ? whenAwake(policy, incident, steppedAt)
      : awake(policy, incident, ladder.startedAt, step.afterMs);
    return { at, index: ladder.taken };
  }
  const again = {
    at: awake(policy, incident, steppedAt, severity.repeatMs ?? usualRepeatMs),
    index: ordinary.length - 1,
  };
  if (!failed || ladder.repeated === -1) return again;
  const below = { at: whenAwake(policy, incident, steppedAt), index: (ladder.repeated ?? 0) - 1 };
  // Still climbing: whoever was told by a step below has it. Nobody was: it is written down where somebody will look.
  return ladder.repeated === undefined && reachedSomebody(incident) ? again : below;
}

/** Every message of the newest step has failed for good, or there was nobody to send one to. */
function newestFailed({ deliveries, ladder }: Incident): boolean {
  const from = ladder.newestDelivery;
  // Nothing was sent for it: an update of something that flaps stood for the first step.
  if (from === undefined) return false;
  const step = ladder.repeated ?? ladder.taken - 1;
  return deliveries
    .filter(
      (delivery) => numberOf(delivery) >= from && delivery.message === 'alert' && delivery.step === Math.max(step, 0),
    )
    .every(({ state }) => state === 'failed');
}

function reachedSomebody({ deliveries, ladder }: Incident): boolean {
  const from = ladder.firstDelivery ?? 0;
  return deliveries.some(
    (delivery) => numberOf(delivery) >= from && delivery.message === 'alert' && delivery.state !== 'failed',
  );
}

function take(turn: Turn, index: number): void {
  const { policy, draft, now } = turn;
  const { ordinary } = stepsOf(policy.severities[draft.severity]);
  const climbing = draft.ladder.taken < ordinary.length;
  const step = ordinary[index];
  const newestDelivery = nextNumber(draft);
  send(
    turn,
    step,
    Math.max(index, 0),
    climbing ? undefined : index < 0 ? 'nobody else could be told' : 'nobody has answered',
  );
  // A policy that was read anew may have steps again where the last one repeated.
  const { repeated: _, ...ladder } = draft.ladder;
  draft.ladder = {
    ...ladder,
    taken: climbing ? ladder.taken + 1 : ladder.taken,
    steppedAt: now,
    newestDelivery,
    ...(!climbing && { repeated: index }),
  };
}

function takeLasting(turn: Turn, index: number, step: Step): void {
  send(turn, step, index, 'it lasts');
  turn.draft.ladder = { ...turn.draft.ladder, lastingTaken: (turn.draft.ladder.lastingTaken ?? 0) + 1 };
}

function send(turn: Turn, step: Step | undefined, index: number, why: string | undefined): void {
  const { policy, draft, now } = turn;
  const targets: Target[] = step ? whom(policy, draft, step, now) : [{ channel: lastResort }];
  const data = {
    step: step ? index : lastResort,
    severity: draft.severity,
    ...(step && { level: step.level }),
    tell: targets.map(named),
  };
  turn.record('policy', targets.length > 0 ? 'step taken' : 'nobody to tell', { ...(why && { why }), data });
  for (const target of targets) tell(turn, 'alert', index, target);
}

function named({ channel, person }: Target): string {
  return person === undefined ? channel : `${person} by ${channel}`;
}

function wake(turn: Turn): void {
  const { draft, now } = turn;
  const until = draft.snoozedUntil ?? now;
  draft.state = 'open';
  delete draft.snoozedUntil;
  const { severitySince = draft.ladder.startedAt, lastingTaken } = draft.ladder;
  draft.ladder = newLadder(draft, until, severitySince, lastingTaken);
  turn.record('policy', 'snooze ended', { data: { until } });
}

function rise(turn: Turn, to: Severity): void {
  const { policy, draft } = turn;
  const { rises } = policy.severities[draft.severity];
  const at = awake(policy, draft, draft.ladder.startedAt, rises?.afterMs ?? 0);
  raise(turn, to, 'policy', 'nobody has answered', at);
}

/** A higher severity has a ladder of its own, from its foot. */
export function raise(turn: Turn, to: Severity, who: string, why: string, at: Instant): void {
  const { draft } = turn;
  turn.record(who, 'severity raised', { why, data: { from: draft.severity, to } });
  draft.severity = to;
  draft.ladder = newLadder(draft, at, at);
}

function awake(policy: Policy, { team, severity }: Incident, from: Instant, afterMs: number): Instant {
  return awakeAfter(quietOf(policy, team, severity), from, afterMs);
}

function quietOf(policy: Policy, team: string, severity: Severity): Quiet | undefined {
  const quiet = policy.teams[team]?.quietHours;
  if (!quiet || !policy.severities[severity].respectsQuietHours) return undefined;
  return { ...quiet, timeZone: quiet.timeZone ?? policy.timeZone };
}
