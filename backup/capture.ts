/** One consistent state of a part that runs on: what of it can be read where it lies, and copies of the rest. */
import { mkdir, rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { captureAlertmanager } from './capture-alertmanager.ts';
import { captureDatabases } from './capture-databases.ts';
import { captureLoki } from './capture-loki.ts';
import { capturePrometheus } from './capture-prometheus.ts';
import { captureTempo } from './capture-tempo.ts';
import type { Capture, Captured } from './captured.ts';
import type { BackedUp, Source } from './sources.ts';
import { Moved } from './stage.ts';

const captures: Record<BackedUp, Capture> = {
  prometheus: capturePrometheus,
  loki: captureLoki,
  tempo: captureTempo,
  alertmanager: captureAlertmanager,
  escalation: captureDatabases,
  monitor: captureDatabases,
  grafana: captureDatabases,
};

const tries = 5;

/** @throws Error where the part rearranges its data each time. */
export async function capture(source: Source, staged: string, notice: (line: string) => void): Promise<Captured> {
  for (let left = tries; ; ) {
    await rm(staged, { recursive: true, force: true });
    await mkdir(staged, { recursive: true, mode: 0o700 });
    try {
      return await captures[source.part](source, staged);
    } catch (cause) {
      if (!(cause instanceof Moved)) throw cause;
      if (--left === 0)
        throw new Error(
          `Cannot back up ${source.part}: ${cause.message}, ${tries} times in a row. Try when it is calmer.`,
          {
            cause,
          },
        );
      notice(`${source.part}: ${cause.message}; once more.`);
      await delay(1_000);
    }
  }
}
