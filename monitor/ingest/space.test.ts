import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { spaceOf } from './space.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

test('R02 the size of the ledger is that of its file and its log, whichever way it is named', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fleetscope-space-'));
  folders.push(folder);
  const file = join(folder, 'ledger.db');
  expect(spaceOf(file)).toMatchObject({ bytes: 0 });
  writeFileSync(file, 'x'.repeat(1000));
  writeFileSync(`${file}-wal`, 'x'.repeat(234));
  for (const name of [file, `sqlite:${file}`, `sqlite://${file}`]) {
    const space = spaceOf(name);
    expect(space?.bytes, name).toBe(1234);
    expect(space?.diskUsed, name).toBeGreaterThan(0);
    expect(space?.diskUsed, name).toBeLessThanOrEqual(1);
  }
});

test('R02 a MongoDB is no file of ours', () => {
  expect(spaceOf('mongodb://host/fleet')).toBeUndefined();
  expect(spaceOf('mongodb+srv://host/fleet')).toBeUndefined();
});
