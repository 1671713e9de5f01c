import { diag } from '@opentelemetry/api';
import {
  type BreakerState,
  type Order,
  type OrderOptions,
  type Reading,
  readOrder,
  type Standing,
} from './control-order.ts';
import { tellOfOrder, watchControl } from './control-telemetry.ts';
import { given, textOf } from './given.ts';
import { guard } from './guard.ts';

/** What a fleet is told from outside, by a person or by a remedy of the escalation service, and obeys. (X04) */
export interface FleetControl {
  pause(order?: OrderOptions): void;
  resume(order?: OrderOptions): void;
  /** Tasks at once; null: as many as usual. */
  capacity(limit: number | null, order?: OrderOptions): void;
  /** Tasks begun in a minute; null: no limit. */
  throttle(perMinute: number | null, order?: OrderOptions): void;
  circuitBreaker(name: string, state: BreakerState, order?: OrderOptions): void;
  /** Uses `module` for `name`; null: itself again. */
  fallback(name: string, module: string | null, order?: OrderOptions): void;
  /** The same as data. @returns what is wrong with it; undefined: it holds from now on. */
  order(order: Order): string | undefined;

  /** Before each piece of work: resolves when one may begin. @throws the signal's reason, when it aborts before. */
  ready(signal?: AbortSignal): Promise<void>;
  readonly paused: boolean;
  /** How many pieces of work at once. `Infinity` where nothing was said. */
  readonly atOnce: number;
  /** Whether to keep away from it now. Half-open, one asker in ten may try. */
  isOpen(name: string): boolean;
  fallbackFor(name: string): string | undefined;
  /** All that holds at present. */
  orders(): readonly Standing[];
  /** Calls back after each change. @returns what ends that. */
  onChange(listener: () => void): () => void;
  /** Nothing holds any more, and nobody waits. */
  close(): void;
}

export interface ControlOptions {
  /** Tasks at once where nobody has ordered otherwise. Default: no limit. */
  capacity?: number;
}

/** Half-open: so many askers for each that may try. */
const triedEvery = 10;
/** Breakers and fallbacks that are known at once. */
const mostStanding = 200;
/** Beyond this a timer of Node's goes off at once. */
const longestMs = 2 ** 31 - 1;

