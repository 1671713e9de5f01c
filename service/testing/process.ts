/** A service as a process of its own, as a supervisor has it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

const started = new Set<ChildProcess>();

export interface StartOptions {
  readonly env: Readonly<Record<string, string>>;
  /** No file of it becomes larger than so many KiB: to it the disk is full then. Default: as large as there is room. */
  readonly fileKib?: number;
}

/** Runs a `main.ts`. `url` resolves when it listens, and rejects with what it said when it ends without. */
export function start(main: string, { env, fileKib }: StartOptions) {
  const run = [process.execPath, main] as const;
  // The unit of POSIX' ulimit is half a KiB.
  const limited = ['sh', '-c', `ulimit -f ${2 * (fileKib ?? 0)}; exec "$@"`, 'sh', ...run] as const;
  const [program, ...args] = fileKib === undefined ? run : limited;
  const child = spawn(program, args, {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.add(child);
  const said = { text: '' };
  child.stderr.on('data', (text) => {
    said.text += text;
  });
  /** Its code and signal, once all that it said is here. */
  const exit = once(child, 'close') as Promise<[code: number | null, signal: string | null]>;
  const url = new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (text) => resolve(/http:\S+/.exec(`${text}`)?.[0] as string));
    void exit.then(() => reject(new Error(said.text)));
  });
  url.catch(() => {});
  return { child, url, exit, said };
}

/** After each test. */
export function killAll(): void {
  for (const child of started) child.kill('SIGKILL');
  started.clear();
}
