/** Runs promtool's cases on mutants of rules: which mistakes would nobody notice? */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { yaml } from '../../twin.ts';
import type { RuleInFile } from './rule-mutants.ts';

/** A file of proofs. */
export interface ProofFile {
  readonly evaluation_interval: string;
  readonly tests: readonly { readonly name: string }[];
}

export interface Attempt {
  readonly rule: RuleInFile;
  /** What stands in its place. */
  readonly mutant: RuleInFile;
}

export interface Mutation {
  promtool: string;
  /** Every rule there is, in the order of evaluation. */
  rules: readonly RuleInFile[];
  proofs: readonly ProofFile[];
}

/** The attempts that no case notices; `rounds`: with how many of a rule's cases each is tried. Default: all. */
export async function survivors(
  mutation: Mutation,
  attempts: readonly Attempt[],
  rounds = Number.POSITIVE_INFINITY,
): Promise<Attempt[]> {
  const home = mkdtempSync(join(tmpdir(), 'fleetscope-mutants-'));
  try {
    let alive = attempts.map((attempt, at) => {
      const folder = join(home, String(at));
      mkdirSync(folder);
      const rules = closure(mutation.rules, attempt.rule).map((rule) =>
        rule === attempt.rule ? attempt.mutant : rule,
      );
      writeFileSync(join(folder, 'rules.yml'), yaml({ groups: [{ name: 'mutant', rules }] }));
      return { attempt, file: join(folder, 'cases.yml'), cases: casesOf(mutation, attempt.rule) };
    });
    // One case after the other: nearly every mistake shows in the first, and the long histories need not be played for it.
    for (let round = 0; round < rounds && alive.some(({ cases }) => cases[round]); round++) {
      const tried = alive.filter(({ cases }) => cases[round]);
      for (const { file, cases } of tried) {
        writeFileSync(file, yaml({ rule_files: ['rules.yml'], fuzzy_compare: true, ...cases[round] }));
      }
      const passed = await passing(
        mutation.promtool,
        tried.map(({ file }) => file),
      );
      alive = alive.filter((each) => !tried.includes(each) || passed.has(each.file));
    }
    return alive.map(({ attempt }) => attempt);
  } finally {
    rmSync(home, { recursive: true });
  }
}

/** The test files of which promtool says that every case holds. */
async function passing(promtool: string, files: readonly string[]): Promise<Set<string>> {
  const passed = new Set<string>();
  const waiting = [...files];
  const worker = async () => {
    for (let some = waiting.splice(0, 20); some.length > 0; some = waiting.splice(0, 20)) {
      const report = `${some[0]}.xml`;
      await execa(promtool, ['test', `--junit=${report}`, 'rules', ...some], {
        reject: false,
        env: { GOMAXPROCS: '1' },
      });
      const clean = /<testsuite name="([^"]+)" tests="[1-9]\d*" failures="0" errors="0"/g;
      for (const [, file] of readFileSync(report, 'utf8').matchAll(clean)) passed.add(file as string);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return passed;
}

/** A rule, what it rests on, the alerts that rest on it, and their other levels: what its cases need. */
function closure(rules: readonly RuleInFile[], rule: RuleInFile): RuleInFile[] {
  const needed = new Set(usersOf(rules, rule));
  for (const each of needed) for (const other of rules) if (each.alert && other.alert === each.alert) needed.add(other);
  for (const each of needed)
    for (const other of rules) if (other.record && names(each, other.record)) needed.add(other);
  return rules.filter((each) => needed.has(each));
}

function usersOf(rules: readonly RuleInFile[], rule: RuleInFile): RuleInFile[] {
  const users = new Set<RuleInFile>([rule]);
  for (const each of users) for (const other of rules) if (each.record && names(other, each.record)) users.add(other);
  return [...users];
}

function names({ expr }: RuleInFile, record: string): boolean {
  return new RegExp(`(?<![\\w:])${record}(?![\\w:])`).test(expr);
}

/** The cases of a rule, and of what rests on it, as files of one: their names begin with its own. */
function casesOf({ rules, proofs }: Mutation, rule: RuleInFile): ProofFile[] {
  const prefixes = usersOf(rules, rule).map(({ alert, record, labels }) =>
    alert ? `${alert} ${labels?.severity}: ` : `${record}: `,
  );
  return proofs.flatMap(({ evaluation_interval, tests }) =>
    tests
      .filter(({ name }) => prefixes.some((prefix) => name.startsWith(prefix)))
      .map((each) => ({ evaluation_interval, tests: [each] })),
  );
}
