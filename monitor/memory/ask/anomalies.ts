/** `ask anomalies`: hours that were not like those before. (M06) */
import { count, number, oneLine, share } from '../../words.ts';
import type { Anomaly } from '../record.ts';
import type { MemoryStore } from '../store/memory-store.ts';
import { bounds, reach, stretches } from './known.ts';
import type { Question } from './question.ts';
import { type Days, datesIn, daysNamed, during, spanOptions, spanText } from './span.ts';

export const askAnomalies: Question = {
  usage: 'anomalies',
  description: 'values that were not like those of the same hour before; default: the 28 newest days',
  options: spanOptions,
  async answer({ memory, options, screen }) {
    const dates = await measuredDates(memory);
    const [first, last] = [dates[0], dates.at(-1)];
    if (first === undefined || last === undefined)
      throw new Error(`Cannot tell what was unusual: ${reach(await bounds(memory))}`);
    const span = daysNamed(options, last) ?? (daysNamed({ to: last }, last) as Days);
    const there = new Set(dates);
    const missing = datesIn(span).filter((date) => !there.has(date));
    const measured = datesIn(span).length - missing.length;
    if (measured === 0)
      throw new Error(
        `Cannot tell what was unusual: nothing is known of ${spanText(span)}; hours are remembered from ${first} to ${last}.`,
      );
    const rows = await memory.anomalies(span);
    const table = screen.table(
      [
        ['HOUR', 'METRIC', 'OF', 'VALUE', 'EXPECTED', 'SURE', 'ANOMALY'],
        ...rows.map((one) => [
          ...[`${one.hour.replace('T', ' ')}h`, oneLine(one.metric), oneLine(labelText(one)), figure(one.value)],
          ...[`${figure(one.low)} to ${figure(one.high)}`, share(one.confidence), `anomaly:${oneLine(one.id)}`],
        ]),
      ],
      ['OF'],
    );
    const looked = `in ${count(measured, 'day')} ${during(span)}`;
    return {
      json: { ...span, days: measured, missing, rows },
      columns: [
        ...['id', 'hour', 'metric', 'labels', 'value', 'expected', 'low', 'high', 'confidence', 'method'],
        'compared_with',
      ],
      rows: rows.map((one) => ({ ...one })),
      text: rows.length === 0 ? `Nothing stood out ${looked}.` : `${upper(looked)}:\n\n${table}`,
      notes: missing.length === 0 ? [] : [`Nothing is known of ${stretches(missing)}.`],
    };
  },
};

/** Days that are closed, and those of which an hour is. */
async function measuredDates(memory: MemoryStore): Promise<string[]> {
  const hours = await memory.done('hour');
  return [...new Set([...(await memory.done('day')), ...hours.map((hour) => hour.slice(0, 10))])].sort();
}

export function labelText({ labels }: Pick<Anomaly, 'labels'>): string {
  const parts = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return parts.length === 0 ? 'all' : parts.join(', ');
}

/** Three digits that count. */
export function figure(value: number): string {
  return number(Number(value.toPrecision(3)));
}

function upper(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
