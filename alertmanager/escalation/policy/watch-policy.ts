/** The policy at work: read at the start, read again when its file changes or a SIGHUP asks for it. */
import { type FSWatcher, readFileSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Policy } from './policy.ts';
import { readPolicy } from './read-policy.ts';

export interface WatchedPolicy {
  /** The newest that was good. */
  current(): Policy;
  /** Looks at the file now. False: it is as it was, or it is refused. */
  reload(): boolean;
  /** Whether the file is the policy at work; false while a change of it is refused. */
  isCurrent(): boolean;
  close(): void;
}

export interface WatchOptions {
  /** Another one is at work from now on. */
  readonly onReload?: (policy: Policy) => void;
  /** A change was refused, and why; the old one stays at work. */
  readonly onRefused: (reason: string) => void;
}

/** Editors and Kubernetes write in several steps. */
const settleMs = 200;

/**
 * @throws Error for a file that cannot be read, PolicyError for one that is wrong: nothing begins with a policy that is not
 * understood. Afterwards nothing is thrown any more: who escalates by yesterday's policy still escalates.
 */
export function watchPolicy(file: string, { onReload, onRefused }: WatchOptions): WatchedPolicy {
  let text = read(file);
  let policy = readPolicy(text, file);
  /** The text that was refused last: it is said once. */
  let refused: string | undefined;

  const reload = (): boolean => {
    let next: string | undefined;
    try {
      next = read(file);
      if (next === text) {
        refused = undefined;
        return false;
      }
      policy = readPolicy(next, file);
    } catch (error) {
      const { message } = error as Error;
      if (refused !== (next ?? message)) onRefused(`${message}\nThe policy of before stays at work.`);
      refused = next ?? message;
      return false;
    }
    text = next;
    refused = undefined;
    onReload?.(policy);
    return true;
  };

  let timer: NodeJS.Timeout | undefined;
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(reload, settleMs);
  };
  // The folder, not the file: most programs put a new file in the place of the old one.
  const watcher: FSWatcher = watch(dirname(file), { persistent: false }, (_, name) => {
    // Kubernetes changes a link beside it, `..data`.
    if (name === null || name === basename(file) || name.startsWith('..')) soon();
  });
  watcher.on('error', (error) => onRefused(`Cannot watch ${file}: ${error.message}. Send SIGHUP after a change.`));
  process.on('SIGHUP', reload);

  return {
    current: () => policy,
    reload,
    isCurrent: () => refused === undefined,
    close() {
      clearTimeout(timer);
      watcher.close();
      process.off('SIGHUP', reload);
    },
  };
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error(
      `Cannot read the policy ${file}: ${(error as Error).message}. Name another file: FLEETSCOPE_ESCALATION_POLICY.`,
      { cause: error },
    );
  }
}
