/** Standard output: a terminal with a person before it, or a pipe with a program behind it. */
import { styleText } from 'node:util';
import type { Screen } from './command.ts';
import { fitted } from './fitted.ts';

type Output = NodeJS.WritableStream & { isTTY?: boolean; columns?: number };

/** @param columns rows as columns, two blanks apart. */
export function screenOn(stream: Output, columns: (rows: readonly (readonly string[])[]) => string): Screen {
  let isGone = false;
  const closed = new Promise<void>((resolve) => {
    stream.once('close', () => {
      isGone = true;
      resolve();
    });
  });
  // Told by the write that failed; unheard, it would end the process.
  stream.on('error', () => {});
  const width = stream.isTTY ? (stream.columns ?? 80) : Number.POSITIVE_INFINITY;
  return {
    width,
    table: (rows, spare) =>
      stream.isTTY ? columns(fitted(rows, width, spare)) : rows.map((row) => row.join('\t')).join('\n'),
    // NO_COLOR and its like are Node's to know.
    paint: (style, text) => (stream.isTTY ? styleText(style, text, { stream }) : text),
    async write(text) {
      if (isGone) return false;
      const written = new Promise<void>((resolve, reject) => {
        stream.write(text, (error) => (error ? reject(error) : resolve()));
      });
      try {
        await Promise.race([written, closed]);
        return !isGone;
      } catch (cause) {
        isGone = true;
        const { code = 'unknown' } = cause as NodeJS.ErrnoException;
        // A reader that has seen enough, as `head` has, is no mistake.
        if (code === 'EPIPE' || code === 'ERR_STREAM_DESTROYED') return false;
        throw new Error(`Cannot write the answer: ${code}. Free space, or write elsewhere.`, { cause });
      }
    },
  };
}
