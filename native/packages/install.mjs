/** What a fresh clone needs before anything of it can run. JavaScript, so that an older Node can read it. */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { alone } from './alone.mjs';

export const repository = fileURLToPath(new URL('../..', import.meta.url));
export const modules = join(repository, 'node_modules');

/** The Node that package.json pins. */
export const pinnedNode = join(modules, '.bin', 'node');

/** `npm ci` when what is installed is not what package-lock.json says, whoever installed it. One command at a time. */
export async function installIfStale() {
  const lockfile = readFileSync(join(repository, 'package-lock.json'), 'utf8');
  const wanted = createHash('sha256').update(lockfile).digest('hex');
  const marker = join(modules, '.fleetscope-installed');
  const isMarked = () => existsSync(marker) && readFileSync(marker, 'utf8') === wanted && existsSync(pinnedNode);
  if (isMarked()) return;
  const { packages } = JSON.parse(lockfile);
  try {
    if (!isInstalled(packages))
      await alone(join(repository, '.fleetscope', 'installing'), (names) => isInstalled(packages) || install(names));
  } catch (error) {
    end(1, `Cannot install the packages of package-lock.json: ${error.message}. Install them yourself: npm ci.`);
  }
  try {
    writeFileSync(marker, wanted);
  } catch {
    // Not ours to write to: it is looked at anew each time, which takes a tenth of a second.
  }
}

/** Nothing to do when what is built is newer than its sources. */
export function buildInstrumentation() {
  const argv = [join(repository, 'instrumentation', 'build.ts'), '--if-stale'];
  const { status, signal, error } = spawnSync(pinnedNode, argv, { cwd: repository, stdio: inherited });
  if (status === 0) return;
  if (signal) end(130);
  const what = `"${pinnedNode} ${argv.join(' ')}": ${error?.message ?? `it ended with ${status}`}`;
  end(1, `Cannot run ${what}. Mend what it says; if it says nothing, delete node_modules and try again.`);
}

const inherited = ['ignore', 'inherit', 'inherit'];

/** @param names whose the lock is while npm runs, which goes on if we are killed */
async function install(names) {
  process.stderr.write('Installing the packages of package-lock.json …\n');
  const npm = spawn('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: repository,
    stdio: inherited,
  });
  const passOn = (signal) => npm.kill(signal);
  for (const signal of signals) process.on(signal, passOn);
  const ended = once(npm, 'exit');
  if (npm.pid !== undefined) names(npm.pid);
  const [status, signal] = await ended;
  for (const one of signals) process.off(one, passOn);
  if (signal || status > 128) end(130);
  if (status !== 0) end(1, `Cannot run "npm ci": it ended with ${status}. Check the network and the npm registry.`);
  if (!existsSync(pinnedNode))
    end(
      1,
      'Cannot find the Node of package.json after "npm ci": its install script did not run. Set ignore-scripts=false.',
    );
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** By the list that npm writes when it is done, and each package there: an `npm ci` that was killed leaves neither whole. */
function isInstalled(packages) {
  let installed;
  try {
    installed = JSON.parse(readFileSync(join(modules, '.package-lock.json'), 'utf8')).packages ?? {};
  } catch {
    return false;
  }
  if (!existsSync(pinnedNode)) return false;
  return Object.entries(packages).every(([path, { version, integrity, optional, devOptional, peer }]) => {
    if (path === '') return true;
    const found = installed[path];
    if (!found) return Boolean(optional || devOptional || peer);
    return found.version === version && found.integrity === integrity && existsSync(join(repository, path));
  });
}

function end(status, why) {
  if (why) console.error(why);
  process.exit(status);
}
