/** Rows as a terminal has room for them. Wrapped, they would be no table. */
import { stripVTControlCharacters } from 'node:util';

type Rows = readonly (readonly string[])[];

/** A column of text that is narrower says nothing. */
const leastText = 8;
/** Between columns. */
const gap = 2;

/**
 * Columns of numbers end at the same place. What is too wide loses the spare columns, the first named first; then its columns
 * of text give way, the widest first.
 */
export function fitted(rows: Rows, width: number, spare: readonly string[] = []): Rows {
  let shown = rows;
  for (const name of spare) {
    if (widthOf(shown) <= width) break;
    const at = rows[0] ? (shown[0] as readonly string[]).indexOf(name) : -1;
    if (at >= 0) shown = shown.map((row) => row.filter((_, column) => column !== at));
  }
  const numbers = numberColumns(shown);
  const room = roomForTexts(shown, numbers, width);
  const widths = new Map([...numbers].map((column) => [column, widest(shown, column)]));
  const fit = (cell: string, column: number) => {
    const its = widths.get(column);
    return its === undefined ? shortened(cell, room) : padded(cell, its);
  };
  return shown.map((row) => row.map(fit));
}

/** `12 345`, `$0.0123+`, `3 min 20 s`, `2 h ago`, `4 (5.0 %)`; what is not known is `-`. */
const isNumber =
  /^(-|\?|now|[<+-]?\$?\d[\d., ]*\+?( ?(ms|s|min|h|d|%|ago|points|B|KiB|MiB|GiB)( \d+)?)*( …)?( \(.*\))?)$/;

/** Columns that have a head, and beneath it nothing else than numbers. What the row is about comes first, and is its name. */
function numberColumns([head = [], ...rows]: Rows): Set<number> {
  const hasHead = head.some((cell) => /^[A-Z]/.test(cell)) && head.every((cell) => cell === cell.toUpperCase());
  if (!hasHead) return new Set();
  const all = head.map((_, column) => column).slice(1);
  const cells = (column: number) => rows.map((row) => stripVTControlCharacters(row[column] ?? ''));
  return new Set(
    all.filter(
      (column) => cells(column).some((cell) => /\d/.test(cell)) && cells(column).every((cell) => isNumber.test(cell)),
    ),
  );
}

/** So wide may each column of text be; the short ones leave more to the long ones. */
function roomForTexts(rows: Rows, numbers: ReadonlySet<number>, width: number): number {
  const widths = (rows[0] ?? []).flatMap((_, column) => (numbers.has(column) ? [] : [widest(rows, column)]));
  const whole = widthOf(rows);
  const tooWide = (room: number) => whole - widths.reduce((sum, own) => sum + Math.max(0, own - room), 0) > width;
  let room = Math.max(leastText, ...widths);
  while (room > leastText && tooWide(room)) room--;
  return room;
}

function widthOf(rows: Rows): number {
  return (rows[0] ?? []).reduce((sum, _, column) => sum + widest(rows, column) + gap, -gap);
}

function widest(rows: Rows, column: number): number {
  return Math.max(...rows.map((row) => stripVTControlCharacters(row[column] ?? '').length));
}

function padded(cell: string, width: number): string {
  return ' '.repeat(width - stripVTControlCharacters(cell).length) + cell;
}

function shortened(cell: string, width: number): string {
  const seen = stripVTControlCharacters(cell);
  return seen.length <= width ? cell : `${seen.slice(0, width - 1)}…`;
}
