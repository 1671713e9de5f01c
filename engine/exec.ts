/** A program of a component's image, run in its container as if it were here. */
import { execa } from 'execa';
import { compose, type Secret } from '../place.ts';
import type { Component } from '../stack.ts';
import { composeFile } from './docker.ts';

export interface ExecOptions {
  readonly env: NodeJS.ProcessEnv;
  /** The terminal that it has for its own. Undefined: there is none, and `take` gets what it writes. */
  readonly terminal?: { readonly columns: number } | undefined;
  /** False: nobody reads any more. */
  readonly take: (chunk: Uint8Array) => Promise<boolean>;
}

/** How a terminal looks to programs: their own variables, and ours. */
const passedOn = ['TERM', 'COLORTERM', 'NO_COLOR', 'FORCE_COLOR', 'NODE_DISABLE_COLORS', 'FLEETSCOPE_DEBUG'];

/** What `docker` is told. Standard input is a terminal's or nothing. */
export function execArgs(
  component: Component,
  program: readonly string[],
  { env, terminal }: Pick<ExecOptions, 'env' | 'terminal'>,
): string[] {
  const told = passedOn.flatMap((name) => (env[name] === undefined ? [] : [`${name}=${env[name]}`]));
  // Docker tells a terminal its width when the program already runs, and maybe has asked.
  const variables = [...(terminal ? [`COLUMNS=${terminal.columns}`] : []), ...told];
  return [
    ...['compose', '--file', composeFile, 'exec', ...(terminal ? [] : ['--no-TTY'])],
    ...variables.flatMap((variable) => ['--env', variable]),
    ...[component, ...program],
  ];
}

/** Answers with its exit code when it has ended. What it says on standard error is said here. @throws Error where the container does not run. */
export async function execIn(component: Component, program: readonly string[], options: ExecOptions): Promise<number> {
  const { env, terminal, take } = options;
  const running = execa('docker', execArgs(component, program, options), {
    env,
    stdin: terminal ? 'inherit' : 'ignore',
    stdout: terminal ? 'inherit' : 'pipe',
    stderr: 'pipe',
    buffer: { stdout: false },
    reject: false,
    stripFinalNewline: false,
  });
  let isRead = true;
  for await (const chunk of running.stdout ?? []) {
    isRead = await take(chunk as Uint8Array);
    if (isRead) continue;
    // Enough was seen, as by `head`: no mistake.
    running.kill();
    break;
  }
  const { exitCode, stderr } = await running;
  if (!isRead) return 0;
  if (exitCode !== 0 && !(await isUp(component, env)))
    throw new Error(
      `Cannot ask ${component}: its container does not run. Start it: npm run up. (${firstLine(stderr) ?? 'docker is not installed'})`,
    );
  process.stderr.write(stderr ?? '');
  return exitCode ?? 1;
}

/** A secret of a component, read by itself: whoever may ask Docker that is its master anyway. @throws Error */
export async function secretIn(component: Component, name: Secret, env: NodeJS.ProcessEnv): Promise<string> {
  const chunks: Uint8Array[] = [];
  const program = `process.stdout.write(fs.readFileSync(${JSON.stringify(compose.secret(name))}))`;
  const take = async (chunk: Uint8Array) => chunks.push(chunk) > 0;
  const ended = await execIn(component, ['node', '-e', program], { env, take });
  const secret = Buffer.concat(chunks).toString().trim();
  if (ended === 0 && secret !== '') return secret;
  throw new Error(`Cannot read ${name} in the container of ${component}: it ended with ${ended}. Look at its log.`);
}

async function isUp(component: Component, env: NodeJS.ProcessEnv): Promise<boolean> {
  const args = ['compose', '--file', composeFile, 'ps', '--status', 'running', '--quiet', component];
  const { failed, stdout } = await execa('docker', args, { env, reject: false });
  return !failed && stdout !== '';
}

function firstLine(text: string | undefined): string | undefined {
  return text?.split('\n').find((line) => line.trim() !== '');
}
