/** When a message that failed is tried again, and when it is given up. */
import type { Delivery } from '../incident/incident.ts';

export interface Attempt {
  readonly message: Delivery['message'];
  /** Made so far, this one included. */
  readonly attempts: number;
  /** How long they took, with the pauses between them. Waiting for a free sender or for a limit is no failing, and is left out. */
  readonly spentMs: number;
  /** Of the channel. */
  readonly giveUpMs: number;
  /** The receiver said so. */
  readonly retryAfterMs?: number | undefined;
}

/** An alert is followed by the next step; nothing follows a "resolved": PagerDuty would ring on. So it has an hour. */
const patience = { alert: 1, update: 60, acknowledged: 60, resolved: 60 };
/** A process that dies again and again forgets when it began: by number, then. */
const mostAttempts = { alert: 20, update: 500, acknowledged: 500, resolved: 500 };

/**
 * How long to wait until the next attempt: twice as long each time, at most a quarter of the patience with an alert, and
 * anything between 0 and that by chance, so that what failed together does not come back together. Undefined: given up.
 * @param random 0 to 1.
 */
export function retryAfterMs(attempt: Attempt, random: () => number): number | undefined {
  const { message, attempts, spentMs, giveUpMs } = attempt;
  const longestMs = giveUpMs / (message === 'alert' ? 4 : 1);
  const byChanceMs = random() * Math.min(longestMs, (giveUpMs / 60) * 2 ** (attempts - 1));
  const delayMs = Math.ceil(Math.max(byChanceMs, attempt.retryAfterMs ?? 0));
  return spentMs + delayMs >= giveUpMs * patience[message] || attempts >= mostAttempts[message] ? undefined : delayMs;
}
