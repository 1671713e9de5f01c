/** restic, run as a program: what it says as JSON, what its exit codes mean. https://restic.readthedocs.io/en/stable/075_scripting.html */
import { execa } from 'execa';
import { shownUrl } from '../service/shown-url.ts';
import { isFolder, type Settings } from './settings.ts';

/** Its exit codes, where they mean something to us. */
export const code = { ok: 0, incomplete: 3, noRepository: 10, locked: 11, wrongPassword: 12 } as const;

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Codes that the caller deals with. Default: 0 alone. */
  readonly allow?: readonly number[];
  readonly input?: string;
  /** Given each line that it prints, which is not kept then. */
  readonly onLine?: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}

export interface Restic {
  readonly settings: Settings;
  /** @throws Error that says what to do, where it ends with a code that is not allowed */
  run(action: string, args: readonly string[], options?: RunOptions): Promise<Ran>;
}

/** Waits so long for a lock of another run. */
const lockPatience = '10m';

export function openRestic(program: string, settings: Settings, env: NodeJS.ProcessEnv): Restic {
  return {
    settings,
    async run(action, args, { allow = [code.ok], input, onLine, signal } = {}) {
      const { exitCode, stdout, stderr, shortMessage } = await execa(
        program,
        ['--json', '--retry-lock', lockPatience, ...args],
        {
          env: {
            ...env,
            RESTIC_REPOSITORY: settings.repository,
            RESTIC_PASSWORD_FILE: settings.passwordFile,
            // Beside the copies: a container's own file system is read-only. Not where everybody may write: then in the user's own.
            ...(env.FLEETSCOPE_BACKUP_SCRATCH &&
              !env.RESTIC_CACHE_DIR && { RESTIC_CACHE_DIR: `${settings.scratch}/fleetscope-backup-cache` }),
            // It reads times in the zone that it runs in.
            TZ: 'UTC',
            RESTIC_PROGRESS_FPS: '0.1',
          },
          extendEnv: false,
          reject: false,
          stripFinalNewline: false,
          maxBuffer: 1 << 30,
          ...(input === undefined ? { stdin: 'ignore' as const } : { input }),
          ...(onLine && { stdout: each(onLine) }),
          ...(signal && { cancelSignal: signal, gracefulCancel: false }),
        },
      );
      signal?.throwIfAborted();
      const ran: Ran = { code: exitCode ?? -1, stdout: stdout ?? '', stderr: stderr || shortMessage || '' };
      if (allow.includes(ran.code)) return ran;
      throw new ResticError(`Cannot ${action}: ${why(ran, settings)}`, ran);
    },
  };
}

/** A transform that passes nothing on. */
function each(onLine: (line: string) => void) {
  return function* (line: unknown): Generator<string> {
    onLine(line as string);
    yield* [];
  };
}

class ResticError extends Error {
  readonly ran: Ran;
  constructor(message: string, ran: Ran) {
    super(message);
    this.ran = ran;
  }
}

/** The JSON values that it printed, a line each. */
export function jsonLines(text: string): Record<string, unknown>[] {
  return text.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []));
}

/** What it was, and what a person does about it. */
function why(ran: Ran, { repository, passwordFile }: Settings): string {
  const where = shown(repository);
  const said = lastWords(`${ran.stdout}\n${ran.stderr}`.replaceAll(repository, where));
  if (ran.code === code.noRepository)
    return `there is no repository at ${where}. Look at FLEETSCOPE_BACKUP_REPOSITORY; a new one is made by "npm run backup -- init", in a cluster by a Job of backup-init.`;
  if (ran.code === code.wrongPassword)
    return `the password in ${passwordFile} is not that of ${where}. Use the one that it was made with.`;
  if (ran.code === code.locked)
    return `another run holds ${where} (${said}). Wait for it; the lock of one that was killed elsewhere is void after 30 minutes.`;
  if (/no space left/i.test(said))
    return `the disk is full (${said}). Free space in the repository or the scratch folder.`;
  if (isDamage(said))
    return `the repository is damaged (${said}). Nothing of it is used. Look with "restic check --read-data", restore an older backup with --at, or another copy of ${where}.`;
  return `restic ended with ${ran.code}: ${said || 'without a word'}. Look at ${where}.`;
}

/** Whether what was read is not what was written. */
function isDamage(said: string): boolean {
  return /ciphertext verification failed|verification failed|hash mismatch|invalid data|does not match id|unexpected hash|not match|wrong hash|has size|unexpected size|contains errors/i.test(
    said,
  );
}

/** The last lines that say something, in one. */
function lastWords(text: string): string {
  const words = text.split('\n').flatMap((line) => {
    if (!line.startsWith('{')) return line.trim() === '' ? [] : [line.trim()];
    const { message_type, message, error } = JSON.parse(line) as {
      message_type?: string;
      message?: string;
      error?: { message?: string };
    };
    const said = message_type === 'exit_error' || message_type === 'error' ? (message ?? error?.message) : undefined;
    return said ? [said.replaceAll('\n', '; ')] : [];
  });
  return words
    .slice(-4)
    .join('; ')
    .replace(/^Fatal: /, '')
    .replace(/\.$/, '')
    .slice(0, 600);
}

/** Without who logs in, and how. */
export function shown(repository: string): string {
  if (isFolder(repository)) return repository;
  // `rest:https://…`: the scheme of the address is the second one.
  const [, kind = '', address = ''] = /^([a-z0-9]+:)?(.*)$/s.exec(repository) ?? [];
  return kind + shownUrl(address);
}
