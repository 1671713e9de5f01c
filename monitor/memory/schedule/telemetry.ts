/** Records how the memory's jobs go, under the names of the catalogue. */
import { context, type Meter, metrics, ROOT_CONTEXT, SpanStatusCode, trace } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { errorType } from '../../../instrumentation/src/catalog/attributes.ts';
import * as catalog from '../../../instrumentation/src/catalog/operational-memory.ts';
import { Instruments } from '../../../service/instruments.ts';
import { beginOf, lengthOf } from '../periods.ts';
import type { Job } from '../store/memory-store.ts';
import type { Due } from './due.ts';

export interface TelemetryOptions {
  /** ms since 1970. */
  readonly now: () => number;
  /** The newest day that is final. Asked whenever metrics are collected. */
  readonly newestDay: () => Promise<string | undefined>;
  /** Since when there is anything to write down, ms since 1970: until a day is written, that is how late it is, however often this starts. */
  readonly sinceMs: () => Promise<number>;
  /** Fingerprints of errors that came back lately: of all days, so at most every ten minutes. */
  readonly returnedErrors?: () => Promise<readonly string[]>;
  readonly meter?: Meter;
}

const scope = 'fleetscope.memory';
const returnedEveryMs = 600_000;

export class Telemetry {
  readonly #now: () => number;
  readonly #instruments: Instruments;
  readonly #madeAt = new Map<Job, number>();

  constructor({ meter = metrics.getMeter(scope), ...options }: TelemetryOptions) {
    const { now, newestDay, sinceMs, returnedErrors } = options;
    this.#now = now;
    this.#instruments = new Instruments(meter);
    const startedAt = now();
    this.#instruments.observe(catalog.newestDay, async () => {
      const day = await newestDay();
      // Where that cannot be asked it is late as well, after a while.
      const ended = day === undefined ? await sinceMs().catch(() => startedAt) : beginOf(day) + lengthOf(day);
      return [[ended / 1000, {}]];
    });
    if (returnedErrors) this.#observeReturned(returnedErrors);
    this.#instruments.observe(catalog.jobLastSuccess, () =>
      [...this.#madeAt].map(([job, at]) => [at / 1000, labels(job)] as const),
    );
  }

  #observeReturned(ask: () => Promise<readonly string[]>): void {
    let known: readonly string[] = [];
    // What is no longer observed the SDK goes on telling: it is to be told that it is over.
    const told = new Set<string>();
    let askedAt = Number.NEGATIVE_INFINITY;
    this.#instruments.observe(catalog.errorReturned, async () => {
      if (this.#now() - askedAt >= returnedEveryMs) {
        known = await ask();
        askedAt = this.#now();
        for (const fingerprint of known) told.add(fingerprint);
      }
      return [...told].map(
        (one) => [known.includes(one) ? 1 : 0, { [catalog.returnedFingerprint.name]: one }] as const,
      );
    });
  }

  made(job: Job, seconds: number): void {
    this.#madeAt.set(job, this.#now());
    this.#instruments.record(catalog.jobDuration, seconds, labels(job));
  }

  failed(job: Job): void {
    this.#instruments.add(catalog.jobFailures, labels(job));
  }
}

/** A trace for each period, with what its sources were asked. */
export async function traced<T>({ job, period }: Pick<Due, 'job' | 'period'>, work: () => Promise<T>): Promise<T> {
  const attributes = { ...labels(job), [catalog.memoryPeriod.name]: period };
  const span = trace.getTracer(scope).startSpan(catalog.jobSpan.name, { attributes }, ROOT_CONTEXT);
  try {
    return await context.with(trace.setSpan(ROOT_CONTEXT, span), work);
  } catch (error) {
    span.setAttribute(errorType.name, (error as Error).name);
    span.setStatus({ code: SpanStatusCode.ERROR, message: (error as Error).message });
    throw error;
  } finally {
    span.end();
  }
}

/** Looks at clocks and leases, twice a minute for ever: a trace of each would hide those of the fleet. */
export function untraced<T>(work: () => T): T {
  return context.with(suppressTracing(context.active()), work);
}

function labels(job: Job) {
  return { [catalog.memoryJob.name]: job };
}
