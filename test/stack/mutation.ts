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
  readonly tests: readonly Case[];
}

interface Case {
  readonly name: string;
  readonly input_series: readonly { readonly series: string }[];
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
      return { attempt, folder, file: join(folder, 'cases.yml'), trials: trialsOf(mutation, attempt.rule) };
    });
    // One case after the other: nearly every mistake shows in the first, and the long histories need not be played for it.
    for (let round = 0; round < rounds && alive.some(({ trials }) => trials[round]); round++) {
      const tried = alive.filter(({ trials }) => trials[round]);
      for (const { attempt, folder, file, trials } of tried) {
        const { rules, proof } = trials[round] as Trial;
        const mutated = rules.map((rule) => (rule === attempt.rule ? attempt.mutant : rule));
        writeFileSync(join(folder, 'rules.yml'), yaml({ groups: [{ name: 'mutant', rules: mutated }] }));
        writeFileSync(file, yaml({ rule_files: ['rules.yml'], fuzzy_compare: true, ...proof }));
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

/** A case, in a file of its own, and the rules that it needs. */
interface Trial {
  readonly rules: readonly RuleInFile[];
  readonly proof: ProofFile;
}

/** The cases of a rule, its own first, then those of what rests on it. A case's name begins with that of its rule. */
function trialsOf({ rules, proofs }: Mutation, rule: RuleInFile): Trial[] {
  return usersOf(rules, rule).flatMap((user) => {
    const prefix = user.alert ? `${user.alert} ${user.labels?.severity}: ` : `${user.record}: `;
    return proofs.flatMap(({ evaluation_interval, tests }) =>
      tests
        .filter(({ name }) => name.startsWith(prefix))
        .map((each) => ({ rules: needs(rules, user, each), proof: { evaluation_interval, tests: [each] } }))
        .filter((trial) => trial.rules.includes(rule)),
    );
  });
}

/** What a case of a rule needs: the rule, its other levels, and what they rest on that can have an answer in it. */
function needs(rules: readonly RuleInFile[], rule: RuleInFile, { input_series }: Case): RuleInFile[] {
  const there = new Set(input_series.map(({ series }) => series.slice(0, series.indexOf('{'))));
  // In the order of evaluation: what a recording rests on is before it.
  const answering = rules.filter(({ record, expr }) => {
    if (!record || ![...there, 'vector', 'absent', 'time'].some((name) => names({ expr }, name))) return false;
    return there.add(record);
  });
  const needed = new Set([rule, ...rules.filter(({ alert }) => alert !== undefined && alert === rule.alert)]);
  for (const each of needed) {
    for (const other of answering) if (names(each, other.record as string)) needed.add(other);
  }
  return rules.filter((each) => needed.has(each));
}

/** A rule and all that rests on it, near ones first. */
function usersOf(rules: readonly RuleInFile[], rule: RuleInFile): RuleInFile[] {
  const users = new Set<RuleInFile>([rule]);
  for (const each of users) for (const other of rules) if (each.record && names(other, each.record)) users.add(other);
  return [...users];
}

function names({ expr }: Pick<RuleInFile, 'expr'>, record: string): boolean {
  return new RegExp(`(?<![\\w:])${record}(?![\\w:])`).test(expr);
}
