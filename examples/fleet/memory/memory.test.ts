import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { Counts } from '../counts.ts';
import { Memory } from './memory.ts';
import { Pool } from './pool.ts';
import { similarity } from './similarity.ts';

vi.mock('@fleetscope/instrumentation', () => import('../../../instrumentation/src/fleet.ts'));

const folder = mkdtempSync(join(tmpdir(), 'fleet-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** By how often each of three letters occurs. */
const embed = async (text: string) => Float32Array.from(['a', 'b', 'c'], (letter) => text.split(letter).length - 1);

test('S10 notes are found by what they mean, best first, and the oldest are forgotten', async () => {
  const memory = new Memory(join(folder, 'notes.sqlite'), { counts: new Counts(), embed }, 3);
  await memory.open();
  expect(await memory.recall('a')).toEqual([]);
  for (const text of ['aaaa', 'bbbb', 'aab', 'c']) await memory.remember('QA', text);
  const found = await memory.recall('aab', 2);
  expect(found.map(({ text }) => text)).toEqual(['aab', 'bbbb']);
  expect(found[0]?.similarity).toBeCloseTo(1);
  expect((await memory.recall('a', 9)).map(({ text }) => text)).not.toContain('aaaa');
  memory.close();
});

test('S10 the same direction is 1, nothing in common is 0', () => {
  const vector = (...values: number[]) => Float32Array.from(values);
  expect(similarity(vector(1, 2), vector(2, 4))).toBeCloseTo(1);
  expect(similarity(vector(1, 0), vector(0, 1))).toBe(0);
  expect(similarity(vector(1, 0), vector(-1, 0))).toBe(0);
  expect(similarity(vector(0, 0), vector(1, 1))).toBe(0);
});

test('T08 who finds no connection free waits for one, also when the work of another fails', async () => {
  const pool = new Pool('test', join(folder, 'pool.sqlite'), 1);
  const steps: string[] = [];
  const held = Promise.withResolvers<void>();
  const first = pool.use(async () => {
    steps.push('first begins');
    await held.promise;
    throw new Error('first fails');
  });
  const second = pool.use(() => steps.push('second'));
  await new Promise(setImmediate);
  expect(steps).toEqual(['first begins']);
  held.resolve();
  await expect(first).rejects.toThrow('first fails');
  await second;
  expect(steps).toEqual(['first begins', 'second']);
  pool.close();
});
