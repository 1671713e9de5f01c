/** A repository of backups for a test, with the program, and a count with a short patience: what was sent half a minute ago is there. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BackUpOptions, backUp } from '../../backup/back-up.ts';
import { count } from '../../backup/census/count.ts';
import { openRepository, type Repository } from '../../backup/repository.ts';
import { openRestic, type Restic } from '../../backup/restic.ts';
import { resticProgram } from '../../backup/restic-program.ts';
import { settingsFrom } from '../../backup/settings.ts';
import { type Source, sources } from '../../backup/sources.ts';
import type { Place } from '../../place.ts';

export interface TestRepository {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly restic: Restic;
  readonly repository: Repository;
  readonly program: string;
  options(place: Place): BackUpOptions;
  remove(): void;
}

/** @param more the environment: another address, keys. */
export async function testRepository(more: NodeJS.ProcessEnv = {}): Promise<TestRepository> {
  const folder = mkdtempSync(join(tmpdir(), 'fleetscope-backup-test-'));
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, 'made-by-chance-'.repeat(3));
  const env = {
    ...process.env,
    FLEETSCOPE_BACKUP_REPOSITORY: join(folder, 'repository'),
    FLEETSCOPE_BACKUP_PASSWORD_FILE: passwordFile,
    FLEETSCOPE_BACKUP_SCRATCH: folder,
    ...more,
  };
  const program = await resticProgram(env, (line) => process.stderr.write(`${line}\n`));
  const restic = openRestic(program, settingsFrom(env), env);
  const repository = openRepository(restic);
  await repository.make();
  return {
    ...{ folder, env, restic, repository, program },
    options: (place) => ({
      restic,
      notice: () => undefined,
      count: (source, at, staged) => count(place, source, at, staged, { settleMs }),
    }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

const settleMs = 30_000;

/** Every part of a stack that has data. */
export async function backUpAll(place: Place, home: string, options: BackUpOptions) {
  const done = [];
  for (const source of sources(place, home)) {
    const made = await backUp(source, options);
    if (made) done.push(made);
  }
  return done;
}

export function sourceOf(place: Place, part: Source['part']): Source {
  return sources(place).find((source) => source.part === part) as Source;
}
