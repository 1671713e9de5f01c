import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { askInside, type RunInside } from './perform-inside.ts';

test('M06 in a container the same line is asked, and its exit code is ours', async () => {
  const lines: (readonly string[])[] = [];
  const run: RunInside = async (line) => lines.push(line) * 0 + 1;
  const asked = { name: 'ask why', args: ['--odd id'], options: { json: true, format: 'csv', db: undefined } } as const;
  expect(await askInside(asked, run, () => {})).toBe(1);
  expect(lines).toEqual([['ask', 'why', '--json', '--format=csv', '--', '--odd id']]);
  // What the service does there by itself.
  await expect(askInside({ name: 'snapshot', args: [], options: {} }, run, () => {})).rejects.toThrow(
    /^Cannot do "snapshot" from here: .* --db <file>\.$/,
  );
  await expect(askInside({ name: 'rephrase', args: [], options: {} }, run, () => {})).rejects.toThrow(
    /^Cannot rephrase from here: the memory is in a container/,
  );
});

test('M06 a report from a container is a file here; without a whole one there is none', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fleetscope-inside-'));
  const output = join(folder, 'january.html');
  const asked = { name: 'report', args: [], options: { month: '2026-01', output } };
  const told: string[] = [];
  const run =
    (ended: number): RunInside =>
    async (line, take) => {
      expect(line).toEqual(['report', '--month=2026-01', '--']);
      await take?.('<!doc');
      await take?.(Buffer.from('type html>'));
      return ended;
    };
  expect(await askInside(asked, run(1), (line) => told.push(line))).toBe(1);
  expect(() => readFileSync(output)).toThrow();
  expect(await askInside(asked, run(0), (line) => told.push(line))).toBe(0);
  expect([readFileSync(output, 'utf8'), told]).toEqual(['<!doctype html>', [`Wrote ${output}.`]]);
  rmSync(folder, { recursive: true });
});
