import { closeSync, existsSync, openSync, readFileSync, readSync, renameSync, statSync } from 'node:fs';

const largestBytes = 32 * 1024 * 1024;

/** Opens a component's log for appending; what has grown too large becomes `<name>.1` first. */
export function openLog(path: string): number {
  if (existsSync(path) && statSync(path).size > largestBytes) renameSync(path, `${path}.1`);
  return openSync(path, 'a');
}

/** The last lines, for an error message. */
export function tailOf(path: string, lines = 8): string {
  if (!existsSync(path)) return '';
  const { size } = statSync(path);
  const bytes = Math.min(size, 16 * 1024);
  if (bytes === size) return lastLines(readFileSync(path, 'utf8'), lines);
  const file = openSync(path, 'r');
  try {
    const buffer = Buffer.alloc(bytes);
    readSync(file, buffer, 0, bytes, size - bytes);
    return lastLines(buffer.toString('utf8'), lines);
  } finally {
    closeSync(file);
  }
}

function lastLines(text: string, lines: number): string {
  return text.trimEnd().split('\n').slice(-lines).join('\n');
}
