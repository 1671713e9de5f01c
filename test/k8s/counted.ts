/** Somebody sends numbered items while something happens to the cluster; then they are counted. */
import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../../doctor/ask.ts';
import type { Targets } from '../../doctor/targets.ts';
import {
  type Acknowledged,
  duplicates,
  missing,
  NumberedSender,
  numbersInLoki,
  numbersInPrometheus,
  numbersInTempo,
  perRequest,
} from '../stack/numbered.ts';

/** Traces that are asked for together. */
const atOnce = 4;

export interface Sent<Result> {
  readonly result: Result;
  readonly acknowledged: Acknowledged;
  readonly startedAtMs: number;
}

/** A steady stream over the whole time of it, of `least` items of each signal. @param door the URL of OTLP/HTTP. */
export async function sentWhile<Result>(
  door: string,
  trouble: () => Promise<Result>,
  { least, gapMs }: { least: number; gapMs: number },
): Promise<Sent<Result>> {
  const startedAtMs = Date.now();
  const sender = new NumberedSender(door);
  let isOver = false;
  const troubles = trouble().finally(() => {
    isOver = true;
  });
  // Said where it is waited for.
  troubles.catch(() => undefined);
  for (let request = 0; !isOver || request * perRequest < least; request++) {
    await sender.send(request * perRequest);
    await delay(gapMs);
  }
  return { result: await troubles, acknowledged: sender.acknowledged, startedAtMs };
}

export interface Counted {
  /** The acknowledged numbers that no store has. */
  readonly left: Readonly<Record<'logs' | 'spans' | 'samples', number[]>>;
  /** For people. */
  readonly line: string;
}

/** Waits until everything is there, or patience is over. @param targets where the stores are at that moment. */
export async function countedIn(
  targets: () => Promise<Targets>,
  { acknowledged, startedAtMs }: Omit<Sent<unknown>, 'result'>,
  patience: { timeoutMs: number; everyMs: number },
): Promise<Counted> {
  const { logs, spans, samples, traceIds, resent } = acknowledged;
  const found = { logs: new Map(), spans: new Map(), samples: new Map() };
  const left = () => ({
    logs: missing(logs, found.logs),
    spans: missing(spans, found.spans),
    samples: missing(samples, found.samples),
  });
  const answer = await until(async () => {
    const at = await targets();
    found.logs = await numbersInLoki(at, startedAtMs - 60_000);
    found.samples = await numbersInPrometheus(at);
    const refusals: Error[] = [];
    // What was seen once is there: a trace takes Tempo a second on a small machine.
    const notYet = traceIds.filter(
      (_, i) => !found.spans.has(i * perRequest) || !found.spans.has((i + 1) * perRequest - 1),
    );
    for (let i = 0; i < notYet.length; i += atOnce) {
      const some = notYet.slice(i, i + atOnce).map((id) => numbersInTempo(at, [id]));
      for (const one of await Promise.allSettled(some)) {
        // What was found is kept: the next round asks for the others.
        if (one.status === 'rejected') refusals.push(one.reason);
        else for (const [number, times] of one.value) found.spans.set(number, times);
      }
    }
    if (refusals[0]) throw refusals[0];
    return Object.values(left()).every(({ length }) => length === 0);
  }, patience);
  return {
    left: left(),
    line:
      `acknowledged ${logs.size} logs, ${spans.size} spans, ${samples.size} samples (${resent} requests resent); ` +
      `duplicates: ${duplicates(found.logs)} logs, ${duplicates(found.spans)} spans, ${duplicates(found.samples)} samples; ` +
      `${((Date.now() - startedAtMs) / 1000).toFixed(0)} s${!answer.found && answer.lastError ? `; last of all: ${answer.lastError.message}` : ''}`,
  };
}
