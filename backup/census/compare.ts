/** Whether two censuses say the same, and where they do not. Pure. */
import type { Census } from './census.ts';

export interface Comparison {
  readonly kind: Census['kind'];
  /** Metrics, streams, traces or tables that were compared. */
  readonly entries: number;
  /** Samples, lines, spans or rows of the source. */
  readonly items: number;
  /** One line each, for people; the first few. */
  readonly differences: readonly string[];
  /** How many there are in all. */
  readonly different: number;
}

const most = 20;

export function compare(source: Census, restored: Census): Comparison {
  const keys = new Set([...Object.keys(source.entries), ...Object.keys(restored.entries)]);
  const differences = [...keys].toSorted().flatMap((key) => {
    const was = source.entries[key];
    const is = restored.entries[key];
    if (!was) return [`${key}: was not there, has ${is?.items} ${things[source.kind]}`];
    if (!is) return [`${key}: is missing, had ${was.items} ${things[source.kind]}`];
    if (was.groups !== is.groups) return [`${key}: ${was.groups} series, restored ${is.groups}`];
    if (was.items !== is.items) return [`${key}: ${was.items} ${things[source.kind]}, restored ${is.items}`];
    return was.sum === is.sum ? [] : [`${key}: ${was.items} ${things[source.kind]}, not the same`];
  });
  return {
    kind: source.kind,
    entries: keys.size,
    items: Object.values(source.entries).reduce((sum, { items }) => sum + items, 0),
    differences: differences.slice(0, most),
    different: differences.length,
  };
}

export const things: Record<Census['kind'], string> = {
  ...{ metrics: 'samples', logs: 'lines', traces: 'spans', rows: 'rows', files: 'bytes' },
};
