/** `consolidate`: what a week shows, told at once. (M02) */
import { text } from '../../cli/options.ts';
import { oneLine } from '../../words.ts';
import { lastDayOf, weekBefore } from '../consolidate/findings.ts';
import { summary } from '../consolidate/summary.ts';
import { wording } from '../consolidate/wording.ts';
import { beginOf, cutoffOf, datesOf, weekOf } from '../periods.ts';
import { collectWeek, makeWeeksAgain } from '../schedule/make.ts';
import { listed } from '../store/listed.ts';
import { bounds, reach } from './known.ts';
import type { Task } from './task.ts';

const weekMs = 7 * 86_400_000;

export const consolidate: Task = {
  usage: 'consolidate',
  description: 'what a week shows, from its seven days: findings, lessons, the page of the week',
  options: [
    ['--week <week>', '2026-W07; default: the newest that is closed'],
    ['--dry-run', 'print it; nothing is kept'],
  ],
  makesMemory: false,
  async run({ memory, options, now, told }) {
    const week = text(options, 'week') ?? newestClosed(now);
    if (!/^\d{4}-W\d\d$/.test(week))
      throw new RangeError(`Cannot read --week "${oneLine(week)}": write a week as 2026-W07.`);
    beginOf(week);
    if (cutoffOf(week) > now)
      throw new RangeError(`Cannot tell ${week} yet: its last day, ${lastDayOf(week)}, is not closed. Wait for it.`);
    const snapshots = await listed(memory, { from: weekBefore(week), to: week });
    if (!snapshots.some(({ date }) => datesOf(week).includes(date)))
      throw new Error(`Cannot tell ${week}: nothing is known of its days; ${reach(await bounds(memory))}`);
    const batch = await collectWeek({ memory }, week);
    const findings = batch.rows.findings ?? [];
    if (options.dryRun === true) told('Nothing was kept: --dry-run.');
    else {
      await memory.keep(batch);
      told(`Kept ${week}. Look at it: npm run monitor -- show week:${week}`);
      const hasLater = (await memory.done('week', week)).length > 1;
      const later = hasLater ? (await makeWeeksAgain(memory, week)).slice(1) : [];
      if (later.length > 0) told(`Made anew what rests on it: ${later.join(', ')}.`);
    }
    const decisions = await memory.decisions({ from: week, to: week });
    const earlier = await memory.findings(weekBefore(week));
    const said = await wording(memory);
    const page = summary({ week, snapshots, decisions, findings: [...earlier, ...findings], said });
    return { json: { week, findings }, text: page.trimEnd() };
  },
};

function newestClosed(now: number): string {
  let begin = beginOf(weekOf(now));
  while (cutoffOf(weekOf(begin)) > now) begin -= weekMs;
  return weekOf(begin);
}
