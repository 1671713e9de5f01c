import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { choiceSecrets, secrets } from '../place.ts';
import { groupOf, prepare, readingGroups, userOf } from './prepare.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fleetscope-prepare-'));
  mkdirSync(join(folder, 'secrets'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The program as the container runs it, but for whose things are: that only root may say. @returns whose they were made, in order */
function run(): string[] {
  const told = join(folder, 'told');
  const here = `chown() { echo "$*" >> ${told}; }\n${prepare.replaceAll('/mnt/', `${folder}/`)}`;
  execFileSync('/bin/sh', ['-ec', here], { stdio: 'pipe' });
  const lines = readFileSync(told, 'utf8').trim().split('\n');
  rmSync(told);
  return lines;
}

const modeOf = (name: string) => (statSync(join(folder, 'secrets', name)).mode & 0o777).toString(8);

test('X01 a secret that its owner alone reads is open to no group, others to one', () => {
  run();
  for (const [name, readers] of Object.entries({ ...secrets, ...choiceSecrets }))
    expect([name, modeOf(name)]).toEqual([name, readers.length > 1 ? '440' : '400']);
});

test('X01 one that was open to a group is closed at the next start, and says what it said', () => {
  run();
  const path = join(folder, 'secrets', 'elasticsearch-password');
  const said = readFileSync(path, 'utf8');
  chmodSync(path, 0o440);
  // As its owner: who runs this may change the mode of nothing that is another's.
  expect(run().filter((line) => line.endsWith('elasticsearch-password'))).toEqual([
    '0:0 elasticsearch-password',
    '1000:1000 elasticsearch-password',
  ]);
  expect([modeOf('elasticsearch-password'), readFileSync(path, 'utf8')]).toEqual(['400', said]);
  // Who reads it meanwhile is not disturbed by the one after.
  expect(run().filter((line) => line.endsWith('elasticsearch-password'))).toEqual(['1000:1000 elasticsearch-password']);
});

test('X01 the ledger, which has the user of the memory, reads none of its secrets', () => {
  expect(userOf.monitor).toBe(userOf.memory);
  expect(run()).toContain(`${userOf.escalation}:${groupOf.memory} escalation-api-token`);
  const others = Object.entries(groupOf).filter(([part]) => part !== 'memory');
  for (const [part, group] of others) expect([part, group]).not.toEqual([part, groupOf.memory]);
  // That of root reads nothing: it may be whoever started the stack.
  expect(readingGroups.has(0)).toBe(false);
  expect(readingGroups.has(groupOf.memory)).toBe(true);
});
