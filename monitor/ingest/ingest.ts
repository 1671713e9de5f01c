import type { SpanFact } from '../ledger/fact.ts';
import type { Encoding } from './answer.ts';
import { readBody } from './body.ts';
import { Busy, type Intake } from './intake.ts';
import { Refusal } from './refusal.ts';
import { spanFact } from './span-fact.ts';

export interface Seen {
  /** On disk now. */
  readonly kept: readonly SpanFact[];
  /** Not of the fleet. */
  readonly others: number;
  /** Of the fleet, and impossible. */
  readonly rejected: number;
}

export interface Ingest {
  /** Resolves when what is worth keeping is on disk. @throws Refusal */
  take(body: Buffer, encoding: Encoding): Promise<Seen>;
}

/** From a body to the ledger. */
export function openIngest(options: {
  readonly intake: Pick<Intake, 'take'>;
  /** Told after each request that was answered with 200. */
  readonly onSeen: (seen: Seen) => void;
  /** What the ledger said, for the log. */
  readonly onError: (error: unknown) => void;
}): Ingest {
  const { intake, onSeen, onError } = options;
  return {
    async take(body, encoding) {
      const { spans, others } = readBody(body, encoding);
      const facts = spans.map(spanFact);
      const kept = facts.filter((fact) => typeof fact === 'object');
      const rejected = facts.filter((fact) => fact === 'malformed').length;
      try {
        await intake.take(kept);
      } catch (cause) {
        if (cause instanceof Busy)
          throw new Refusal('busy', `Cannot take the spans now: ${cause.message}. Send them again in a second.`, {
            cause,
          });
        onError(cause);
        throw new Refusal(
          'unavailable',
          'Cannot keep the spans: the ledger did not take them. Send them again; its log says why.',
          { cause },
        );
      }
      const seen = { kept, others: others + facts.length - kept.length - rejected, rejected };
      onSeen(seen);
      return seen;
    },
  };
}
