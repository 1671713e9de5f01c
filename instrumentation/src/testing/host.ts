import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  /** Less our own lines: what the host itself wrote. */
  stderr: string;
  /** Our own lines. */
  warnings: string[];
  tookMs: number;
}

export interface Host {
  /** Runs `main` as a program of its own, with the given preloads. */
  run(main: string, options?: RunOptions): Promise<Ended>;
  /** Puts another file into the program's folder. */
  write(name: string, text: string): void;
  remove(): void;
}

export interface RunOptions {
  /** Default: `--import`. Empty: the program alone. `nothing`: an empty `--import`, which alone changes Node's stack traces. */
  preloads?: ('--import' | '--require' | 'nothing')[];
  /** Of Node itself. */
  flags?: string[];
  /** Default: the Node that runs the test. */
  node?: string;
  env?: Record<string, string>;
  /** Sent when the program has written something. */
  signal?: NodeJS.Signals;
}

const folder = fileURLToPath(new URL('../..', import.meta.url));
const register = '@fleetscope/instrumentation/register';

/** A package `shop` 1.2.3 in a folder of its own, whose programs see the repository's node_modules, or those given. */
export function createHost(modules: string = join(folder, '../node_modules')): Host {
  const home = mkdtempSync(join(tmpdir(), 'fleetscope-host-'));
  const write = (name: string, text: string) => {
    mkdirSync(dirname(join(home, name)), { recursive: true });
    writeFileSync(join(home, name), text);
  };
  write('package.json', JSON.stringify({ name: 'shop', version: '1.2.3' }));
  symlinkSync(modules, join(home, 'node_modules'));
  return { run: (main, options) => run(home, main, options), write, remove: () => rmSync(home, { recursive: true }) };
}

function run(
  home: string,
  main: string,
  { preloads = ['--import'], flags = [], node = process.execPath, env = {}, signal }: RunOptions = {},
): Promise<Ended> {
  const began = performance.now();
  const inherited = Object.entries(process.env).filter(([name]) => !/^(OTEL_|FLEETSCOPE_|NODE_|VITEST)/.test(name));
  const preloading = preloads.flatMap((flag) =>
    flag === 'nothing' ? ['--import', 'data:text/javascript,'] : [flag, register],
  );
  const child = spawn(node, [...flags, ...preloading, main], {
    cwd: home,
    env: { ...Object.fromEntries(inherited), ...env },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
    if (signal) child.kill(signal);
    signal = undefined;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, killedBy) => {
      const lines = stderr.split('\n');
      const ours = (line: string) => line.startsWith('fleetscope: ');
      resolve({
        code,
        signal: killedBy,
        stdout,
        stderr: lines.filter((line) => !ours(line)).join('\n'),
        warnings: lines.filter(ours),
        tookMs: performance.now() - began,
      });
    });
  });
}

/** Builds `dist`, which the programs preload, unless it is newer than every source. */
export function buildIfStale(): void {
  execFileSync(process.execPath, [join(folder, 'build.ts'), '--if-stale'], { stdio: 'inherit' });
}
