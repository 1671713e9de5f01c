import { closeSync, mkdtempSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openLog, tailOf, trimLogs } from './log-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'fleetscope-logs-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('P02 a log that has grown too large begins anew while it is written to, and the older part is kept', () => {
  const path = join(folder, 'loki.log');
  const log = openLog(path);
  writeSync(log, 'an old line\n');
  trimLogs(folder, 100);
  expect(readFileSync(path, 'utf8')).toBe('an old line\n');
  trimLogs(folder, 5);
  writeSync(log, 'a new line\n');
  closeSync(log);
  expect(readFileSync(path, 'utf8')).toBe('a new line\n');
  expect(readFileSync(`${path}.1`, 'utf8')).toBe('an old line\n');
});

test('P02 the tail of a log is its last lines, and of no log nothing', () => {
  const path = join(folder, 'tail.log');
  const log = openLog(path);
  for (let line = 0; line < 5_000; line++) writeSync(log, `line ${line}\n`);
  closeSync(log);
  expect(tailOf(path, 2)).toBe('line 4998\nline 4999');
  expect(tailOf(join(folder, 'none.log'))).toBe('');
});
