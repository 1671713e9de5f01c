import { stripVTControlCharacters, styleText } from 'node:util';
import type { Progress } from '../native/build.ts';
import { type Component, stack } from '../stack.ts';

/** Tells a person what takes long: one line that rewrites itself on a terminal, plain lines otherwise. */
export interface Reporter {
  line(text: string): void;
  /** The progress of one build. */
  build(component: Component): Progress;
}

const plainLineEveryMs = 15_000;

export function reporter(stream: NodeJS.WriteStream, now: () => number = Date.now): Reporter {
  let open = false;
  const line = (text: string) => {
    stream.write(`${open ? '\r\x1b[2K' : ''}${text}\n`);
    open = false;
  };
  return {
    line,
    build(component) {
      const startedAt = now();
      let lastStep = '';
      let lastAt = 0;
      return (step, detail) => {
        const elapsed = `${Math.floor((now() - startedAt) / 1000)} s`;
        const text = `${stack[component].title}: ${step} ${detail} (${elapsed})`;
        if (stream.isTTY) {
          stream.write(`\r\x1b[2K${styleText('dim', text.slice(0, (stream.columns ?? 80) - 1), { stream })}`);
          open = true;
        } else if (step !== lastStep || now() - lastAt > plainLineEveryMs) {
          lastAt = now();
          line(text);
        }
        lastStep = step;
      };
    },
  };
}

/** Left-aligned columns, two blanks apart; the widths of what is seen, not of the colour codes. */
export function columns(rows: readonly (readonly string[])[]): string {
  const width = (text: string) => stripVTControlCharacters(text).length;
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => width(row[column] ?? ''))));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - width(cell)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
