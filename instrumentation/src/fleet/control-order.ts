/** An order to a fleet, as data: what `POST /control/…` carries, and what the calls of `fleetControl` come down to. */

/** Who, why, and for how long. It ends by itself: after an hour, unless said otherwise, after a day at the latest. */
export interface OrderOptions {
  by?: string;
  reason?: string;
  /** 1 to 86400. Default 3600. */
  forSeconds?: number;
  /** Instead: a moment, in ms since 1970 or as ISO 8601. */
  until?: number | string;
}

export type BreakerState = 'open' | 'half-open' | 'closed';

export type Order = OrderOptions &
  (
    | { action: 'pause' | 'resume' }
    /** Tasks at once; null: as many as usual. */
    | { action: 'capacity'; limit: number | null }
    /** Tasks begun in a minute; null: no limit. */
    | { action: 'throttle'; perMinute: number | null }
    | { action: 'circuit-breaker'; name: string; state: BreakerState }
    /** What stands in for it; null: nothing, it is used itself. */
    | { action: 'fallback'; name: string; module: string | null }
  );

/** What holds because of an order, until its time is up or another order takes it back. */
export interface Standing {
  readonly action: 'pause' | 'capacity' | 'throttle' | 'circuit-breaker' | 'fallback';
  readonly name?: string;
  readonly value: string | number | true;
  readonly by: string;
  readonly reason: string;
  /** ms since 1970. */
  readonly since: number;
  readonly until: number;
}

/** `standing` absent: what was ordered before is taken back. */
export interface Reading {
  key: string;
  action: Order['action'];
  name?: string;
  by: string;
  reason: string;
  standing?: Standing;
}

const usualSeconds = 3600;
const longestSeconds = 86_400;
const longestText = 500;

/** Reads an order, whatever it is. @returns what is wrong with it, in words for whoever gave it. */
export function readOrder(given: Readonly<Record<string, unknown>>, now: number): Reading | string {
  const value = wantedOf(given);
  if (typeof value === 'string') return value;
  const until = endOf(given, now);
  if (typeof until === 'string') return until;
  const { action, name, holds } = value;
  const by = text(given.by) || 'unknown';
  const reason = text(given.reason);
  const about = name === undefined ? {} : { name };
  const standing = holds && { action: holds.action, ...about, value: holds.value, by, reason, since: now, until };
  return {
    key: name === undefined ? (action === 'resume' ? 'pause' : action) : `${action} ${name}`,
    ...{ action, ...about, by, reason },
    ...(standing && { standing }),
  };
}

interface Wanted {
  action: Order['action'];
  name?: string;
  /** Undefined: as usual. */
  holds?: Pick<Standing, 'action' | 'value'> | undefined;
}

function wantedOf({
  action,
  limit,
  perMinute,
  name,
  state,
  module,
}: Readonly<Record<string, unknown>>): Wanted | string {
  switch (action) {
    case 'pause':
      return { action, holds: { action, value: true } };
    case 'resume':
      return { action };
    case 'capacity':
      if (limit === null) return { action };
      return whole(limit, 1)
        ? { action, holds: { action, value: limit } }
        : wrong('limit', limit, 'a whole number from 1 on, or null');
    case 'throttle':
      if (perMinute === null) return { action };
      return typeof perMinute === 'number' && perMinute > 0 && Number.isFinite(perMinute)
        ? { action, holds: { action, value: perMinute } }
        : wrong('perMinute', perMinute, 'a number above 0, or null');
    case 'circuit-breaker':
      if (!isName(name)) return wrong('name', name, 'up to 200 characters');
      if (state === 'closed') return { action, name };
      return state === 'open' || state === 'half-open'
        ? { action, name, holds: { action, value: state } }
        : wrong('state', state, 'open, half-open or closed');
    case 'fallback':
      if (!isName(name)) return wrong('name', name, 'up to 200 characters');
      if (module === null) return { action, name };
      return isName(module)
        ? { action, name, holds: { action, value: module } }
        : wrong('module', module, 'a name, or null');
    default:
      return wrong('action', action, 'pause, resume, capacity, throttle, circuit-breaker or fallback');
  }
}

function endOf({ forSeconds, until }: Readonly<Record<string, unknown>>, now: number): number | string {
  const latest = now + longestSeconds * 1000;
  if (until !== undefined) {
    const at = typeof until === 'string' || typeof until === 'number' ? +new Date(until) : Number.NaN;
    return at > now && at <= latest ? at : wrong('until', until, 'a moment within the next 24 hours');
  }
  if (forSeconds === undefined) return now + usualSeconds * 1000;
  return typeof forSeconds === 'number' && forSeconds >= 1 && forSeconds <= longestSeconds
    ? now + forSeconds * 1000
    : wrong('forSeconds', forSeconds, `a number from 1 to ${longestSeconds}`);
}

function wrong(name: string, seen: unknown, allowed: string): string {
  return `"${name}" is ${text(typeof seen === 'string' ? JSON.stringify(seen) : seen).slice(0, 100)}. Give ${allowed}.`;
}

function whole(value: unknown, least: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= least;
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= 200;
}

/** On one line: it stands in logs and messages. */
function text(value: unknown): string {
  return value === undefined
    ? ''
    : String(value)
        .replace(/\p{Cc}+/gu, ' ')
        .trim()
        .slice(0, longestText);
}
