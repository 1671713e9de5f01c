import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { commands } from './commands.ts';
import { selfTest } from './self-test.ts';

const repository = join(import.meta.dirname, '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'fleetscope-self-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function run(program: string, output: string) {
  const lines: string[] = [];
  const isWhole = await selfTest({ program, output, line: (text) => lines.push(text) });
  return { isWhole, lines };
}

test('R04 the self-test runs every command, and leaves database and export', { timeout: 120_000 }, async () => {
  const output = join(folder, 'real');
  const { isWhole, lines } = await run(join(repository, 'scripts', 'monitor.ts'), output);
  expect([isWhole, lines.at(-1), lines.filter((line) => !line.startsWith('ok  ')).length]).toEqual([
    true,
    'Every command works.',
    1,
  ]);
  const tried = new Set(lines.map((line) => line.split(/\s+/)[1]));
  expect(commands.map(({ usage }) => usage.split(' ')[0]).filter((name) => !tried.has(name))).toEqual([]);
  expect(JSON.parse(readFileSync(join(output, 'export.json'), 'utf8'))).toHaveLength(4);
  expect(existsSync(join(output, 'ledger.db'))).toBe(true);
  await expect(run('', output)).rejects.toThrow('it has a ledger.db. Name another folder: --output.');
});

test('R04 the self-test of commands that say nothing fails, and names them', { timeout: 120_000 }, async () => {
  const silent = join(folder, 'silent.mjs');
  writeFileSync(
    silent,
    `import { writeFileSync } from 'node:fs';
    const output = process.argv.indexOf('--output');
    if (output > 0) writeFileSync(process.argv[output + 1], '[]');`,
  );
  const { isWhole, lines } = await run(silent, join(folder, 'silent'));
  expect(isWhole).toBe(false);
  expect(lines.slice(0, 2)).toEqual([
    'FAILED  list',
    expect.stringMatching(/ended with 0 instead of 0, or did not say/),
  ]);
  expect(lines).toContain('FAILED  export.json has 0 runs instead of 4');
  expect(lines.at(-1)).toMatch(/^\d\d of the steps failed\.$/);
});

test('R04 the workflow runs tests and self-test, and keeps what they leave for seven days', () => {
  const { on, jobs } = parse(readFileSync(join(repository, '.github', 'workflows', 'monitor.yml'), 'utf8'));
  expect(Object.keys(on)).toEqual(['push', 'pull_request', 'workflow_dispatch', 'workflow_call']);
  const steps = jobs.ledger.steps as { run?: string; uses?: string; if?: string; with?: Record<string, unknown> }[];
  const runs = steps.flatMap(({ run }) => run?.trim().split('\n') ?? []);
  expect(runs).toEqual(
    expect.arrayContaining([
      ...['npm test -- unit monitor', 'npm test -- process monitor'],
      'npm run monitor -- self-test --output ledger',
    ]),
  );
  const upload = steps.find(({ uses }) => uses?.startsWith('actions/upload-artifact@'));
  expect(upload).toMatchObject({ if: 'always()', with: { path: 'ledger/', 'retention-days': 7 } });
  // What a caller gives never becomes part of a script.
  expect(runs.filter((line) => line.includes('${{'))).toEqual([]);
  const named = runs.flatMap((line) => /npm run monitor -- (\S+)/.exec(line)?.[1] ?? []);
  const known = [...commands.map(({ usage }) => usage.split(' ')[0]), 'self-test'];
  expect(named.filter((name) => !known.includes(name))).toEqual([]);
});
