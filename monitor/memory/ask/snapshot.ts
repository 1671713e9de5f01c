/** `snapshot`: a day made at once, without waiting for the night. (M01) */
import type { Screen } from '../../cli/command.ts';
import { text } from '../../cli/options.ts';
import { oneLine } from '../../words.ts';
import { collectDay } from '../collect/collect.ts';
import { snapshotText } from '../collect/snapshot.ts';
import { cutoffOf, dateOf, soFarCutoffOf } from '../periods.ts';
import type { Snapshot } from '../record.ts';
import { makeWeeksAgain } from '../schedule/make.ts';
import { dayText } from './day-text.ts';
import type { Task } from './task.ts';

export const snapshot: Task = {
  usage: 'snapshot',
  description: 'make the snapshot of a day at once; one that is final stays as it is',
  options: [
    ['--date <day>', 'default: the newest day that can be told'],
    ['--again', 'make a final one anew: what the ledger and Prometheus no longer have is lost with it'],
    ['--dry-run', 'print it; nothing is kept'],
  ],
  makesMemory: true,
  async run({ memory, options, screen, now, sources, told }) {
    const date = text(options, 'date') ?? newestTellable(now);
    if (!/^\d{4}-\d\d-\d\d$/.test(date))
      throw new RangeError(`Cannot read --date "${oneLine(date)}": write a day as 2026-02-15.`);
    const state = stateAt(date, now);
    const there = await memory.snapshot(date);
    if (there?.state === 'final' && options.again !== true) {
      told(`${date} is final, and stays as it is. --again makes it anew.`);
      return { json: there, text: shown(there, screen) };
    }
    await using from = await sources();
    const batch = await collectDay({ ...from, memory }, date, state);
    const made = batch.rows.snapshots?.[0] as Snapshot;
    if (options.dryRun === true) told('Nothing was kept: --dry-run.');
    else {
      await memory.keep(batch);
      told(
        `Kept ${date}, ${state === 'final' ? 'for good' : 'so far'}. Look at it: npm run monitor -- show day:${date}`,
      );
      const weeks = state === 'final' ? await makeWeeksAgain(memory, date) : [];
      if (weeks.length > 0) told(`Made anew what rests on it: ${weeks.join(', ')}.`);
    }
    return { json: made, text: shown(made, screen) };
  },
};

/** Where a person reads, as `show` tells it; elsewhere its file. */
function shown(day: Snapshot, screen: Screen): string {
  return Number.isFinite(screen.width) ? dayText(day, screen) : snapshotText(day).trimEnd();
}

/** A period is closed at a moment of its own, never "now". @throws RangeError before it. */
function stateAt(date: string, now: number): Snapshot['state'] {
  if (cutoffOf(date) <= now) return 'final';
  if (soFarCutoffOf(date) <= now) return 'open';
  const at = new Date(soFarCutoffOf(date)).toISOString().slice(0, 16).replace('T', ' ');
  throw new RangeError(
    `Cannot tell ${date} yet: it is told from ${at} UTC on. The ledger has it until then: npm run monitor -- cost.`,
  );
}

function newestTellable(now: number): string {
  const today = dateOf(now);
  return soFarCutoffOf(today) <= now ? today : dateOf(now - 86_400_000);
}
