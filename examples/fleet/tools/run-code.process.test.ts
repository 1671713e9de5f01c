import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runCode } from './run-code.ts';

const folder = mkdtempSync(join(tmpdir(), 'fleet-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

function run(name: string, text: string, { timeoutMs = 10_000, signal = new AbortController().signal } = {}) {
  writeFileSync(join(folder, name), text);
  return runCode(folder, name, { timeoutMs, signal });
}

test('S10 code that passes, that fails, that reads elsewhere, and that never ends', async () => {
  const [passes, fails, reads, hangs] = await Promise.all([
    run('passes.ts', 'const one: number = 1;\nif (one !== 1) throw new Error();'),
    run('fails.ts', "import assert from 'node:assert/strict';\nassert.equal(1, 2);"),
    run('reads.ts', "import { readFileSync } from 'node:fs';\nreadFileSync('/etc/hostname');"),
    run('hangs.ts', 'setInterval(() => {}, 1000);', { timeoutMs: 300 }),
  ]);
  expect(passes).toMatchObject({ passed: true, timedOut: false, denied: undefined, output: '' });
  expect(passes.usage?.cpuSeconds).toBeGreaterThan(0);
  expect(passes.usage?.peakMemoryBytes).toBeGreaterThan(1e6);
  expect(fails).toMatchObject({
    passed: false,
    denied: undefined,
    output: expect.stringMatching(/^AssertionError.*1 !== 2/s),
  });
  expect(reads).toMatchObject({ passed: false, denied: 'FileSystemRead /etc/hostname' });
  expect(hangs).toMatchObject({ passed: false, timedOut: true, output: 'it did not end within 300 ms' });
});

test('S10 a run that is called off ends', async () => {
  const stop = new AbortController();
  const running = run('called-off.ts', 'setInterval(() => {}, 1000);', { signal: stop.signal });
  stop.abort();
  await expect(running).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
});
