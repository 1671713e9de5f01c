import { join } from 'node:path';
import { execa } from 'execa';
import { stack } from '../stack.ts';
import { binaries, minor, type NativeComponent } from './binaries.ts';
import { build, neededGo, type Progress } from './build.ts';
import { buildFolder, inspect } from './cache.ts';
import { lock } from './lock.ts';

/** A server program that can be started, and where it came from. */
export interface Acquired {
  program: string;
  /** The release, e.g. `2.8.0-rc.0`. */
  version: string;
  from: 'PATH' | 'cache' | 'build' | 'repository';
}

export interface AcquireOptions {
  cache: string;
  env: NodeJS.ProcessEnv;
  progress: Progress;
  /** One line for the user: why a binary is not taken, who is waited for. */
  notice: (line: string) => void;
  signal?: AbortSignal;
}

/** PATH if its release is one we write configurations for, else the cache, else a Go build that fills the cache. */
export async function acquire(component: NativeComponent, options: AcquireOptions): Promise<Acquired> {
  return (await fromPath(component, options)) ?? fromCache(component, options);
}

async function fromPath(component: NativeComponent, options: AcquireOptions): Promise<Acquired | undefined> {
  const { onPath, accepts } = binaries[component];
  for (const program of onPath) {
    const { stdout, stderr, failed } = await execa(program, ['--version'], { reject: false, timeout: 10_000 });
    if (failed) continue;
    const version = /version v?(\d+\.\d+\.\d+\S*)/.exec(`${stdout}\n${stderr}`)?.[1];
    if (version && accepts.includes(minor(version))) return { program, version, from: 'PATH' };
    options.notice(
      `${program} on PATH is ${version ?? 'of unknown version'}, not ${accepts.join(' or ')}: using our own.`,
    );
  }
  return undefined;
}

async function fromCache(component: NativeComponent, options: AcquireOptions): Promise<Acquired> {
  const folder = buildFolder(options.cache, component);
  const program = join(folder, Object.keys(binaries[component].programs)[0] as string);
  const version = stack[component].native.release;
  if ((await inspect(folder, component)).state === 'good') return { program, version, from: 'cache' };

  const held = await lock(
    join(options.cache, 'locks', component),
    () => options.notice(`Waiting for another fleetscope that builds ${stack[component].title}.`),
    options.signal,
  );
  try {
    const cached = await inspect(folder, component);
    if (cached.state === 'good') return { program, version, from: 'cache' };
    if (cached.state === 'damaged') options.notice(`Building ${stack[component].title} again: ${cached.why}.`);
    const go = await findGo(component, options.env);
    await build(component, { ...options, folder, go });
    return { program, version, from: 'build' };
  } finally {
    held.release();
  }
}

/** @throws Error that names the three ways to go on when there is no Go, or too old a one. */
async function findGo(component: NativeComponent, env: NodeJS.ProcessEnv): Promise<string> {
  const go = env.FLEETSCOPE_GO || 'go';
  const { stdout, failed } = await execa(go, ['env', 'GOVERSION'], { reject: false, env });
  const found = failed ? undefined : stdout.replace(/^go/, '');
  const needed = neededGo();
  if (found && atLeast(found, needed)) return go;
  throw new Error(
    [
      `Cannot get ${stack[component].title}: no container engine answers and ${found ? `Go is ${found}, older than ${needed}` : `"${go}" does not run`}. Three ways to go on:`,
      '  1. start Docker (or Podman with its Docker socket) and run the command again;',
      `  2. install Go ${needed} or newer from https://go.dev/dl, then the missing programs are built once;`,
      `  3. put ${binaries[component].onPath[0]} ${binaries[component].accepts.join(' or ')} on PATH (${stack[component].native.module}).`,
    ].join('\n'),
  );
}

function atLeast(version: string, needed: string): boolean {
  const [a, b] = [version, needed].map((text) => text.split('.').map((part) => Number.parseInt(part, 10) || 0));
  for (let i = 0; i < 3; i++) {
    const difference = (a?.[i] ?? 0) - (b?.[i] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}
