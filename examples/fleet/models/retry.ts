import type { llmCall } from '@fleetscope/instrumentation';
import { isCancelled } from '../counts.ts';
import { AnswerError } from './parse-answer.ts';

type Fallback = NonNullable<Parameters<typeof llmCall>[0]['fallback']>;

/** What to do about a model that failed. */
export type Remedy =
  | { kind: 'wait'; ms: number }
  | { kind: 'fall back'; cause: Fallback['cause'] }
  | { kind: 'give up' };

const longestWaitMs = 2_000;

/**
 * Pure: `error` as a client threw it, `attempts` made of this model so far.
 * Waits once when told to slow down, else asks another model. Mistakes of ours are nobody else's to mend.
 */
export function remedyFor(error: unknown, attempts: number): Remedy {
  const { status, headers } = (error ?? {}) as { status?: number; headers?: Headers };
  if (isCancelled(error) || (status !== undefined && status !== 429 && status < 500)) return { kind: 'give up' };
  if (status === 429 && attempts === 1) {
    const seconds = Number(headers?.get('retry-after') ?? 1);
    return { kind: 'wait', ms: Math.min(longestWaitMs, 1000 * (Number.isFinite(seconds) ? seconds : 1)) };
  }
  return { kind: 'fall back', cause: causeOf(error, status) };
}

function causeOf(error: unknown, status: number | undefined): Fallback['cause'] {
  if (error instanceof AnswerError) return 'quality';
  if (status === 429) return 'rate_limit';
  if (status === 503 || status === 529) return 'overloaded';
  // Clients name what ran out of time by its class, signals by its name.
  const { name = '', constructor: maker } = (error ?? {}) as Error;
  return /timeout/i.test(`${name} ${maker?.name}`) ? 'timeout' : 'error';
}
