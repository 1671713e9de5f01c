import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { seen } from '../conformance/database.ts';
import { someBatch } from '../conformance/some-rows.ts';
import { openSqlite } from './sqlite-memory.ts';

const notice = (line: string) => expect.unreachable(line);
let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fleetscope-memory-'));
  file = join(folder, 'data', 'memory.db');
});
afterEach(() => rmSync(folder, { recursive: true }));

test('M01 4 processes that keep the same days at once and are killed halve none and lose none that was answered', async () => {
  const here = (path: string) => JSON.stringify(pathToFileURL(join(import.meta.dirname, path)).href);
  const code = `
    const { openSqlite } = await import(${here('sqlite-memory.ts')});
    const { someBatch } = await import(${here('../conformance/some-rows.ts')});
    const [file, me] = process.argv.slice(1);
    // All make the file at once, too.
    const memory = openSqlite(file);
    for (let i = 0; ; i++) {
      const date = '2026-02-' + String(1 + (i % 20)).padStart(2, '0');
      await memory.keep(someBatch(date, Number(me), 2 + Number(me)));
      console.log(date);
    }`;
  const answered = new Set<string>();
  await Promise.all(
    Array.from({ length: 4 }, async (_, me) => {
      const writer = spawn(process.execPath, ['--input-type=module', '-e', code, file, String(me)]);
      let lines = 0;
      createInterface(writer.stdout).on('line', (line) => {
        answered.add(line);
        // Each at another moment, while the others write.
        if (++lines === 9 + 5 * me) writer.kill('SIGKILL');
      });
      let errors = '';
      writer.stderr.on('data', (data) => (errors += data));
      await once(writer, 'close');
      expect(errors).toBe('');
    }),
  );
  const memory = openSqlite(file, { notice });
  const done = await memory.done('day');
  expect(done).toEqual(expect.arrayContaining([...answered]));
  expect(answered.size).toBeGreaterThanOrEqual(9);
  for (const date of done) {
    const window = { from: date, to: date };
    const mark = (await memory.snapshot(date))?.hours_measured as number;
    const alone = openSqlite(join(folder, date), { notice });
    await alone.keep(someBatch(date, mark, 2 + mark));
    expect(await seen(memory, window)).toBe(await seen(alone, window));
    await alone.close();
  }
  expect(await memory.damage()).toBeUndefined();
  await memory.close();
}, 120_000);
