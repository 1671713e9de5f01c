/**
 * Leaves a receiver alone that has failed again and again. Not cockatiel's: that one wraps calls, lets all of them wait for one
 * that tries, and looks at a clock of its own; here who asks has to know beforehand whether to wait or to go another way.
 */
import type { Instant } from '../clock.ts';

/** So many in a row. At 30 % of errors by chance that is once in 170 000 messages; at a receiver that is down, seconds. */
const tolerated = 10;

/** How long it is left alone, in times to give up: twice 10 s of a minute, in which messages wait; then it is known to be down. */
const pauses = [1 / 6, 1 / 6, 1 / 2, 1, 2, 5];
/** One attempt in vain may be chance. */
const inVain = 2;

export type BreakerState = 'closed' | 'open' | 'halfOpen';

export type Leave =
  | { readonly kind: 'go' }
  /** It may be a moment's trouble: come back then. */
  | { readonly kind: 'wait'; readonly until: Instant }
  /** Somebody is trying it just now. */
  | { readonly kind: 'probed' }
  /** It has been tried again and again, in vain: go another way. */
  | { readonly kind: 'down' };

export class Breaker {
  readonly #onChange: (state: BreakerState) => void;
  #state: BreakerState = 'closed';
  #failures = 0;
  /** How often it was opened since the last success. */
  #opened = 0;
  #until: Instant = 0;

  constructor(onChange: (state: BreakerState) => void = () => {}) {
    this.#onChange = onChange;
  }

  /** After a pause the first who asks may go, and decides for the others. */
  ask(now: Instant): Leave {
    if (this.#state === 'closed') return { kind: 'go' };
    if (this.#state === 'open' && now >= this.#until) {
      this.#change('halfOpen');
      return { kind: 'go' };
    }
    if (this.#opened > inVain) return { kind: 'down' };
    return this.#state === 'open' ? { kind: 'wait', until: this.#until } : { kind: 'probed' };
  }

  /** Who was let go did not try after all. */
  untried(): void {
    if (this.#state === 'halfOpen') this.#change('open');
  }

  succeeded(): void {
    this.#failures = 0;
    this.#opened = 0;
    this.#change('closed');
  }

  failed(now: Instant, giveUpMs: number): void {
    this.#failures++;
    if (this.#state === 'open' || (this.#state === 'closed' && this.#failures < tolerated)) return;
    const pause = pauses[Math.min(this.#opened, pauses.length - 1)] as number;
    this.#until = now + Math.ceil(giveUpMs * pause);
    this.#opened++;
    this.#change('open');
  }

  get state(): BreakerState {
    return this.#state;
  }

  #change(state: BreakerState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#onChange(state);
  }
}
