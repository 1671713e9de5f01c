import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';

export interface Run {
  /** It ended by itself and without an error. */
  passed: boolean;
  timedOut: boolean;
  /** What it was not allowed to do, in one line. */
  denied: string | undefined;
  /** What went wrong, as it said itself; empty where nothing did. */
  output: string;
  /** Undefined where it was killed before it could say. */
  usage: { cpuSeconds: number; peakMemoryBytes: number } | undefined;
}

interface Limits {
  timeoutMs: number;
  signal: AbortSignal;
}

const harness = join(import.meta.dirname, 'usage-at-exit.mjs');
const graceMs = 200;
const memoryMib = 64;

/** Runs a file of the folder in a process that may read that folder, write nothing and start nothing. */
export async function runCode(folder: string, file: string, { timeoutMs, signal }: Limits): Promise<Run> {
  const limits = ['--permission', `--allow-fs-read=${folder}/*`, `--allow-fs-read=${harness}`];
  const child = spawn(
    process.execPath,
    [...limits, `--max-old-space-size=${memoryMib}`, '--import', harness, join(folder, file)],
    { cwd: folder, env: {}, stdio: ['ignore', 'ignore', 'pipe', 'pipe'] },
  );
  let timedOut = false;
  // Asked first, so that it can say what it used.
  const timer = setTimeout(() => {
    timedOut = true;
    child.kill('SIGTERM');
  }, timeoutMs);
  const lastTimer = setTimeout(() => child.kill('SIGKILL'), timeoutMs + graceMs);
  const abort = () => child.kill('SIGKILL');
  signal.addEventListener('abort', abort);
  try {
    const [stderr, usage, [code]] = await Promise.all([
      text(child.stderr as Readable),
      text(child.stdio[3] as Readable),
      once(child, 'close') as Promise<[number | null]>,
    ]);
    signal.throwIfAborted();
    return {
      passed: code === 0 && !timedOut,
      timedOut,
      denied: deniedIn(stderr),
      output: timedOut ? `it did not end within ${timeoutMs} ms` : errorIn(stderr),
      usage: read(usage),
    };
  } finally {
    clearTimeout(timer);
    clearTimeout(lastTimer);
    signal.removeEventListener('abort', abort);
  }
}

/** From the line that names the error, less the stack. */
export function errorIn(stderr: string): string {
  const said = /^\w*Error\b[\s\S]*/m.exec(stderr)?.[0] ?? stderr;
  return (said.split(/\n\s+at /, 1)[0] as string).trim().slice(0, 300);
}

/** What Node's permission model refused, e.g. `FileSystemRead /etc/hostname`. */
export function deniedIn(stderr: string): string | undefined {
  if (!stderr.includes("code: 'ERR_ACCESS_DENIED'")) return undefined;
  const [kind, resource] = ['permission', 'resource'].map((name) => new RegExp(`${name}: '([^']*)'`).exec(stderr)?.[1]);
  return [kind, resource].filter(Boolean).join(' ');
}

function read(report: string): Run['usage'] {
  if (report === '') return undefined;
  const { cpuMicros, peakKib } = JSON.parse(report) as { cpuMicros: number; peakKib: number };
  return { cpuSeconds: cpuMicros / 1e6, peakMemoryBytes: peakKib * 1024 };
}
