import { chmodSync, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { stack } from '../stack.ts';
import { groupFor, needMemoryFolder } from './memory-folder.ts';
import { groupOf } from './prepare.ts';

const home = mkdtempSync(join(tmpdir(), 'fleetscope-memory-folder-'));
afterAll(() => rmSync(home, { recursive: true }));
const notices: string[] = [];
const plain = { rootless: false, notice: (line: string) => notices.push(line) };
const user = { uid: 1000, gid: 1000, rootless: false };
const root = { uid: 0, gid: 0, rootless: false };

test('M01 on Docker memory is written to a folder of this home, which the container may write in by its group', () => {
  const folder = join(home, 'memory');
  const given = needMemoryFolder(home, {}, plain);
  expect(given).toMatchObject({ FLEETSCOPE_MEMORY_ROOT: folder });
  if (process.platform === 'linux') {
    expect(given.FLEETSCOPE_MEMORY_GROUP).toBe(String(statSync(folder).gid));
    expect(given.FLEETSCOPE_MEMORY_GROUP).not.toBe('0');
    expect(statSync(folder).mode & 0o2070).toBe(0o2070);
  }
  // What others may not do before they may not do now.
  chmodSync(folder, 0o700);
  expect(needMemoryFolder(home, {}, plain)).toEqual(given);
  expect(statSync(folder).mode & 0o007).toBe(0);
  expect(notices).toEqual([]);
});

test('M01 another folder is taken where one is named, and its group', () => {
  const named = join(home, 'elsewhere');
  const env = { FLEETSCOPE_MEMORY_ROOT: named, FLEETSCOPE_MEMORY_GROUP: '4242' };
  expect(needMemoryFolder(home, env, plain)).toMatchObject(
    process.platform === 'linux' ? env : { FLEETSCOPE_MEMORY_ROOT: named },
  );
  expect(existsSync(named)).toBe(true);
});

test('M01 X01 the container gets the group of the folder, and none by which it would read a secret of others', () => {
  expect(groupFor({ uid: 1000, gid: 1000 }, user)).toEqual({ group: 1000 });
  for (const gid of [0, groupOf.collector, groupOf.alertmanager, groupOf.grafana]) {
    expect(groupFor({ uid: 1000, gid }, user)).toEqual({ why: `its group ${gid} is one that reads more than this` });
    // Root gives it to the memory instead.
    expect(groupFor({ uid: 0, gid }, root)).toEqual({ group: stack.memory.user, chgrp: true });
  }
  expect(groupFor({ uid: 1000, gid: 1000 }, root)).toEqual({ group: 1000 });
});

test('M01 in a rootless engine the group of whoever started it is 0, and it knows no other', () => {
  const rootless = { ...user, rootless: true };
  expect(groupFor({ uid: 1000, gid: 1000 }, rootless)).toEqual({ group: 0 });
  expect(groupFor({ uid: 1000, gid: 998 }, rootless)).toEqual({ why: 'a rootless engine does not know its group 998' });
});

test('M01 a folder of another is left as it is, and said', () => {
  expect(groupFor({ uid: 33, gid: 1000 }, user)).toEqual({ why: 'it is not yours' });
  const env = { FLEETSCOPE_MEMORY_ROOT: join(home, 'others') };
  needMemoryFolder(home, env, plain);
  chmodSync(env.FLEETSCOPE_MEMORY_ROOT, 0o755);
  const { uid } = statSync(env.FLEETSCOPE_MEMORY_ROOT);
  const said: string[] = [];
  const another = { rootless: false, notice: (line: string) => said.push(line), me: { uid: uid + 4242, gid: 4242 } };
  expect(needMemoryFolder(home, env, another)).toEqual(env);
  expect(statSync(env.FLEETSCOPE_MEMORY_ROOT).mode & 0o7777).toBe(0o755);
  expect(said.map((line) => line.replaceAll(home, ''))).toEqual(
    process.platform === 'linux'
      ? [
          'Memory may not be able to write to /others: it is not yours. Make it yours (sudo chown -R "$(id -u):$(id -g)" /others), or name another by FLEETSCOPE_MEMORY_ROOT.',
        ]
      : [],
  );
});
