/** Programs beside the stack's servers, each built once per machine from its pinned Go module in `native/`. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { cacheFolder } from './cache.ts';
import { lock } from './lock.ts';

export interface Tool {
  /** The folder in `native/`. */
  readonly name: string;
  /** File name → Go package. */
  readonly programs: Readonly<Record<string, string>>;
  readonly tags?: string;
  /** Go variable → text. */
  readonly variables?: Readonly<Record<string, string>>;
  /** What a person does who has no Go. */
  readonly remedy: string;
}

/** The folder with its programs, built first where they are missing: in one step, there is never a half-written one. */
export async function needTool(tool: Tool, notice: (line: string) => void, env = process.env): Promise<string> {
  const source = join(import.meta.dirname, tool.name);
  const cache = cacheFolder(env);
  const hash = createHash('sha256').update(JSON.stringify([tool, process.platform, process.arch]));
  for (const name of readdirSync(source).sort()) hash.update(name).update(readFileSync(join(source, name)));
  const folder = join(cache, 'bin', `${tool.name}-${hash.digest('hex').slice(0, 12)}`);
  if (existsSync(folder)) return folder;

  const held = await lock(join(cache, 'locks', tool.name), () => notice(`Waiting for another build of ${tool.name}.`));
  try {
    if (existsSync(folder)) return folder;
    notice(`Building ${Object.keys(tool.programs).join(', ')} from native/${tool.name}, once, some minutes.`);
    const staging = join(cache, 'staging', tool.name);
    rmSync(staging, { recursive: true, force: true }); // What a killed build left.
    mkdirSync(staging, { recursive: true });
    mkdirSync(join(cache, 'bin'), { recursive: true });
    await build(tool, source, staging, env);
    renameSync(staging, folder);
    return folder;
  } finally {
    held.release();
  }
}

/** Static, so that a program runs in an image made from nothing as well. */
async function build(tool: Tool, source: string, output: string, env: NodeJS.ProcessEnv): Promise<void> {
  const { programs, tags, variables = {}, remedy } = tool;
  const go = env.FLEETSCOPE_GO || 'go';
  const set = Object.entries(variables).map(([name, text]) => `-X ${name}=${text}`);
  const flags = [
    '-trimpath',
    '-buildvcs=false',
    ...(tags ? ['-tags', tags] : []),
    '-ldflags',
    ['-s -w', ...set].join(' '),
  ];
  for (const [name, pkg] of Object.entries(programs)) {
    const { failed, stderr, shortMessage } = await execa(go, ['build', ...flags, '-o', join(output, name), pkg], {
      cwd: source,
      env: { ...env, CGO_ENABLED: '0', GOFLAGS: '', GOWORK: 'off' },
      extendEnv: false,
      stdin: 'ignore',
      reject: false,
    });
    if (!failed) continue;
    const why = stderr?.trim().split('\n').slice(-8).join('\n') || shortMessage;
    throw new Error(`Cannot build ${name}: "${go} build ${pkg}" failed.\n${why}\n${remedy}`);
  }
}
