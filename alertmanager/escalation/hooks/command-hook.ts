import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, constants, lstat, realpath } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { CommandHook } from './hook-config.ts';
import { valueFor, wholePlace } from './placeholders.ts';
import { type Given, keptCharacters, type Prepared } from './prepared.ts';

/** From SIGTERM to SIGKILL. */
const graceMs = 500;
/** For the last words of a command that has exited. */
const drainMs = 200;

/** A program of its own, without a shell: its file, its arguments and its few variables. @throws Error where it cannot be. */
export async function commandHook(config: CommandHook, { parameters, env: all }: Given): Promise<Prepared> {
  const { program, directory } = config;
  const args = config.arguments.map((text) => {
    const name = wholePlace(text);
    return name === undefined ? text : argument(name, valueFor(name, parameters));
  });
  const env = Object.fromEntries(
    config.environment.flatMap((name) => (all[name] === undefined ? [] : [[name, all[name]]])),
  );
  await check(program);
  const seen = Object.keys(env).length > 0 ? `, seeing ${Object.keys(env).join(', ')}` : '';
  const line = [program, ...args].map(quoted).join(' ');
  return {
    description: `${line} in ${directory}${seen}`,
    async start(signal) {
      signal.throwIfAborted();
      // A group of its own, so that what it starts can be ended with it.
      const child = spawn(program, args, { cwd: directory, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
      const output = new Output([child.stdout, child.stderr]);
      const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
      const stop = () => void endGroup(child.pid, exited);
      signal.addEventListener('abort', stop, { once: true });
      try {
        const [code, by] = await exited;
        await Promise.race([output.ended, delay(drainMs)]);
        signal.throwIfAborted();
        return { ok: code === 0, result: `${line} ended with ${by ?? code}${output.text && `: ${output.text}`}` };
      } finally {
        signal.removeEventListener('abort', stop);
        output.close();
        // Nothing that it left in the background stays.
        kill(child.pid, 'SIGKILL');
      }
    },
  };
}

/** @throws Error unless it is an executable file that only its owner can write, and no link to another. */
async function check(program: string): Promise<void> {
  const refuse = (why: string, remedy: string) => new Error(`Cannot run ${program}: ${why}. ${remedy}.`);
  const real = await realpath(program).catch((cause: Error) => {
    throw new Error(`Cannot run ${program}: there is no such file. Name another in the policy.`, { cause });
  });
  if (real !== program) throw refuse(`a symbolic link leads from it to ${real}`, 'Name that in the policy');
  const facts = await lstat(program);
  if (!facts.isFile()) throw refuse('it is no file', 'Name a program');
  if (facts.mode & 0o022) throw refuse('others than its owner can change it', `chmod go-w ${program}`);
  await access(program, constants.X_OK).catch(() => {
    throw refuse('it is not executable', `chmod +x ${program}`);
  });
}

function argument(name: string, value: string): string {
  if (value.startsWith('-')) throw new Error(`Cannot fill {${name}}: "${value}" would be an option of the program`);
  return value;
}

function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

async function endGroup(pid: number | undefined, exited: Promise<unknown>): Promise<void> {
  kill(pid, 'SIGTERM');
  await Promise.race([exited.catch(() => undefined), delay(graceMs)]);
  kill(pid, 'SIGKILL');
}

function kill(group: number | undefined, signal: NodeJS.Signals): void {
  try {
    if (group !== undefined) process.kill(-group, signal);
  } catch {
    // It is gone.
  }
}

/** What a program says: its first and its last words, whatever it says between. */
class Output {
  readonly ended: Promise<unknown>;
  readonly #streams: readonly Readable[];
  #first = '';
  #last = '';
  #left = 0;

  constructor(streams: readonly Readable[]) {
    this.#streams = streams;
    for (const stream of streams) stream.setEncoding('utf8').on('data', (text: string) => this.#take(text));
    this.ended = Promise.all(streams.map((stream) => once(stream, 'close')));
  }

  get text(): string {
    const gap = this.#left > 0 ? `\n… ${this.#left} more characters …\n` : '';
    return `${this.#first}${gap}${this.#last}`.trim();
  }

  close(): void {
    for (const stream of this.#streams) stream.destroy();
  }

  #take(text: string): void {
    const room = keptCharacters - this.#first.length;
    this.#first += text.slice(0, room);
    const last = this.#last + text.slice(room > 0 ? room : 0);
    this.#last = last.slice(-keptCharacters);
    this.#left += last.length - this.#last.length;
  }
}
