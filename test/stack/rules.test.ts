import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { execa } from 'execa';
import { load } from 'js-yaml';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { scaled } from '../../prometheus/kit/scale.ts';
import { repository } from '../../scripts/twins.ts';
import { yaml } from '../../twin.ts';
import { type ProofFile, survivors } from './mutation.ts';
import { mutantsOf, type RuleInFile } from './rule-mutants.ts';
import { programs } from './stack.ts';

// What Prometheus loads, not what it was made from: a mistake in the files alone must be seen too.
const folder = join(repository, 'prometheus');
const groups = namesIn('proofs');

const temporary = mkdtempSync(join(tmpdir(), 'fleetscope-rules-'));
let promtool: string;

beforeAll(async () => {
  promtool = join(dirname((await programs()).prometheus?.program as string), 'promtool');
});

afterAll(() => rmSync(temporary, { recursive: true }));

test('A01 every file of rules has a file of cases', () => {
  expect(groups.length).toBeGreaterThan(5);
  expect(groups).toEqual(namesIn('rules'));
});

describe.each(groups)('%s', (name) => {
  test('A01 promtool finds nothing to say about the rules', async () => {
    expect(await verdict('check', 'rules', '--lint=all', '--lint-fatal', file('rules', name))).toEqual('');
  });

  test('A01 scaled for a test on a real clock they are rules still', async () => {
    const scaledFile = join(temporary, `${name}.yml`);
    const rules = load(readFileSync(file('rules', name), 'utf8')) as Parameters<typeof scaled>[0];
    writeFileSync(scaledFile, yaml(scaled(rules, 60)));
    expect(await verdict('check', 'rules', '--lint=all', '--lint-fatal', scaledFile)).toEqual('');
  });

  test('A01 every case holds', async () => {
    expect(await verdict('test', 'rules', file('proofs', name))).toEqual('');
  });
});

test('A20 a case fails for every mutant of every rule', { timeout: 2_400_000 }, async () => {
  const rules = groups.flatMap((name) =>
    (load(readFileSync(file('rules', name), 'utf8')) as { groups: { rules: RuleInFile[] }[] }).groups.flatMap(
      (group) => group.rules,
    ),
  );
  const proofs = groups.map((name) => load(readFileSync(file('proofs', name), 'utf8')) as ProofFile);
  const mutation = { promtool, rules, proofs };

  const unchanged = rules.map((rule) => ({ rule, mutant: rule }));
  const unharmed = await survivors(mutation, unchanged, 1);
  expect(unharmed.map(({ rule }) => nameOf(rule)).sort()).toEqual(rules.map(nameOf).sort());

  const mutants = rules.flatMap((rule) =>
    mutantsOf(rule).map(({ change, rule: mutant }) => ({ rule, mutant, change })),
  );
  const alive = new Set(await survivors(mutation, mutants));
  console.log(`${mutants.length - alive.size} of ${mutants.length} mutants killed`);
  expect(mutants.filter((each) => alive.has(each)).map(({ rule, change }) => `${nameOf(rule)}: ${change}`)).toEqual([]);
});

/** Nothing, or what promtool complains of. */
async function verdict(...args: string[]): Promise<string> {
  const { exitCode, all } = await execa(promtool, args, { reject: false, all: true });
  return exitCode === 0 ? '' : all;
}

function nameOf({ alert, record, labels }: RuleInFile): string {
  return alert ? `${alert} ${labels?.severity}` : (record as string);
}

function file(kind: 'rules' | 'proofs', name: string): string {
  return join(folder, kind, `${name}.yml`);
}

function namesIn(kind: 'rules' | 'proofs'): string[] {
  return globSync(`${kind}/*.yml`, { cwd: folder })
    .map((path) => basename(path, '.yml'))
    .sort();
}
