/** Git as a tool: its plumbing, in one repository, running nothing of that repository. */
import { spawn } from 'node:child_process';

/** What it prints, without the last line end. @throws GitError */
export type Git = (args: readonly string[], input?: string) => Promise<string>;

export class GitError extends Error {
  /** There is no Git at all. */
  readonly isMissing: boolean;

  constructor(message: string, isMissing: boolean, options?: ErrorOptions) {
    super(message, options);
    this.name = 'GitError';
    this.isMissing = isMissing;
  }
}

/** Hooks and monitors are programs that somebody else wrote. */
const quiet = ['-c', 'core.hooksPath=/dev/null', '-c', 'core.fsmonitor=false', '-c', 'gc.auto=0'];

/** @param ends `as it is`: what is printed is the text of a file. */
export function gitIn(
  repository: string,
  variables: Readonly<Record<string, string>> = {},
  ends: 'trimmed' | 'as it is' = 'trimmed',
): Git {
  // Whoever runs us inside a hook has told Git of another index or repository.
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_')));
  const env = { ...clean, LC_ALL: 'C', GIT_TERMINAL_PROMPT: '0', ...variables };
  return (args, input = '') =>
    new Promise((resolve, reject) => {
      const child = spawn('git', [...quiet, '-C', repository, ...args], { env, stdio: 'pipe' });
      const [out, err]: [Buffer[], Buffer[]] = [[], []];
      child.stdout.on('data', (data: Buffer) => out.push(data));
      child.stderr.on('data', (data: Buffer) => err.push(data));
      child.on('error', (cause: NodeJS.ErrnoException) => {
        const isMissing = cause.code === 'ENOENT';
        const seen = isMissing
          ? 'there is no git on PATH. Install it, or let the documents be written as files'
          : cause.message;
        reject(new GitError(`Cannot write to a branch: ${seen}.`, isMissing, { cause }));
      });
      child.on('close', (status) => {
        const text = Buffer.concat(out).toString();
        if (status === 0) resolve(ends === 'as it is' ? text : text.replace(/\n$/, ''));
        else reject(new GitError(Buffer.concat(err).toString().trim() || `git ${args[0]} ended with ${status}`, false));
      });
      // It may end before it has read all.
      child.stdin.on('error', () => {});
      child.stdin.end(input);
    });
}
