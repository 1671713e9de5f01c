/** The way to one channel: how many at once, how many a minute, and whether it is left alone. */
import type { ChannelError } from '../channels/channel.ts';
import type { ChannelConfig } from '../channels/channel-config.ts';
import type { Instant } from '../clock.ts';
import type { Incident } from '../incident/incident.ts';
import { Breaker, type BreakerState } from './breaker.ts';
import { RateLimit } from './rate-limit.ts';

type Limits = Pick<ChannelConfig, 'ratePerMinute' | 'giveUpMs'>;

export type Admission =
  | { readonly kind: 'go' }
  /** Come back then. */
  | { readonly kind: 'wait'; readonly until: Instant; readonly reason: string }
  /** All its senders are at work, or one of them finds out whether it is back; it says when that is over. */
  | { readonly kind: 'busy' }
  /** Left alone: do not wait for it. */
  | { readonly kind: 'down'; readonly reason: string };

/** A receiver that takes a second for each still takes 32 a second. */
const mostAtOnce = 32;

export class Gate {
  readonly #name: string;
  readonly #limit = new RateLimit();
  readonly #breaker: Breaker;
  /** Incidents that wait for a free sender, the urgent ones first. */
  readonly #parked = { urgent: new Set<string>(), other: new Set<string>() };
  #sending = 0;

  constructor(name: string, onChange: (state: BreakerState) => void) {
    this.#name = name;
    this.#breaker = new Breaker(onChange);
  }

  /** `go` takes a place: `left` or `cancelled` gives it back. */
  admit({ id, severity }: Incident, key: string, limits: Limits, now: Instant): Admission {
    const urgent = severity === 'critical' || severity === 'high';
    const leave = this.#sending < mostAtOnce ? this.#breaker.ask(now) : undefined;
    if (!leave || leave.kind === 'probed') {
      this.#parked[urgent ? 'urgent' : 'other'].add(id);
      return { kind: 'busy' };
    }
    // It comes back by its time, or goes another way: it waits for no place any more.
    this.#unpark(id);
    const failing = `"${this.#name}" has failed again and again`;
    if (leave.kind === 'down') return { kind: 'down', reason: `${failing}, and is left alone for a while` };
    if (leave.kind === 'wait')
      return { kind: 'wait', until: leave.until, reason: `${failing}, and is tried again soon` };
    const until = this.#limit.take(key, urgent, now, limits.ratePerMinute);
    if (until !== undefined) {
      this.#breaker.untried();
      return { kind: 'wait', until, reason: `waits: "${this.#name}" takes ${limits.ratePerMinute} a minute` };
    }
    this.#sending++;
    return { kind: 'go' };
  }

  /** What was admitted is not sent after all. */
  cancelled(): void {
    this.#sending--;
    this.#limit.giveBack();
    this.#breaker.untried();
  }

  /** What was admitted has come to its end. @returns the incidents that have waited for a place, as many as are free. */
  left(error: ChannelError | undefined, limits: Limits, now: Instant): string[] {
    this.#sending--;
    // Too many is no failure, but it holds for all that follow.
    if (error?.retryAfterMs !== undefined) this.#limit.pause(now + error.retryAfterMs);
    // Whoever refuses is there.
    if (error?.retryable && error.retryAfterMs === undefined) this.#breaker.failed(now, limits.giveUpMs);
    else this.#breaker.succeeded();
    return [...this.#parked.urgent, ...this.#parked.other].slice(0, mostAtOnce - this.#sending).map((id) => {
      this.#unpark(id);
      return id;
    });
  }

  #unpark(id: string): void {
    this.#parked.urgent.delete(id);
    this.#parked.other.delete(id);
  }

  get parked(): number {
    return this.#parked.urgent.size + this.#parked.other.size;
  }

  get state(): BreakerState {
    return this.#breaker.state;
  }
}
