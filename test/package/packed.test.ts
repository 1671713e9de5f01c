import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { copies, nodeOf, npm, oldestNode, type Packed, packed, project } from './installed.ts';

const copy = mkdtempSync(join(tmpdir(), 'fleetscope-published-'));
afterAll(() => rmSync(copy, { recursive: true }));

const programs = join(import.meta.dirname, '../../node_modules/.bin');

let tarball: Packed;
let folder: string;
beforeAll(async () => {
  tarball = await packed();
  folder = await project('alone');
});

const modules = () => join(folder, 'node_modules');
const own = () => join(modules(), '@fleetscope/instrumentation');

describe('I01 what is published', () => {
  test('I01 holds what runs, its types, its README and all licences, and nothing of how it was made', () => {
    const paths = tarball.paths.filter((path) => !/^dist\/types(-cjs)?\/.*\.d\.c?ts$/.test(path));
    expect(paths.filter((path) => !/^dist\/[\w-]+\.c?js$/.test(path)).sort()).toEqual([
      'LICENSE',
      'README.md',
      'dist/THIRD_PARTY_LICENSES',
      'dist/types-cjs/package.json',
      'package.json',
    ]);
    expect(
      tarball.paths.filter((path) => /\.test\.|\.map$|\/testing\/|\.ts$(?<!\.d\.ts)(?<!\.d\.cts)/.test(path)),
    ).toEqual([]);
  });

  test('I01 is half a megabyte to download and little more than two on disk', () => {
    expect(tarball.sizeBytes).toBeLessThan(600_000);
    expect(tarball.unpackedBytes).toBeLessThan(3_000_000);
  });

  test('I01 holds no path of the machine that built it', () => {
    const texts = readdirSync(own(), { recursive: true, encoding: 'utf8', withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    const repository = join(import.meta.dirname, '../..');
    expect(texts.filter((path) => readFileSync(path, 'utf8').includes(repository))).toEqual([]);
    expect(texts.length).toBe(tarball.paths.length);
  });
});

test.concurrent('I01 it installs under engine-strict, with one copy of each package of OpenTelemetry', async () => {
  const found = copies(modules());
  expect([...found].filter(([, at]) => at.length > 1)).toEqual([]);
  expect(found.has('@opentelemetry/api')).toBe(true);
  // The same look at a tree in which an app has brought another one.
  const nested = join(copy, 'nested');
  for (const at of ['', 'app/node_modules/']) {
    mkdirSync(join(nested, `${at}@opentelemetry/api`), { recursive: true });
    writeFileSync(join(nested, `${at}@opentelemetry/api/package.json`), '{}');
  }
  expect(copies(nested)).toEqual(new Map([['@opentelemetry/api', ['', 'app/node_modules']]]));
  const { stdout } = await npm(['ls', '--all', '--json'], folder);
  expect(JSON.parse(stdout).problems).toBeUndefined();
});

test.concurrent(`I01 npm under Node ${oldestNode} installs it under engine-strict, and refuses what asks for more`, async () => {
  const node = await nodeOf(oldestNode);
  const at = await project('oldest', [], node);
  expect(readdirSync(join(at, 'node_modules/@fleetscope'))).toEqual(['instrumentation']);
  const demanding = join(at, 'demanding');
  mkdirSync(demanding);
  writeFileSync(
    join(demanding, 'package.json'),
    JSON.stringify({ name: 'demanding', version: '1.0.0', engines: { node: '>=22.15.1' } }),
  );
  await expect(npm(['install', './demanding', '--engine-strict'], at, node)).rejects.toThrow('EBADENGINE');
});

describe('I01 its entries resolve, with their types, for every tool that publint and attw know', () => {
  /** A copy of the installed package in which one line of package.json is another. */
  function broken(name: string, from: string, to: string): string {
    const at = join(copy, name);
    cpSync(own(), at, { recursive: true });
    const file = join(at, 'package.json');
    const text = readFileSync(file, 'utf8');
    expect(text).toContain(from);
    writeFileSync(file, text.replace(from, to));
    return at;
  }
  const publint = (at: string) =>
    execa(join(programs, 'publint'), ['--strict', '--pack', 'false', at], { reject: false, all: true });
  // Node has read `exports` since 12; the resolution before that is not asked for.
  const attw = (args: string[]) =>
    execa(join(programs, 'attw'), ['--profile', 'node16', '--no-emoji', ...args], { reject: false, all: true });

  test.concurrent('I01 publint --strict', async () => {
    expect(await publint(own())).toMatchObject({ exitCode: 0, all: expect.stringContaining('All good!') });
    const wrong = broken('publint', '"./dist/fleet.cjs"', '"./dist/flat.cjs"');
    expect(await publint(wrong)).toMatchObject({ exitCode: 1, all: expect.stringContaining('flat.cjs') });
  });

  test.concurrent('I01 attw', async () => {
    expect(await attw([tarball.tarball])).toMatchObject({ exitCode: 0 });
    const wrong = broken('attw', '"./dist/types-cjs/fleet.d.ts"', '"./dist/types/fleet.d.ts"');
    expect(await attw(['--pack', wrong])).toMatchObject({
      exitCode: 1,
      all: expect.stringContaining('Masquerading as ESM'),
    });
  });
});
