import {
  closeSync,
  copyFileSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  statSync,
  truncateSync,
} from 'node:fs';
import { join } from 'node:path';

const largestBytes = 32 * 1024 * 1024;

/** Opens a component's log for appending. */
export function openLog(path: string): number {
  return openSync(path, 'a');
}

/** Every log in the folder that has grown too large becomes `<name>.1` and begins anew; its writer, which appends, goes on. */
export function trimLogs(folder: string, atMostBytes = largestBytes): void {
  for (const name of readdirSync(folder).filter((each) => each.endsWith('.log'))) {
    const path = join(folder, name);
    if (statSync(path).size <= atMostBytes) continue;
    copyFileSync(path, `${path}.1`);
    truncateSync(path);
  }
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
