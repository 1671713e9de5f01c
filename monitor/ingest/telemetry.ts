/** Records what the ledger takes, under the names of the catalogue. */
import { type Meter, metrics } from '@opentelemetry/api';
import * as catalog from '../../instrumentation/src/catalog/monitor.ts';
import { Instruments } from '../../service/instruments.ts';
import type { Seen } from './ingest.ts';
import type { Reason } from './refusal.ts';
import type { Space } from './space.ts';

export interface TelemetryOptions {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Facts that are not on disk yet. */
  readonly waiting: () => number;
  /** Asked whenever metrics are collected. */
  readonly openRuns: () => Promise<number>;
  /** The same; undefined: it is not known. */
  readonly space: () => Space | undefined;
  readonly meter?: Meter;
}

export class Telemetry {
  readonly #now: () => number;
  readonly #instruments: Instruments;
  #lastWriteAt: number;

  constructor({ now, waiting, openRuns, space, meter = metrics.getMeter('fleetscope.monitor') }: TelemetryOptions) {
    this.#now = now;
    this.#lastWriteAt = now();
    const instruments = new Instruments(meter);
    this.#instruments = instruments;
    instruments.observe(catalog.factsWaiting, () => [[waiting(), {}]]);
    instruments.observe(catalog.openRuns, async () => [[await openRuns(), {}]]);
    instruments.observe(catalog.lastWrite, () => [[this.#lastWriteAt / 1000, {}]]);
    instruments.observeTogether(
      async (result) => {
        const seen = await space();
        if (!seen) return;
        result.observe(instruments.gauge(catalog.databaseSize), seen.bytes);
        result.observe(instruments.gauge(catalog.diskUtilization), seen.diskUsed);
      },
      [catalog.databaseSize, catalog.diskUtilization],
    );
  }

  /** After each request that was answered with yes. */
  seen({ kept, others, rejected }: Seen): void {
    const fates = { kept: kept.length, not_fleet: others, malformed: rejected };
    for (const [fate, spans] of Object.entries(fates))
      if (spans > 0) this.#instruments.add(catalog.factsReceived, { [catalog.factFate.name]: fate }, spans);
    if (kept.length === 0) return;
    const oldest = kept.reduce((least, { end_unix_nano: end }) => (BigInt(end) < least ? BigInt(end) : least), forever);
    // Whose clock is ahead of ours is not behind.
    const behindMs = Math.max(0, this.#now() - Number(oldest / 1_000_000n));
    this.#instruments.record(catalog.factLag, behindMs / 1000, {});
  }

  refused(reason: Reason): void {
    this.#instruments.add(catalog.ingestRefused, { [catalog.ingestRefusalReason.name]: reason });
  }

  wrote(seconds: number): void {
    this.#instruments.record(catalog.writeDuration, seconds, {});
    this.#lastWriteAt = this.#now();
  }

  removed(runs: number): void {
    if (runs > 0) this.#instruments.add(catalog.runsRemoved, {}, runs);
  }
}

const forever = 2n ** 64n;
