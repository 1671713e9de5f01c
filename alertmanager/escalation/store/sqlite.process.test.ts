/** Several processes on one file. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { verify } from '../audit/verify.ts';
import { list } from './some-incident.ts';
import { openSqlite } from './sqlite.ts';

const noticed = (line: string) => expect.unreachable(line);

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fleetscope-sqlite-'));
  file = join(folder, 'data', 'incidents.sqlite');
});
afterEach(() => rmSync(folder, { recursive: true }));

test('X05 8 processes that write at once and are killed lose nothing that was answered', async () => {
  await openSqlite(file, { notice: noticed }).close();
  const here = (path: string) => JSON.stringify(pathToFileURL(join(import.meta.dirname, path)).href);
  const code = `
    const { openSqlite } = await import(${here('sqlite.ts')});
    const { someIncident, entry } = await import(${here('some-incident.ts')});
    const [file, me] = process.argv.slice(1);
    const store = openSqlite(file, { notice: console.log });
    for (let i = 0; ; i++) {
      const id = 'w' + me + '-' + i;
      await Promise.all([1, 2].map(async (part) => {
        const mine = someIncident(id + '-' + part);
        for (const version of [1, 2]) {
          if (!await store.save({ ...mine, version, journal: [entry(mine.id, version)] })) throw new Error(mine.id);
          console.log(mine.id, version);
        }
      }));
      const shared = (await store.byId('shared')) ?? { ...someIncident('shared'), version: 0 };
      const version = shared.version + 1;
      if (await store.save({ ...shared, version, journal: [entry('shared', version)] })) console.log('shared', version);
    }`;
  const answered: string[] = [];
  await Promise.all(
    Array.from({ length: 8 }, async (_, me) => {
      const writer = spawn(process.execPath, ['--input-type=module', '-e', code, file, String(me)]);
      let lines = 0;
      createInterface(writer.stdout).on('line', (line) => {
        answered.push(line);
        // Each at another moment, while the others write.
        if (++lines === 20 + 7 * me) writer.kill('SIGKILL');
      });
      let errors = '';
      writer.stderr.on('data', (data) => (errors += data));
      await once(writer, 'close');
      expect(errors).toBe('');
    }),
  );
  const store = openSqlite(file, { notice: noticed });
  const records = await list(store.audit());
  expect(await verify(records)).toMatchObject({ ok: true });
  const audited = new Set(records.map(({ id }) => id));
  expect(audited.size).toBe(records.length);
  const lost = [];
  for (const line of answered) {
    const [id, version] = line.split(' ') as [string, string];
    const kept = (await store.byId(id))?.version ?? 0;
    if (kept < Number(version) || !audited.has(`${id}/${version}/1`)) lost.push(line);
  }
  expect(lost).toEqual([]);
  expect(new Set(answered).size).toBe(answered.length);
  expect(answered.length).toBeGreaterThanOrEqual(8 * 20);
  await store.close();
});
