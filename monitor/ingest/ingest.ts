import { setImmediate as turn } from 'node:timers/promises';
import type { SpanFact } from '../ledger/fact.ts';
import type { Encoding } from './answer.ts';
import { readBody } from './body.ts';
import { Busy, type Intake } from './intake.ts';
import type { RawSpan, RawSpans } from './raw-span.ts';
import { Refusal } from './refusal.ts';
import { spanFact } from './span-fact.ts';

/** Spans of a body that are in memory at once. A batch of the Collector's is one or two of these. */
const sliceSpans = 1000;

export interface Seen {
  /** On disk now. */
  readonly kept: readonly SpanFact[];
  /** Not of the fleet. */
  readonly others: number;
  /** Of the fleet, and impossible. */
  readonly rejected: number;
}

export interface Ingest {
  /**
   * Resolves when what is worth keeping is on disk. What is refused half-way comes again, and its first half changes nothing.
   * @returns how many spans were of the fleet, and impossible. @throws Refusal
   */
  take(body: Buffer, encoding: Encoding): Promise<number>;
}

/** From a body to the ledger, slice after slice. */
export function openIngest(options: {
  readonly intake: Pick<Intake, 'take'>;
  /** Told of each slice. */
  readonly onSeen: (seen: Seen) => void;
  /** What the ledger said, for the log. */
  readonly onError: (error: unknown) => void;
}): Ingest {
  const { intake, onSeen, onError } = options;

  async function keep(kept: readonly SpanFact[], isBegun: boolean): Promise<void> {
    try {
      await intake.take(kept, isBegun);
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
  }

  return {
    async take(body, encoding) {
      let rejected = 0;
      let isBegun = false;
      for (const { spans, others } of slices(readBody(body, encoding))) {
        // Others have their turn.
        if (isBegun) await turn();
        const facts = spans.map(spanFact);
        const kept = facts.filter((fact) => typeof fact === 'object');
        const malformed = facts.filter((fact) => fact === 'malformed').length;
        await keep(kept, isBegun);
        onSeen({ kept, others: others + facts.length - kept.length - malformed, rejected: malformed });
        rejected += malformed;
        isBegun = true;
      }
      return rejected;
    },
  };
}

function* slices(all: RawSpans): Generator<{ spans: RawSpan[]; others: number }> {
  let spans: RawSpan[] = [];
  let others = 0;
  for (const span of all) {
    if (span) spans.push(span);
    else others++;
    if (spans.length + others < sliceSpans) continue;
    yield { spans, others };
    [spans, others] = [[], 0];
  }
  if (spans.length + others > 0) yield { spans, others };
}
