import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Disk, namesIn, removePartial, textOf, writeFile } from './write-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fleetscope-write-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('M01 writes what differs, and touches nothing else; all may read it, whatever the mask of the process', async () => {
  const name = 'logs/snapshots/a.json';
  const path = join(folder, name);
  const mask = process.umask(0o077);
  try {
    expect(await writeFile(folder, name, 'ä\n')).toBe(true);
  } finally {
    process.umask(mask);
  }
  const { mtimeNs, ino, mode } = statSync(path, { bigint: true });
  expect(mode & 0o777n).toBe(0o644n);
  expect(await writeFile(folder, name, 'ä\n')).toBe(false);
  expect(statSync(path, { bigint: true })).toMatchObject({ mtimeNs, ino });
  expect(await writeFile(folder, name, 'b')).toBe(true);
  expect(readFileSync(path, 'utf8')).toBe('b');
  expect(readdirSync(join(folder, 'logs', 'snapshots'))).toEqual(['a.json']);
});

test('M01 half of a character, which somebody else wrote, does not make a file differ for ever', async () => {
  expect(await writeFile(folder, 'a', 'x\ud83d')).toBe(true);
  expect(await writeFile(folder, 'a', 'x\ud83d')).toBe(false);
});

test('M01 the file and then its folder are told to the disk, around the moment that it takes its place', async () => {
  const steps: string[] = [];
  const disk: Disk = {
    ...fs,
    async open(path, ...more) {
      const file = await fs.open(path, ...more);
      const sync = file.sync.bind(file);
      vi.spyOn(file, 'sync').mockImplementation(async () => {
        steps.push(`sync ${path === folder ? 'folder' : 'file'}`);
        await sync();
      });
      return file;
    },
    async rename(from, to) {
      steps.push('rename');
      await fs.rename(from, to);
    },
  };
  await writeFile(folder, 'a', 'text', disk);
  expect(steps).toEqual(['sync file', 'rename', 'sync folder']);
});

test('M01 what could not be written leaves the old file and nothing beside it, and says why', async () => {
  const path = join(folder, 'a');
  writeFileSync(path, 'old');
  const rename = async () => Promise.reject(Object.assign(new Error('no'), { code: 'EIO' }));
  await expect(writeFile(folder, 'a', 'new', { ...fs, rename })).rejects.toThrow(
    `Cannot write ${path}: EIO. Free space, or let this user write there.`,
  );
  expect(readdirSync(folder)).toEqual(['a']);
  expect(readFileSync(path, 'utf8')).toBe('old');
});

test('M01 what a killed process left half written goes, and nothing that only looks like it', async () => {
  const names = ['.a.json.partial-00ff00ff', 'a.json', '.a.json.partial-xyz', 'a.json.partial-00ff00ff', '.gitignore'];
  for (const name of names) writeFileSync(join(folder, name), '');
  await removePartial(folder, '.');
  expect(readdirSync(folder).sort()).toEqual(names.slice(1).sort());
  await removePartial(folder, 'none');
});

test('M01 where people and the service write in one folder, all that is made in it is for both; else it is for both to read', async () => {
  const mask = process.umask(0o077);
  try {
    for (const [name, mode] of [
      ['own', 0o755],
      ['shared', 0o2775],
    ] as const) {
      mkdirSync(join(folder, name));
      chmodSync(join(folder, name), mode);
      await writeFile(join(folder, name), 'docs/errors/a.md', 'a');
      expect(statSync(join(folder, name, 'docs', 'errors')).mode & 0o7777).toBe(mode);
      expect(statSync(join(folder, name, 'docs', 'errors', 'a.md')).mode & 0o777).toBe(mode & 0o664);
    }
  } finally {
    process.umask(mask);
  }
});

test('M01 a link below the root is not followed, to read or to write or to tidy up; the root itself may be one', async () => {
  const [root, outside] = [join(folder, 'root'), join(folder, 'outside')];
  for (const one of [root, outside]) mkdirSync(one);
  const half = '.a.partial-00ff00ff';
  for (const name of ['secret', half]) writeFileSync(join(outside, name), 'secret');
  symlinkSync('../outside/secret', join(root, 'MEMORY.md'));
  symlinkSync('../outside', join(root, 'docs'));
  symlinkSync('../nowhere', join(root, 'logs'));
  const file = `Cannot use ${join(root, 'MEMORY.md')}: it is a link. Put a file there.`;
  const docs = `Cannot use ${join(root, 'docs')}: it is a link. Put a folder there.`;
  await expect(textOf(root, 'MEMORY.md')).rejects.toThrow(file);
  await expect(writeFile(root, 'MEMORY.md', 'ours')).rejects.toThrow(file);
  await expect(writeFile(root, 'docs/errors/a.md', 'ours')).rejects.toThrow(docs);
  await expect(namesIn(root, 'docs')).rejects.toThrow(docs);
  await expect(removePartial(root, 'docs')).rejects.toThrow(docs);
  await expect(writeFile(root, 'logs/a.json', 'ours')).rejects.toThrow(/logs: it is a link\. Put a folder there\.$/);
  expect(readdirSync(outside).sort()).toEqual([half, 'secret']);
  expect(readdirSync(folder).sort()).toEqual(['outside', 'root']);
  symlinkSync('root', join(folder, 'by-link'));
  expect(await writeFile(join(folder, 'by-link'), 'memory/a.md', 'ours')).toBe(true);
  expect(readFileSync(join(root, 'memory', 'a.md'), 'utf8')).toBe('ours');
});

test('M01 a link that took the place of a file since it was looked at is not followed', async () => {
  writeFileSync(join(folder, 'secret'), 'secret');
  symlinkSync('secret', join(folder, 'a'));
  const lstat = (async () => statSync(join(folder, 'secret'))) as unknown as Disk['lstat'];
  await expect(textOf(folder, 'a', { ...fs, lstat })).rejects.toThrow(/ELOOP/);
});
