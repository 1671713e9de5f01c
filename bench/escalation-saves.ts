/** What it brings that saves which come together share one wait for the disk. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../alertmanager/escalation/store/open.ts';
import { entry, someIncident } from '../alertmanager/escalation/store/some-incident.ts';
import type { Store } from '../alertmanager/escalation/store/store.ts';
import { ratios, type Summary, summarize } from './statistics.ts';

export interface Saves {
  /** Saves a second. */
  readonly alone: Summary;
  readonly together: Summary;
  /** Together against alone, in the same round. */
  readonly ratio: Summary;
  /** How many were asked for at once. */
  readonly atOnce: number;
}

const atOnce = 64;

export async function measureSaves(saves: number, rounds: number, progress: (text: string) => void): Promise<Saves> {
  const folder = mkdtempSync(join(tmpdir(), 'fleetscope-saves-'));
  const store = await openStore(join(folder, 'escalation.db'), { notice: progress });
  const alone: number[] = [];
  const together: number[] = [];
  try {
    for (let round = 0; round < rounds; round++) {
      progress(`saves: round ${round + 1} of ${rounds}`);
      alone.push(await perSecond(store, `alone-${round}`, saves, 1));
      together.push(await perSecond(store, `together-${round}`, saves, atOnce));
    }
  } finally {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
  return {
    ...{ alone: summarize(alone), together: summarize(together), atOnce },
    ratio: summarize(ratios(together, alone)),
  };
}

/** Each waits until it is on the disk before the next is asked for, so many side by side. */
async function perSecond(store: Store, name: string, saves: number, sideBySide: number): Promise<number> {
  let next = 0;
  const startedAt = performance.now();
  const lane = async () => {
    while (next < saves) {
      const id = `${name}-${next++}`;
      await store.save(someIncident(id, { journal: [entry(id, 1), entry(id, 1, 2)] }));
    }
  };
  await Promise.all(Array.from({ length: sideBySide }, lane));
  return saves / ((performance.now() - startedAt) / 1000);
}
