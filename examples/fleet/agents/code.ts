import { code, execution, tool } from '@fleetscope/instrumentation';
import type { Fleet } from '../fleet.ts';
import type { CodeAnswer } from '../model-server/answers.ts';
import { carefulModel } from '../models/roster.ts';
import { PermissionError, withSkill } from '../security/skills.ts';
import { type Run, runCode } from '../tools/run-code.ts';
import { choose } from './choose.ts';
import type { CodeJob, Piece } from './jobs.ts';

/** What it wrote does not do what it should. */
export class TestsFailed extends Error {
  override name = 'TestsFailed';
}

const mostAttempts = 3;

/** Writes a module with its tests and runs it, until the tests pass. */
export async function writeCode(fleet: Fleet, job: CodeJob): Promise<Piece> {
  const way = await choose(fleet, {
    name: 'how_to_write',
    about: `How should this be done: ${job.title}?`,
    options: ['extend the present module', 'write a new module'],
  });
  let failure = '';
  for (let attempt = 1; attempt <= mostAttempts; attempt += 1) {
    const answer = await fleet.models.ask('code', promptOf(job, way, failure), modelOf(job, attempt));
    const written = await code({ language: 'typescript' }, async (work) => {
      const { lines, file, run } = await tryOut(fleet, job, answer, attempt);
      work.result({ lines, success: run.passed });
      failure = run.output;
      return run.passed ? { file, lines } : undefined;
    });
    fleet.counts.add('code', written ? 'success' : 'failure');
    if (written) return written;
  }
  throw new TestsFailed(`Cannot finish "${job.title}": its tests failed ${mostAttempts} times: ${failure}`);
}

/** Writes the file and runs it; one that fails is taken back. */
async function tryOut(fleet: Fleet, job: CodeJob, answer: CodeAnswer, attempt: number) {
  const { workspace, counts } = fleet;
  const by = { agent: 'Code', number: job.request.number, chance: job.chance };
  const file = `${job.chance.hex(8)}.ts`;
  const text = await sourceOf(fleet, job, answer, attempt);
  await withSkill(fleet, { ...by, skill: 'write_file' }, () => workspace.write(file, text));
  const run = await withSkill(fleet, { ...by, skill: 'run_code' }, () =>
    counts.of(
      'tools',
      'run_code',
      tool({ name: 'run_code' }, () => runFile(fleet, job, { file, attempt })),
    ),
  );
  return { run, file, lines: text.split('\n').length };
}

function runFile(fleet: Fleet, job: CodeJob, { file, attempt }: { file: string; attempt: number }): Promise<Run> {
  const { workspace, settings, counts, stopping } = fleet;
  const { request } = job;
  const timeoutMs = settings.executionMs[request.soak && isFirst(job, attempt) ? 'soak' : 'usual'];
  return execution({ runtime: 'node', timeoutMs }, async (seen) => {
    const run = await runCode(workspace.folder, file, { timeoutMs, signal: stopping });
    seen.file('read', file);
    if (run.usage) seen.used(run.usage);
    if (run.timedOut) seen.hitLimit('time');
    if (run.denied) seen.escapeAttempt(`${request.package ?? file} tried ${run.denied}`);
    if (!run.passed) {
      await workspace.remove(file);
      seen.rolledBack();
    }
    counts.add('executions', run.timedOut ? 'timeout' : run.denied ? 'escape' : run.passed ? 'passed' : 'failed');
    return run;
  });
}

/** The model's code; at first on top of the package that was asked for, and with a test that never ends where one was. */
async function sourceOf(fleet: Fleet, job: CodeJob, { code, tests }: CodeAnswer, attempt: number): Promise<string> {
  const { request } = job;
  const parts = [code, tests];
  if (!isFirst(job, attempt)) return parts.join('\n');
  if (request.package && (await install(fleet, job, request.package)))
    parts.unshift(`import './${request.package}.ts';\n`);
  if (request.soak) parts.push('await new Promise((resolve) => setTimeout(resolve, 3_600_000));\n');
  return parts.join('\n');
}

/** @returns false when it may not: then it is done without. */
async function install(fleet: Fleet, { request: { number }, chance }: CodeJob, name: string): Promise<boolean> {
  try {
    await withSkill(fleet, { agent: 'Code', skill: 'install_package', number, chance }, () =>
      fleet.workspace.install(name),
    );
    return true;
  } catch (error) {
    if (error instanceof PermissionError) return false;
    throw error;
  }
}

function modelOf(job: CodeJob, attempt: number): string | undefined {
  if (isFirst(job, attempt) && job.request.model) return job.request.model;
  return attempt === mostAttempts ? carefulModel : undefined;
}

/** What was asked for beyond the usual is tried once. */
function isFirst({ retries }: CodeJob, attempt: number): boolean {
  return retries === 0 && attempt === 1;
}

function promptOf({ title, findings, issues }: CodeJob, way: string, failure: string): string {
  return [
    `${title}.`,
    `Way: ${way}.`,
    ...findings.map(({ summary }) => `Known: ${summary}`),
    ...issues.map((issue) => `The review said: ${issue}`),
    ...(failure ? [`The last attempt failed: ${failure}`] : []),
  ].join('\n');
}
