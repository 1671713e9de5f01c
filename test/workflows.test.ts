/** The workflows of .github name scripts, commands, options and paths that exist. */
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { commands } from '../monitor/cli/commands.ts';
import { repository } from '../scripts/twins.ts';

interface Workflow {
  on: Record<string, { paths?: string[]; inputs?: Record<string, { type?: string; description?: string }> } | null>;
  jobs: Record<string, { steps?: Step[] }>;
}
interface Step {
  uses?: string;
  run?: string;
  if?: string;
  env?: Record<string, string>;
  with?: Record<string, unknown>;
}

const folder = join(repository, '.github', 'workflows');
const workflows = readdirSync(folder).map((name) => {
  const text = readFileSync(join(folder, name), 'utf8');
  const workflow = parse(text) as Workflow;
  const steps = Object.values(workflow.jobs).flatMap((job) => job.steps ?? []);
  const lines = steps.flatMap(({ run }) => run?.trim().split('\n') ?? []);
  return { name, text, workflow, steps, lines };
});
const { scripts } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};

test('R04 every line of every workflow is a script or a file that is there, and so are its paths', () => {
  expect(workflows.map(({ name }) => name)).toContain('monitor.yml');
  const wrong = workflows.flatMap(({ name, lines, workflow, text }) => [
    ...lines.filter((line) => !isThere(line)).map((line) => `${name}: ${line}`),
    ...Object.values(workflow.on)
      .flatMap((event) => event?.paths ?? [])
      .filter((path) => globSync(path, { cwd: repository }).length === 0)
      .map((path) => `${name}: ${path}`),
    // An input is somebody else's words: it never becomes a part of a script.
    ...lines.filter((line) => line.includes('${{')).map((line) => `${name}: ${line}`),
    ...[...text.matchAll(/docs\/\S+\.md/g)]
      .filter(([path]) => !existsSync(join(repository, path)))
      .map(([path]) => `${name}: ${path}`),
  ]);
  expect(wrong).toEqual([]);
  expect(['npm run no-such-script', 'bash no-such-file', 'no-such-program'].filter(isThere)).toEqual([]);
});

/** A script of package.json, a file of the repository, or a program of the machine that runs it. */
function isThere(line: string): boolean {
  const [, script] = /^npm (?:run )?([\w:-]+)/.exec(line) ?? [];
  if (script) return script in scripts;
  const [, file] = /^bash (\S+)/.exec(line) ?? [];
  return file ? existsSync(join(repository, file)) : /^sudo sysctl /.test(line);
}

test('R04 monitor.yml calls commands with options that they have, and inputs that are declared', () => {
  const { lines, steps, workflow, text } = workflows.find(
    ({ name }) => name === 'monitor.yml',
  ) as (typeof workflows)[0];
  const calls = lines.flatMap((line) => /^npm run monitor -- (\S+)(.*)/.exec(line)?.slice(1, 3) ?? []);
  const known = new Map(
    commands.map(({ usage, options = [] }) => [usage.split(' ')[0], options.map(([flags]) => flags)]),
  );
  known.set('self-test', ['--output <folder>']);
  const unknown: string[] = [];
  for (let i = 0; i < calls.length; i += 2) {
    const [command = '', rest = ''] = calls.slice(i, i + 2);
    if (!known.has(command)) unknown.push(command);
    for (const [option] of rest.matchAll(/--[\w-]+/g))
      if (!known.get(command)?.some((flags) => flags.split(/[ ,]/).includes(option)))
        unknown.push(`${command} ${option}`);
  }
  expect(unknown).toEqual([]);
  expect(calls.length).toBeGreaterThan(4);
  const declared = Object.keys(workflow.on.workflow_call?.inputs ?? {});
  const used = new Set([...text.matchAll(/(?<=\$\{\{[^}]*|if: )inputs\.([\w-]+)/g)].map(([, name]) => name));
  expect([...used].sort()).toEqual(declared.sort());
  // What a shell variable is named comes from the step's environment.
  for (const { run = '', env = {} } of steps)
    for (const [, name] of run.matchAll(/\$\{?([A-Z_]+)/g)) expect(Object.keys(env)).toContain(name);
  for (const { uses } of steps) if (uses) expect(uses).toMatch(/^actions\/[\w-]+@v\d+$/);
});

test('R04 monitor.yml runs when anything changes that the ledger is made of', () => {
  const { workflow } = workflows.find(({ name }) => name === 'monitor.yml') as (typeof workflows)[0];
  const folders = (workflow.on.push?.paths ?? []).map((path) => path.replace(/\*\*$/, ''));
  expect(workflow.on.pull_request?.paths).toEqual(workflow.on.push?.paths);
  const imported = globSync('monitor/**/*.ts', { cwd: repository })
    .filter((path) => !path.endsWith('.test.ts'))
    .flatMap((path) =>
      [...readFileSync(join(repository, path), 'utf8').matchAll(/from '(\.\.?\/[^']+)'/g)].map(([, to]) =>
        posix.join(posix.dirname(path), to as string),
      ),
    );
  const missed = new Set(imported.filter((path) => !folders.some((folder) => path.startsWith(folder))));
  expect([...missed]).toEqual([]);
});
