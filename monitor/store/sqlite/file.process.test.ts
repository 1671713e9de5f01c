import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { wholeRun } from '../../testing/some-facts.ts';
import { schema } from './schema.ts';
import { SqliteLedger } from './sqlite-ledger.ts';

const notice = (line: string) => expect.unreachable(line);

test('R02 an older database is brought up to date once, by one of several processes that open it at the same time, and a new one is made once', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fleetscope-ledger-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'data', 'ledger.db');
  const ledger = new SqliteLedger(file, { notice });
  for (let i = 0; i < 20; i++) ledger.record(wholeRun(`s${i}`, `t${i}`, i));
  ledger.close();
  const here = (path: string) => JSON.stringify(pathToFileURL(join(import.meta.dirname, path)).href);
  const code = `
    const { openFile } = await import(${here('../../../service/sqlite-file.ts')});
    const { schema } = await import(${here('schema.ts')});
    const { SqliteLedger } = await import(${here('sqlite-ledger.ts')});
    const [file, fresh] = process.argv.slice(1);
    new SqliteLedger(fresh).close();
    // A step that would fail if it were made twice.
    const migrations = [...schema.migrations, 'ALTER TABLE steps ADD COLUMN region TEXT'];
    openFile(file, { schema: { ...schema, migrations } }).close();`;
  const fresh = join(folder, 'data', 'fresh.db');
  const errors = await Promise.all(
    Array.from({ length: 6 }, async () => {
      const opener = spawn(process.execPath, ['--input-type=module', '-e', code, file, fresh]);
      let said = '';
      opener.stderr.on('data', (data) => (said += data));
      await once(opener, 'close');
      return said;
    }),
  );
  expect(errors.join('')).toBe('');
  const database = new DatabaseSync(file);
  expect(database.prepare('PRAGMA user_version').get()?.user_version).toBe(schema.migrations.length + 1);
  expect(database.prepare('SELECT count(*) AS n FROM orchestrations').get()).toEqual({ n: 20 });
  database.close();
  const made = new SqliteLedger(fresh, { notice });
  expect(made.damage()).toBeUndefined();
  made.close();
});