/** Control over a fleet in this process. Everything ordered ends by itself, so that a pause somebody forgot is none for ever. */
export function fleetControl(options: ControlOptions = {}): FleetControl {
  const { capacity } = given(options);
  const usual = typeof capacity === 'number' && capacity >= 1 ? Math.floor(capacity) : Number.POSITIVE_INFINITY;
  const standing = new Map<string, Standing>();
  const listeners = new Set<() => void>();
  const asked = new Map<string, number>();
  /** The same ends by a clock that nobody can set back, in ms. */
  const deadlines = new Map<string, number>();
  let earliest = { wall: Number.POSITIVE_INFINITY, steady: Number.POSITIVE_INFINITY };
  let timer: NodeJS.Timeout | undefined;
  let waiting = 0;
  /** When the next piece of work may begin, if there is a throttle. */
  let nextAt = 0;

  function order(wanted: Order): string | undefined {
    try {
      sweep();
      const reading = readOrder(wanted as unknown as Record<string, unknown>, Date.now());
      if (typeof reading === 'string') return reading;
      const { key, name } = reading;
      // A pause always finds its place.
      if (reading.standing && name !== undefined && !standing.has(key) && standing.size >= mostStanding) {
        return `${mostStanding} orders hold already. Take some of them back.`;
      }
      const changed = reading.standing !== undefined || standing.has(key);
      if (reading.standing) {
        const { since, until } = reading.standing;
        standing.set(key, reading.standing);
        deadlines.set(key, performance.now() + until - since);
      } else forget(key);
      asked.delete(key);
      if (reading.standing?.action === 'throttle')
        nextAt = Math.min(nextAt, performance.now() + gapOf(reading.standing));
      if (changed) tell(reading, 'order');
      return undefined;
    } catch (error) {
      return textOf(error);
    }
  }

  function say(wanted: Order): void {
    const wrong = order(wanted);
    if (wrong) guard(() => diag.warn(`Left an order to the fleet alone: ${wrong}`));
  }

  /** Ends what has had its time by either clock: by the timer, and by every look, since timers sleep when the machine does. */
  function sweep(): void {
    const now = Date.now();
    const steady = performance.now();
    if (now < earliest.wall && steady < earliest.steady) return;
    for (const [key, { action, name, until, value }] of standing) {
      if (until > now && (deadlines.get(key) ?? 0) > steady) continue;
      forget(key);
      const reason = `The time of an order was up: ${action} ${value === true ? '' : value}`.trim();
      tell({ key, action, ...(name !== undefined && { name }), by: 'fleet control', reason }, 'expiry');
    }
    arm();
  }

  function forget(key: string): void {
    standing.delete(key);
    deadlines.delete(key);
    asked.delete(key);
  }

  function tell(reading: Reading, cause: 'order' | 'expiry'): void {
    arm();
    tellOfOrder(reading, cause);
    for (const listener of [...listeners]) guard(listener);
  }

  function arm(): void {
    clearTimeout(timer);
    earliest = { wall: first([...standing.values()].map(({ until }) => until)), steady: first(deadlines.values()) };
    const left = Math.min(earliest.wall - Date.now(), earliest.steady - performance.now());
    if (left === Number.POSITIVE_INFINITY) return;
    timer = setTimeout(sweep, Math.min(longestMs, Math.max(1, Math.ceil(left))));
    // Alone it keeps no process alive; whoever waits for the end of a pause does.
    if (waiting === 0) timer.unref();
  }

  /** Until something changes, or so many ms are over. */
  async function change(signal: AbortSignal | undefined, ms = longestMs): Promise<void> {
    waiting += 1;
    timer?.ref();
    const { promise, resolve } = Promise.withResolvers<void>();
    const after = ms < longestMs ? setTimeout(resolve, Math.ceil(ms)) : undefined;
    const go = () => resolve();
    listeners.add(go);
    signal?.addEventListener('abort', go, { once: true });
    await promise;
    listeners.delete(go);
    signal?.removeEventListener('abort', go);
    clearTimeout(after);
    waiting -= 1;
    if (waiting === 0) timer?.unref();
  }

  const control: FleetControl = {
    pause: (by) => say({ ...safe(by), action: 'pause' }),
    resume: (by) => say({ ...safe(by), action: 'resume' }),
    capacity: (limit, by) => say({ ...safe(by), action: 'capacity', limit }),
    throttle: (perMinute, by) => say({ ...safe(by), action: 'throttle', perMinute }),
    circuitBreaker: (name, state, by) => say({ ...safe(by), action: 'circuit-breaker', name, state }),
    fallback: (name, module, by) => say({ ...safe(by), action: 'fallback', name, module }),
    order,
    async ready(signal) {
      for (;;) {
        signal?.throwIfAborted();
        sweep();
        if (standing.has('pause')) {
          await change(signal);
          continue;
        }
        const throttle = standing.get('throttle');
        if (!throttle) return;
        const now = performance.now();
        if (now >= nextAt) {
          nextAt = now + gapOf(throttle);
          return;
        }
        await change(signal, nextAt - now);
      }
    },
    get paused() {
      sweep();
      return standing.has('pause');
    },
    get atOnce() {
      sweep();
      const ordered = standing.get('capacity')?.value;
      return typeof ordered === 'number' ? ordered : usual;
    },
    isOpen(name) {
      sweep();
      const key = `circuit-breaker ${textOf(name)}`;
      const state = standing.get(key)?.value;
      if (state !== 'half-open') return state === 'open';
      const before = asked.get(key) ?? 0;
      asked.set(key, before + 1);
      return before % triedEvery !== 0;
    },
    fallbackFor(name) {
      sweep();
      const module = standing.get(`fallback ${textOf(name)}`)?.value;
      return typeof module === 'string' ? module : undefined;
    },
    orders() {
      sweep();
      return [...standing.values()];
    },
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close() {
      for (const key of [...standing.keys()]) forget(key);
      arm();
      for (const listener of [...listeners]) guard(listener);
      listeners.clear();
      watched.stop();
    },
  };
  const watched = watchControl(control);
  return control;
}

function first(moments: Iterable<number>): number {
  return Math.min(Number.POSITIVE_INFINITY, ...moments);
}

function gapOf({ value }: Standing): number {
  return 60_000 / Number(value);
}

/** What may have been given from JavaScript, such that it can be spread. */
function safe(order: OrderOptions = {}): OrderOptions {
  const { by, reason, forSeconds, until } = given(order);
  return {
    ...(by !== undefined && { by }),
    ...(reason !== undefined && { reason }),
    ...(forSeconds !== undefined && { forSeconds }),
    ...(until !== undefined && { until }),
  };
}
