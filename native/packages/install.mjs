/** What a fresh clone needs before anything of it can run. JavaScript, so that an older Node can read it. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { alone } from './alone.mjs';

export const repository = fileURLToPath(new URL('../..', import.meta.url));
export const modules = join(repository, 'node_modules');

/** The Node that package.json pins. */
export const pinnedNode = join(modules, '.bin', 'node');

/** `npm ci` when what is installed is not what package-lock.json says, whoever installed it. One command at a time. */
export function installIfStale() {
  const lockfile = readFileSync(join(repository, 'package-lock.json'), 'utf8');
  const wanted = createHash('sha256').update(lockfile).digest('hex');
  const marker = join(modules, '.fleetscope-installed');
  const isMarked = () => existsSync(marker) && readFileSync(marker, 'utf8') === wanted && existsSync(pinnedNode);
  if (isMarked()) return;
  alone(join(repository, '.fleetscope', 'installing'), () => {
    if (isMarked()) return;
    if (!isInstalled(JSON.parse(lockfile).packages)) {
      process.stderr.write('Installing the packages of package-lock.json …\n');
      must('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], 'Check the network and the npm registry.');
    }
    writeFileSync(marker, wanted);
  });
}

/** Nothing to do when what is built is newer than its sources. */
export function buildInstrumentation() {
  const build = join(repository, 'instrumentation', 'build.ts');
  must(pinnedNode, [build, '--if-stale'], 'Mend what it says; if it says nothing, delete node_modules and try again.');
}

/** By the list that npm writes when it is done, and each package there: an `npm ci` that was killed leaves neither whole. */
function isInstalled(packages) {
  let installed;
  try {
    installed = JSON.parse(readFileSync(join(modules, '.package-lock.json'), 'utf8')).packages;
  } catch {
    return false;
  }
  return Object.entries(packages).every(([path, { version, integrity, optional, devOptional, peer }]) => {
    if (path === '') return true;
    const found = installed[path];
    if (!found) return Boolean(optional || devOptional || peer);
    return found.version === version && found.integrity === integrity && existsSync(join(repository, path));
  });
}

function must(program, argv, remedy) {
  const { status, error } = spawnSync(program, argv, { cwd: repository, stdio: ['ignore', 'inherit', 'inherit'] });
  if (status === 0) return;
  console.error(`Cannot run "${program} ${argv.join(' ')}": ${error?.message ?? `it ended with ${status}`}. ${remedy}`);
  process.exit(1);
}
