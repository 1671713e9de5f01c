/** A drill's report, for people. */
import { things } from './census/compare.ts';
import { type DrillReport, isProven } from './drill.ts';
import { number, size, table } from './print.ts';

export function drillTable({ parts }: DrillReport): string {
  const rows = parts.map((one) => {
    const { part, at, bytes, restoreSeconds, comparison } = one;
    const { entries, items, kind, different } = comparison ?? {};
    return [
      ...[part, `${new Date(at).toISOString().slice(0, 19)}Z`, size(bytes), `${restoreSeconds.toFixed(1)} s`],
      comparison ? `${number.format(entries ?? 0)}, ${number.format(items ?? 0)} ${kind && things[kind]}` : 'nothing',
      isProven(one)
        ? 'equal'
        : comparison
          ? different === 0
            ? 'NOT PROVEN: nothing was there to compare'
            : `${different} DIFFERENT`
          : 'NOT PROVEN: the part was not counted at its backup',
    ];
  });
  return table(['part', 'backup of', 'size', 'restored in', 'compared', ''], rows);
}
