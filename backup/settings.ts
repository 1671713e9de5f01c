/** What the environment says about backups. What is missing is named, with what to do. */
import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';

export type Env = Readonly<Record<string, string | undefined>>;

export interface Settings {
  /** In restic's notation: a folder, `s3:https://host/bucket`, `sftp:user@host:/folder`, `rest:https://…`. */
  readonly repository: string;
  readonly passwordFile: string;
  /** Tells the backups of this stack from those of others in the same repository. Default: `fleetscope`. */
  readonly name: string;
  /** Each run copies logs and databases into a folder of its own below it, before they are read. */
  readonly scratch: string;
}

/** A password shorter than this was not made by chance. */
const shortestPassword = 24;

/** @throws RangeError */
export function settingsFrom(env: Env): Settings {
  const repository = env.FLEETSCOPE_BACKUP_REPOSITORY;
  if (!repository)
    throw new RangeError(
      'Cannot reach the backups: FLEETSCOPE_BACKUP_REPOSITORY is not set. Give it a folder on another disk, or e.g. s3:https://s3.example.com/bucket.',
    );
  const passwordFile = env.FLEETSCOPE_BACKUP_PASSWORD_FILE;
  if (!passwordFile)
    throw new RangeError(
      'Cannot reach the backups: FLEETSCOPE_BACKUP_PASSWORD_FILE is not set. Make a file with "head -c 32 /dev/urandom | base64", and keep a copy of it where a fire here does not reach: without it a backup is noise.',
    );
  needPassword(passwordFile);
  return {
    repository: isFolder(repository) ? resolve(repository) : repository,
    passwordFile: resolve(passwordFile),
    name: env.FLEETSCOPE_BACKUP_NAME || 'fleetscope',
    scratch: resolve(env.FLEETSCOPE_BACKUP_SCRATCH || tmpdir()),
  };
}

export function isFolder(repository: string): boolean {
  return !/^[a-z0-9]{2,}:/.test(repository);
}

function needPassword(path: string): void {
  const length = existsSync(path) ? readFileSync(path, 'utf8').trim().length : undefined;
  if (length === undefined)
    throw new RangeError(
      `Cannot reach the backups: ${path} (FLEETSCOPE_BACKUP_PASSWORD_FILE) is not there. Bring it back from where its copy is kept.`,
    );
  if (length < shortestPassword)
    throw new RangeError(
      `Cannot use the password in ${path}: it has ${length} characters, fewer than ${shortestPassword}. Make one: head -c 32 /dev/urandom | base64.`,
    );
}
