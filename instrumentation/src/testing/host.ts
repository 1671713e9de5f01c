import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
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
  /** Runs `main` as a program of its own, with the given preloads. `onOutput` sees stdout as it grows. */
  run(main: string, options?: RunOptions): Promise<Ended>;
  /** Puts another file into the program's folder. */
  write(name: string, text: string): void;
  remove(): void;
}

export interface RunOptions {
  /** Default: `--import`. Empty: the program alone. `nothing`: an empty `--import`, which alone changes Node's stack traces. */
  preloads?: ('--import' | '--require' | 'nothing')[];
  env?: Record<string, string>;
  /** Sent when the program has written something. */
  signal?: NodeJS.Signals;
}

const folder = fileURLToPath(new URL('../..', import.meta.url));
const register = '@fleetscope/instrumentation/register';

/** A package `shop` 1.2.3 in a folder of its own, whose programs see the repository's node_modules. */
export function createHost(): Host {
  const home = mkdtempSync(join(tmpdir(), 'fleetscope-host-'));
  const write = (name: string, text: string) => {
    mkdirSync(dirname(join(home, name)), { recursive: true });
    writeFileSync(join(home, name), text);
  };
  write('package.json', JSON.stringify({ name: 'shop', version: '1.2.3' }));
  symlinkSync(join(folder, '../node_modules'), join(home, 'node_modules'));
  return { run: (main, options) => run(home, main, options), write, remove: () => rmSync(home, { recursive: true }) };
}

function run(
  home: string,
  main: string,
  { preloads = ['--import'], env = {}, signal }: RunOptions = {},
): Promise<Ended> {
  const began = performance.now();
  const inherited = Object.entries(process.env).filter(([name]) => !/^(OTEL_|FLEETSCOPE_|NODE_|VITEST)/.test(name));
  const flags = preloads.flatMap((flag) =>
    flag === 'nothing' ? ['--import', 'data:text/javascript,'] : [flag, register],
  );
  const child = spawn(process.execPath, [...flags, main], {
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
  const newest = (path: string): number =>
    Math.max(0, ...readdirSync(path, { withFileTypes: true, recursive: true }).map((entry) => modified(entry)));
  const modified = (entry: { isFile(): boolean; parentPath: string; name: string }) =>
    entry.isFile() && !/\.test\.ts$/.test(entry.name) && !entry.parentPath.endsWith('testing')
      ? statSync(join(entry.parentPath, entry.name)).mtimeMs
      : 0;
  const built = statSync(join(folder, 'dist/register.js'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (newest(join(folder, 'src')) < built) return;
  execFileSync(process.execPath, [join(folder, '../node_modules/typescript/bin/tsc'), '-p', folder], {
    stdio: 'inherit',
  });
}
