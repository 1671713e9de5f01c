import { chmodSync, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { needMemoryFolder } from './memory-folder.ts';

const home = mkdtempSync(join(tmpdir(), 'fleetscope-memory-folder-'));
afterAll(() => rmSync(home, { recursive: true }));

test('M01 on Docker memory is written to a folder of this home, which the container may write in by its group', () => {
  const folder = join(home, 'memory');
  const given = needMemoryFolder(home, {});
  expect(given).toMatchObject({ FLEETSCOPE_MEMORY_ROOT: folder });
  if (process.platform === 'linux') {
    expect(given.FLEETSCOPE_MEMORY_GROUP).toBe(String(statSync(folder).gid));
    expect(statSync(folder).mode & 0o2070).toBe(0o2070);
  }
  // What others may not do before they may not do now.
  chmodSync(folder, 0o700);
  needMemoryFolder(home, {});
  expect(statSync(folder).mode & 0o007).toBe(0);
});

test('M01 another folder is taken where one is named, and its group', () => {
  const named = join(home, 'elsewhere');
  const env = { FLEETSCOPE_MEMORY_ROOT: named, FLEETSCOPE_MEMORY_GROUP: '4242' };
  expect(needMemoryFolder(home, env)).toMatchObject(
    process.platform === 'linux' ? env : { FLEETSCOPE_MEMORY_ROOT: named },
  );
  expect(existsSync(named)).toBe(true);
});
