import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { composeFile } from './docker.ts';
import { execArgs, execIn } from './exec.ts';
import { isOnDocker } from './running-engine.ts';

const folder = mkdtempSync(join(tmpdir(), 'fleetscope-exec-'));
afterAll(() => rmSync(folder, { recursive: true }));

const program = ['node', 'monitor.js', 'list', '--status=failed', '--'];

test('R01 docker is told of this compose.yml, and of no terminal where there is none', () => {
  expect(existsSync(composeFile)).toBe(true);
  const env = { PATH: '/bin', HOME: '/home/ana', FLEETSCOPE_HOME: '/home/ana/.fleetscope' };
  expect(execArgs('monitor', program, { env })).toEqual([
    ...['compose', '--file', composeFile, 'exec', '--no-TTY', 'monitor', ...program],
  ]);
});

test('R01 a terminal keeps its width and its colours, and nothing else of the environment goes in', () => {
  const env = { TERM: 'xterm-256color', NO_COLOR: '1', COLUMNS: '7', NODE_OPTIONS: '--inspect', PATH: '/bin' };
  const told = ['--env', 'COLUMNS=120', '--env', 'TERM=xterm-256color', '--env', 'NO_COLOR=1'];
  expect(execArgs('monitor', program, { env, terminal: { columns: 120 } })).toEqual([
    ...['compose', '--file', composeFile, 'exec', ...told, 'monitor', ...program],
  ]);
});

test('R01 where docker is not installed, the error says what to do', async () => {
  const asked = execIn('monitor', program, { env: { PATH: folder }, take: async () => true });
  await expect(asked).rejects.toThrow(
    'Cannot ask monitor: its container does not run. Start it: npm run up. (docker is not installed)',
  );
});

test('R01 a home is on Docker when the last "up" was, and is not where nothing ran or the file is broken', () => {
  const state = (text: string) => writeFileSync(join(folder, 'state.json'), text);
  expect(isOnDocker(folder)).toBe(false);
  state('{"engine":"docker"}');
  expect(isOnDocker(folder)).toBe(true);
  state('{"engine":"native"}');
  expect(isOnDocker(folder)).toBe(false);
  state('{');
  expect(isOnDocker(folder)).toBe(false);
});
