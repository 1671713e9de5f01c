/** One hour in which much more is done than in others, planted in the sixty days: what an hour of metrics is to be told for. */
import { beginOf } from '../periods.ts';
import type { Day, Run, Task } from './sixty-days.ts';

/** Long after the 28 days that it is compared with have begun. */
export const burstHour = '2026-02-27T10';

/** Runs in it, of five tasks each: of all that an hour usually has, twenty times as much. */
const burstRuns = 50;

/**
 * More of what goes on every day, in ledger and metrics alike: work of `code` that went well, so that nothing else is to be told of it.
 * @param days of `sixtyDays`; they stay as they are
 */
export function withBurst(days: readonly Day[]): readonly Day[] {
  return days.map((day) =>
    burstHour.startsWith(day.date) ? { ...day, runs: [...day.runs, ...burst(day.runs)].sort(byTime) } : day,
  );
}

function burst(runs: readonly Run[]): Run[] {
  const [first] = runs as [Run, ...Run[]];
  const alike = runs.flatMap(({ tasks }) => tasks).filter(isAlike);
  return Array.from({ length: burstRuns }, (_, i) => {
    // Each in 50 s of its own, the last ones over before the hour is.
    const fromMs = beginOf(burstHour) + (i * 50 + 60) * 1000;
    const tasks = Array.from({ length: 5 }, (_, n) => moved(alike[(5 * i + n) % alike.length] as Task, fromMs));
    const toMs = Math.max(...tasks.map((task) => task.toMs));
    const trace = `${first.trace.slice(0, 16)}${(0x100_0000 + i).toString(16).padStart(16, '0')}`;
    return {
      ...{ session: `burst-${String(i + 1).padStart(2, '0')}`, trace, workflow: 'build', tasks },
      ...{ fromMs: fromMs - 1000, toMs: toMs + 1000, decision: undefined, approval: undefined },
    };
  });
}

function isAlike({ agent, operation, failure, retries }: Task): boolean {
  return agent === 'code' && operation === 'write' && failure === undefined && retries === 0;
}

function moved(task: Task, fromMs: number): Task {
  return { ...task, fromMs, toMs: fromMs + task.toMs - task.fromMs };
}

function byTime(a: Run, b: Run): number {
  return a.fromMs - b.fromMs;
}
