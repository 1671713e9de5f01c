/** Records of a CSV file, one at a time (RFC 4180): a year's export is never in memory whole. */

export interface CsvRow {
  /** The line that it begins in, from 1. */
  readonly line: number;
  /** By the names in the first line. A column that is not there is absent. */
  readonly cells: Readonly<Record<string, string>>;
}

/** Longer than any row of an export: what opens a quote and never closes it is not read to its end. */
const longestRow = 1_000_000;

/** @throws Error that names the file and the line. */
export async function* csvRows(chunks: AsyncIterable<string>, file: string): AsyncGenerator<CsvRow> {
  let head: readonly string[] | undefined;
  for await (const { line, cells } of records(chunks, file)) {
    if (cells.length === 1 && cells[0] === '') continue;
    if (!head) {
      head = cells.map((name) => name.trim());
      continue;
    }
    if (cells.length !== head.length)
      throw new Error(
        `Cannot read ${file}: line ${line} has ${cells.length} cells, and the first line names ${head.length}. Export it again.`,
      );
    yield { line, cells: Object.fromEntries(head.map((name, i) => [name, cells[i] as string])) };
  }
}

async function* records(
  chunks: AsyncIterable<string>,
  file: string,
): AsyncGenerator<{ readonly line: number; readonly cells: string[] }> {
  let [line, begun, length] = [1, 1, 0];
  let cells: string[] = [];
  let cell = '';
  // `closed`: a quote that ends the cell, or is the first half of one that is doubled.
  let state: 'plain' | 'quoted' | 'closed' = 'plain';
  let isFirst = true;
  for await (const read of chunks) {
    const chunk = isFirst ? read.replace(/^\uFEFF/, '') : read;
    isFirst = false;
    // From one character that means something to the next: cell by cell is slow enough.
    for (let from = 0; from < chunk.length; ) {
      const at = nextOf(state === 'quoted' ? inQuotes : telling, chunk, from);
      cell += chunk.slice(from, at);
      // In quotes, a line end is text.
      if (at > from && state === 'closed') state = 'plain';
      length += at - from + 1;
      if (length > longestRow)
        throw new Error(
          `Cannot read ${file}: the row of line ${begun} does not end. Look for a quote that is not closed.`,
        );
      from = at + 1;
      const char = chunk.charAt(at);
      if (char === '\n') line++;
      if (char === '') continue;
      if (state === 'quoted') {
        if (char === '"') state = 'closed';
        else cell += char;
      } else if (char === '"') {
        if (state === 'closed' || cell !== '') cell += '"';
        if (state === 'closed' || cell === '') state = 'quoted';
      } else {
        cells.push(cell.endsWith('\r') ? cell.slice(0, -1) : cell);
        [cell, state] = ['', 'plain'];
        if (char === ',') continue;
        yield { line: begun, cells };
        [cells, begun, length] = [[], line, 0];
      }
    }
  }
  if (state === 'quoted')
    throw new Error(`Cannot read ${file}: it ends inside the quotes of line ${begun}. Export it again.`);
  if (cell !== '' || cells.length > 0) yield { line: begun, cells: [...cells, cell.replace(/\r$/, '')] };
}

const telling = /[",\n]/g;
const inQuotes = /["\n]/g;

/** The end, if there is none. */
function nextOf(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from;
  return pattern.exec(text)?.index ?? text.length;
}
