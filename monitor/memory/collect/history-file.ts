/** Six hours of metrics for people and for Git: `logs/metrics-history/YYYY-MM-DDTHH.json`, named by the hour they begin with. Pure: rows in, text out. (M03) */
import { beginOf, hourOf } from '../periods.ts';
import type { MetricHour } from '../record.ts';
import { coverages } from './day.ts';
import { byName, nameOf } from './hour.ts';

const hourMs = 3_600_000;
const hoursInFile = 6;

/** The six hours that this one is among. */
export function historyHours(hour: string): string[] {
  const length = hoursInFile * hourMs;
  const begin = Math.floor(beginOf(hour) / length) * length;
  return Array.from({ length: hoursInFile }, (_, i) => hourOf(begin + i * hourMs));
}

/** Path below the folder that memory is written to. */
export function historyPath(hour: string): string {
  return `logs/metrics-history/${historyHours(hour)[0]}.json`;
}

/**
 * A line for each metric and whose it is, a value for each hour; what is null, and why, stands in `gaps`.
 * @param rows of these hours; others are left out. An hour that has none was never asked for.
 */
export function historyText(hour: string, rows: readonly MetricHour[]): string {
  const hours = historyHours(hour);
  const known = coverages(rows);
  const within = rows.filter((row) => hours.includes(row.hour)).sort(byName);
  const metrics = [...Map.groupBy(within, ({ metric, labels }) => `${metric} ${nameOf(labels)}`).values()].map(
    (some) => {
      const { metric, labels, unit } = some[0] as MetricHour;
      const at = new Map(some.map((row) => [row.hour, row]));
      const values = hours.map((one) => at.get(one)?.value ?? null);
      const gaps = [...new Set(some.flatMap(({ gap }) => gap ?? []))].sort();
      const ordered = Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
      return { metric, unit, labels: ordered, values, ...(gaps.length > 0 && { gaps }) };
    },
  );
  return listed({
    ...{ from: `${hours[0]}:00:00.000Z`, to: new Date(beginOf(hours.at(-1) as string) + hourMs).toISOString() },
    coverage: hours.map((one) => ({ hour: one, measured: known.get(one) ?? null })),
    metrics,
  });
}

/** Lists with an entry a line: what is read is a table, and a difference is the lines that differ. */
export function listed(document: Readonly<Record<string, unknown>>): string {
  const fields = Object.entries(document).map(([name, value]) => {
    const isList = Array.isArray(value) && value.length > 0 && typeof value[0] === 'object';
    const text = isList
      ? `[\n${value.map((entry) => `    ${JSON.stringify(entry)}`).join(',\n')}\n  ]`
      : JSON.stringify(value);
    return `  ${JSON.stringify(name)}: ${text}`;
  });
  return `{\n${fields.join(',\n')}\n}\n`;
}
