/** Records what the ledger takes, under the names of the catalogue. */
import { type Meter, metrics } from '@opentelemetry/api';
import type { Metric } from '../../instrumentation/src/catalog/metric.ts';
import * as catalog from '../../instrumentation/src/catalog/monitor.ts';
import type { Seen } from './ingest.ts';
import type { Reason } from './refusal.ts';

export interface TelemetryOptions {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Facts that are not on disk yet. */
  readonly waiting: () => number;
  /** Asked whenever metrics are collected. */
  readonly openRuns: () => Promise<number>;
  readonly meter?: Meter;
}

export class Telemetry {
  readonly #now: () => number;
  readonly #received;
  readonly #lag;
  readonly #write;
  readonly #refused;

  constructor({ now, waiting, openRuns, meter = metrics.getMeter('fleetscope.monitor') }: TelemetryOptions) {
    this.#now = now;
    this.#received = meter.createCounter(catalog.factsReceived.name, options(catalog.factsReceived));
    this.#refused = meter.createCounter(catalog.ingestRefused.name, options(catalog.ingestRefused));
    this.#lag = meter.createHistogram(catalog.factLag.name, options(catalog.factLag));
    this.#write = meter.createHistogram(catalog.writeDuration.name, options(catalog.writeDuration));
    meter
      .createObservableGauge(catalog.factsWaiting.name, options(catalog.factsWaiting))
      .addCallback((result) => result.observe(waiting()));
    meter
      .createObservableGauge(catalog.openRuns.name, options(catalog.openRuns))
      .addCallback(async (result) => result.observe(await openRuns()));
  }

  /** After each request that was answered with yes. */
  seen({ kept, others, rejected }: Seen): void {
    const fates = { kept: kept.length, not_fleet: others, malformed: rejected };
    for (const [fate, spans] of Object.entries(fates))
      if (spans > 0) this.#received.add(spans, { [catalog.factFate.name]: fate });
    if (kept.length === 0) return;
    const oldest = kept.reduce((least, { end_unix_nano: end }) => (BigInt(end) < least ? BigInt(end) : least), forever);
    // Whose clock is ahead of ours is not behind.
    this.#lag.record(Math.max(0, this.#now() - Number(oldest / 1_000_000n)) / 1000);
  }

  refused(reason: Reason): void {
    this.#refused.add(1, { [catalog.ingestRefusalReason.name]: reason });
  }

  wrote(seconds: number): void {
    this.#write.record(seconds);
  }
}

const forever = 2n ** 64n;

function options({ unit, means, buckets }: Metric) {
  return { unit, description: means, ...(buckets && { advice: { explicitBucketBoundaries: [...buckets] } }) };
}
