/** The ways of working of a week, added up from its days. */
import type { Snapshot, WayDay } from '../record.ts';
import { type Dated, dayValues } from './day-values.ts';
import { mostShown, outcomeOf, type Who, type Work } from './work-week.ts';

/** Of one agent at one kind of task with one model, in one way. */
export interface WayWork {
  readonly who: Who;
  /** The least size of its batches, or the tools. */
  readonly way: number | readonly string[];
  /** Its money is that of a task, of tools that of an execution. */
  readonly work: Omit<Work, 'durations'>;
}

/** In order of who, then of the way. */
export function waysOf(snapshots: readonly Snapshot[], of: 'batches' | 'toolsets'): WayWork[] {
  const days = snapshots.flatMap(({ date, work }) =>
    work.flatMap((one) => {
      const { agent_name, operation, model } = one;
      const ways = of === 'batches' ? one.batches.map(sized) : one.toolsets.map(tooled);
      return ways.map((way) => ({ who: { agent_name, operation, model }, date, ...way }));
    }),
  );
  const key = ({ who, way }: (typeof days)[number]) =>
    JSON.stringify([who.agent_name, who.operation, who.model, typeof way === 'number' ? padded(way) : way]);
  return [...Map.groupBy(days, key)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, some]) => {
      const { who, way } = some[0] as (typeof days)[number];
      return { who, way, work: together(some) };
    });
}

/** `one task`, `4 to 7 tasks` */
export function batchText(size: number): string {
  return size === 1 ? 'one task' : size === 2 ? '2 or 3 tasks' : `${size} to ${2 * size - 1} tasks`;
}

export function toolsText(tools: readonly string[]): string {
  return tools.join(' + ');
}

function sized(day: Snapshot['work'][number]['batches'][number]) {
  return { way: day.size as number | readonly string[], day };
}

function tooled(day: Snapshot['work'][number]['toolsets'][number]) {
  return { way: day.tools as number | readonly string[], day };
}

/** Sorts as text. */
function padded(size: number): string {
  return String(size).padStart(8, '0');
}

function together(days: readonly Dated<WayDay>[]): WayWork['work'] {
  const ids = (of: (day: WayDay) => readonly string[]) =>
    [...new Set(days.flatMap(({ day }) => of(day)))].slice(0, mostShown);
  return {
    ...{ ...outcomeOf(days), costs: dayValues(days, ({ costs }) => costs) },
    ...{ went_well: ids(({ went_well }) => went_well), went_wrong: ids(({ went_wrong }) => went_wrong) },
  };
}
