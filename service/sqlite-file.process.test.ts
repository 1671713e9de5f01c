import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { openFile } from './sqlite-file.ts';

const schema = {
  ...{ applicationId: 0x74657374, instead: 'name another file' },
  migrations: ['CREATE TABLE words (word TEXT UNIQUE)'],
};

test('X05 8 processes that open a damaged file at once set aside one, and none of them writes where nobody reads', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fleetscope-file-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'words.db');
  const first = openFile(path, { schema });
  first.database.exec("INSERT INTO words VALUES ('old')");
  first.close();
  // SQLite's own, and yet no database: its first page was overwritten.
  writeFileSync(path, Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(16_000, 'not a database, ')]));
  const here = JSON.stringify(pathToFileURL(join(import.meta.dirname, 'sqlite-file.ts')).href);
  const code = `
    const { openFile } = await import(${here});
    const [path, me] = process.argv.slice(1);
    const file = openFile(path, { schema: ${JSON.stringify(schema)} });
    file.database.exec('PRAGMA busy_timeout = 10000');
    file.check();
    file.database.prepare('INSERT INTO words VALUES (?)').run('word ' + me);
    file.close();`;
  await Promise.all(
    Array.from({ length: 8 }, async (_, me) => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', code, path, String(me)]);
      let errors = '';
      child.stderr.on('data', (data) => (errors += data));
      expect([await once(child, 'close'), errors]).toEqual([[0, null], '']);
    }),
  );
  const last = openFile(path, { schema });
  const words = last.database.prepare('SELECT word FROM words ORDER BY word').all();
  expect(words.map(({ word }) => word)).toEqual(Array.from({ length: 8 }, (_, me) => `word ${me}`));
  expect(readdirSync(folder).filter((name) => /\.corrupt-[\dTZ-]+$/.test(name))).toHaveLength(1);
  last.close();
});
