import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { lock, tryLock } from './lock.ts';

const folder = mkdtempSync(join(tmpdir(), 'fleetscope-lock-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('P02 a lock is had once, and again when released', () => {
  const path = join(folder, 'once');
  const first = tryLock(path);
  expect(first).toBeDefined();
  expect(tryLock(path)).toBeUndefined();
  first?.release();
  tryLock(path)?.release();
});

test('P02 a lock dies with its holder, however it dies', async () => {
  const path = join(folder, 'killed');
  const module = pathToFileURL(join(import.meta.dirname, 'lock.ts')).href;
  const code = `const { tryLock } = await import(${JSON.stringify(module)});
    globalThis.held = tryLock(${JSON.stringify(path)}); console.log('held'); setInterval(() => {}, 1000);`;
  const holder = spawn(process.execPath, ['--input-type=module', '-e', code]);
  await new Promise((resolve) => holder.stdout.once('data', resolve));
  expect(tryLock(path)).toBeUndefined();
  let waits = 0;
  const waiting = lock(path, () => waits++);
  holder.kill('SIGKILL');
  (await waiting).release();
  expect(waits).toBe(1);
});
