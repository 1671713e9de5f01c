/** What a receiver takes in a minute. Who has to wait is told until when; the urgent overtake the others. */
import type { Instant } from '../clock.ts';

/** So much of a minute's share may go at once. (Slack: "short bursts"; Discord: 5 at a time; PagerDuty: a window of 60 s.) */
const burst = 1 / 6;

/** Who has not come back so long after its time will not: its message was taken back meanwhile. */
const lateMs = 2000;

type Line = Map<string, Instant>;

export class RateLimit {
  #tokens = Number.POSITIVE_INFINITY;
  #at: Instant = 0;
  #pausedUntil: Instant = 0;
  /** Who waits, in the order of coming, and until when. */
  readonly #urgent: Line = new Map();
  readonly #other: Line = new Map();

  /** Undefined: go. Else: come back then. Keeps the place of whoever comes back. */
  take(key: string, urgent: boolean, now: Instant, perMinute: number): Instant | undefined {
    this.#refill(now, perMinute);
    const line = urgent ? this.#urgent : this.#other;
    // Whoever comes now goes behind those who wait, else a stream of new ones would hold them back for ever.
    const ahead = before(key, line, now) + (urgent ? 0 : before(key, this.#urgent, now));
    const missing = ahead + 1 - this.#tokens;
    if (missing <= 0 && now >= this.#pausedUntil) {
      this.#tokens--;
      line.delete(key);
      return undefined;
    }
    const until = Math.max(now, this.#pausedUntil) + Math.ceil((Math.max(0, missing) * 60_000) / perMinute);
    line.set(key, until);
    return until;
  }

  /** What was taken was not used. */
  giveBack(): void {
    this.#tokens++;
  }

  /** The receiver has said when it takes the next one. */
  pause(until: Instant): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, until);
  }

  #refill(now: Instant, perMinute: number): void {
    const passedMs = Math.max(0, now - this.#at);
    this.#tokens = Math.min(Math.max(1, perMinute * burst), this.#tokens + (passedMs * perMinute) / 60_000);
    this.#at = now;
  }
}

/** How many of a line go before. */
function before(key: string, line: Line, now: Instant): number {
  let count = 0;
  for (const [other, until] of line) {
    if (other === key) break;
    if (until > now - lateMs) count++;
    else line.delete(other);
  }
  return count;
}
