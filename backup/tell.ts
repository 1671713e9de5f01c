/** Tells the Collector when a part was last backed up, or that it failed: a backup that is late is then seen without anyone's looking. (P05) */
import { setTimeout as delay } from 'node:timers/promises';
import { postJson } from '../doctor/ask.ts';
import { outcome } from '../instrumentation/src/catalog/attributes.ts';
import { backupPart, lastBackup } from '../instrumentation/src/catalog/backup.ts';
import { type Place, url } from '../place.ts';
import { isOfTheFuture } from './repository.ts';
import type { BackedUp } from './sources.ts';

export interface Run {
  readonly part: BackedUp;
  readonly outcome: 'success' | 'failure';
  /**
   * When a backup was done, or one that failed was begun, in milliseconds: so that one that fails while another is under way, as where that holds the
   * repository, is made good by it, however long that takes; and one that hangs is by another that is begun and done meanwhile.
   */
  readonly at: number;
}

export interface TellOptions {
  /** Of which stack (`FLEETSCOPE_BACKUP_NAME`). */
  readonly name: string;
  /** How often it is tried. Default 4. */
  readonly tries?: number;
  /** Before it is tried again, in milliseconds, each time longer. Default 2000. */
  readonly pauseMs?: number;
}

/**
 * Leaves out what says it is of the future, for a clock was set back meanwhile: it would pass for the newest until then. What is told by a
 * clock that is ahead as well, Prometheus refuses. @throws Error where the Collector does not take it: the backup is as good without
 */
export async function tell(
  place: Place,
  all: readonly Run[],
  { name, tries = 4, pauseMs = 2_000 }: TellOptions,
): Promise<void> {
  const now = Date.now();
  const runs = all.filter((run) => !isOfTheFuture(run, now));
  if (runs.length === 0) return;
  const body = metrics(runs, name, now);
  for (let tried = 1; ; tried++) {
    try {
      return await postJson(`${url(place, 'collector', 'http')}/v1/metrics`, body, 10_000);
    } catch (cause) {
      if (tried >= tries)
        throw new Error(
          `Cannot tell when ${runs.map(({ part }) => part).join(', ')} was backed up: ${(cause as Error).message}. Look at the Collector; an alert will say that the backup is late, though it is not.`,
          { cause },
        );
      await delay(pauseMs * tried);
    }
  }
}

/** As OTLP by HTTP has it. A run ends and its series with it: what counts is the value. */
function metrics(runs: readonly Run[], name: string, now: number) {
  const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
  return {
    resourceMetrics: [
      {
        // One instance, or each run would leave series of its own.
        resource: { attributes: [text('service.name', service), text('service.instance.id', name)] },
        scopeMetrics: [
          {
            scope: { name: service },
            metrics: [
              {
                name: lastBackup.name,
                unit: lastBackup.unit,
                description: lastBackup.means,
                gauge: {
                  dataPoints: runs.map((run) => ({
                    timeUnixNano: `${now}000000`,
                    asDouble: run.at / 1000,
                    attributes: [text(backupPart.name, run.part), text(outcome.name, run.outcome)],
                  })),
                },
              },
            ],
          },
        ],
      },
    ],
  };
}

const service = 'fleetscope-backup';
