import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { buildFolder, cacheFolder, inspect, publish } from './cache.ts';

const cache = mkdtempSync(join(tmpdir(), 'fleetscope-cache-'));
afterAll(() => rmSync(cache, { recursive: true }));

test('P02 the cache is outside the checkout and can be moved', () => {
  expect(cacheFolder({ XDG_CACHE_HOME: '/somewhere' })).toBe('/somewhere/fleetscope');
  expect(cacheFolder({ XDG_CACHE_HOME: '/somewhere', FLEETSCOPE_CACHE: '/else' })).toBe('/else');
});

test('P02 each component and version has a folder of its own', () => {
  expect(buildFolder(cache, 'loki')).toMatch(/\/bin\/loki-\d+\.\d+\.\d+-[0-9a-f]{12}$/);
  expect(buildFolder(cache, 'loki')).not.toBe(buildFolder(cache, 'tempo'));
});

test('P02 a published binary is good, a changed one is damaged, none is missing', async () => {
  const folder = buildFolder(cache, 'loki');
  expect(await inspect(folder, 'loki')).toEqual({ state: 'missing' });
  const staging = join(cache, 'staging');
  mkdirSync(staging);
  mkdirSync(join(cache, 'bin'));
  writeFileSync(join(staging, 'loki'), 'a program');
  await publish(staging, folder, 'loki');
  expect(await inspect(folder, 'loki')).toEqual({ state: 'good' });
  writeFileSync(join(folder, 'loki'), 'a progrem');
  expect(await inspect(folder, 'loki')).toMatchObject({ state: 'damaged', why: expect.stringContaining('loki') });
  rmSync(join(folder, 'manifest.json'));
  expect(await inspect(folder, 'loki')).toMatchObject({ state: 'damaged' });
});
