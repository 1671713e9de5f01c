import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { identify, isAlive, readState, type State, writeState } from './state.ts';

const state: State = {
  engine: 'native',
  profile: 'laptop',
  startedAt: '2026-11-21T12:00:00Z',
  ports: {},
  components: {},
};

test('P02 a state is read as it was written; a home without one has none; a foreign one is refused', () => {
  const home = mkdtempSync(join(tmpdir(), 'fleetscope-state-'));
  expect(readState(home)).toBeUndefined();
  writeState(home, state);
  expect(readState(home)).toEqual(state);
  writeFileSync(join(home, 'state.json'), '{"engine":"steam"}');
  expect(() => readState(home)).toThrow(/Cannot read .*state\.json/);
  rmSync(home, { recursive: true });
});

test('P02 a process is alive until it ends, and another of the same number is not it', async () => {
  const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)']);
  const pid = identify(child.pid as number);
  expect(isAlive(pid)).toBe(true);
  expect(isAlive({ pid: child.pid as number, bornAt: 'another time' })).toBe(false);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
  expect(isAlive(pid)).toBe(false);
});
