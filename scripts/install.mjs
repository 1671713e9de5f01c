/** What a fresh clone needs before anything of it can run. JavaScript, so that an older Node can read it. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const repository = fileURLToPath(new URL('..', import.meta.url));
export const modules = join(repository, 'node_modules');

/** `npm ci` when what is installed is not what package-lock.json says. */
export function installIfStale() {
  const lockfile = readFileSync(join(repository, 'package-lock.json'));
  const wanted = createHash('sha256').update(lockfile).digest('hex');
  const marker = join(modules, '.fleetscope-installed');
  if (existsSync(marker) && readFileSync(marker, 'utf8') === wanted) return;
  process.stderr.write('Installing the packages of package-lock.json …\n');
  must('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], 'Check the network and the npm registry setting.');
  writeFileSync(marker, wanted);
}

/** Nothing to do when what is built is newer than its sources. */
export function buildInstrumentation() {
  const build = join(repository, 'instrumentation', 'build.ts');
  must(join(modules, '.bin', 'node'), [build, '--if-stale'], 'Mend the errors above.');
}

function must(program, argv, remedy) {
  const { status, error } = spawnSync(program, argv, { cwd: repository, stdio: ['ignore', 'inherit', 'inherit'] });
  if (status === 0) return;
  console.error(`Cannot run "${program} ${argv.join(' ')}": ${error?.message ?? `it ended with ${status}`}. ${remedy}`);
  process.exit(1);
}
