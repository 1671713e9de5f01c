import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { findChromium } from './browser.ts';
import { widthsIn } from './screenshots.ts';
import { messageOf } from './take.ts';

const folder = mkdtempSync(join(tmpdir(), 'fleetscope-chromium-'));
afterAll(() => rmSync(folder, { recursive: true }));

function program(name: string, mode = 0o755): string {
  const path = join(folder, name);
  writeFileSync(path, '');
  chmodSync(path, mode);
  return path;
}

test('D19 the browser is the one that is named, or one on PATH', () => {
  const chrome = program('google-chrome');
  expect(findChromium({ PATH: `/nowhere:${folder}` })).toBe(chrome);
  const chromium = program('chromium');
  expect(findChromium({ PATH: folder })).toBe(chromium);
  expect(findChromium({ PATH: folder, FLEETSCOPE_CHROMIUM: chrome })).toBe(chrome);
});

test('D19 without a browser the error says how to get one', () => {
  expect(() => findChromium({ PATH: '/nowhere' })).toThrow(
    /^Cannot take pictures: no chromium on PATH\. Install one .* FLEETSCOPE_CHROMIUM\.$/,
  );
  expect(() => findChromium({})).toThrow('no chromium on PATH');
  const env = { PATH: folder, FLEETSCOPE_CHROMIUM: program('text', 0o644) };
  expect(() => findChromium(env)).toThrow(/FLEETSCOPE_CHROMIUM=".*text" is no program/);
});

test('D19 widths are those of windows', () => {
  expect(widthsIn('1600,420')).toEqual([1600, 420]);
  for (const text of ['', '1600,', '100', '1600px', '5000']) expect(() => widthsIn(text)).toThrow(RangeError);
});

test('D19 of a query that failed the message is told, however it is wrapped', () => {
  expect(messageOf('{"results":{"A":{"error":"parse error","status":400}}}')).toBe('parse error');
  expect(messageOf('{"message":"no such data source"}')).toBe('no such data source');
  expect(messageOf('<html>bad gateway')).toBe('<html>bad gateway');
});
