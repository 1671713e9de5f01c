import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { portSettings } from '../place.ts';
import { type Choice, choices } from '../stack.ts';
import { down } from './down.ts';
import { reporter } from './progress.ts';
import { readState } from './state.ts';
import { bringUp } from './up.ts';

let folder: string;
let home: string;
let env: NodeJS.ProcessEnv;

/** In place of the engine: it answers, and writes down what it was told. */
const stand = `#!/bin/sh
[ "$1 $2" = "compose --file" ] || exit 0
shift 3
echo "\${COMPOSE_PROFILES-unset}: $*" >> "\${0%/*}/told"
`;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fleetscope-left-'));
  home = join(folder, 'home');
  const bin = join(folder, 'bin');
  for (const one of [home, bin]) mkdirSync(one);
  writeFileSync(join(bin, 'docker'), stand);
  chmodSync(join(bin, 'docker'), 0o755);
  env = { PATH: `${bin}:${process.env.PATH}` };
});
afterEach(() => rmSync(folder, { recursive: true }));

const up = (...chosen: Choice[]) =>
  bringUp({
    ...{ engine: 'docker', home, profile: 'laptop', with: chosen, env },
    portOf: (setting) => portSettings.get(setting)?.default as number,
    report: reporter(process.stderr),
    signal: new AbortController().signal,
  });

/** What Compose was told since it was asked last, each with the profiles it had. */
function told(): string[] {
  const file = join(folder, 'bin', 'told');
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  rmSync(file);
  return lines;
}

const start = 'up --build --detach --wait --wait-timeout 180';

test('P07 a store that is not chosen any more is stopped and removed before the next start, one that is stays', async () => {
  await up('jaeger', 'elasticsearch');
  expect(told()).toEqual([`elasticsearch,jaeger: ${start}`]);
  await up('elasticsearch');
  expect(told()).toEqual(['jaeger: rm --stop --force jaeger', `elasticsearch: ${start}`]);
  await up('elasticsearch');
  expect(told()).toEqual([`elasticsearch: ${start}`]);
  await up();
  expect(told()).toEqual(['elasticsearch: rm --stop --force elasticsearch', `unset: ${start}`]);
  expect(readState(home)?.chosen).toEqual([]);
});

test('P07 down stops what any profile started, whatever the last start had', async () => {
  await up();
  told();
  expect(await down({ home, volumes: false, env, notice: () => {} })).toBe(true);
  expect(told()).toEqual([`${[...choices].sort().join()}: down`]);
});
