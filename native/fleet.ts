/** `node native/fleet.ts <folder>`: the demo fleet as its image holds it: its own files, its packages, and the preload among them. */
import { cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { onlyOwn, packagesOf } from './bundle.ts';

const fleet = join(import.meta.dirname, '..', 'examples', 'fleet');

/** Not in one file, as the services are: what a preload watches has to be found as the package that it is. */
export function gatherFleet(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  cpSync(fleet, folder, {
    recursive: true,
    filter: (path) => basename(path) !== 'node_modules' && !/\.test\.ts$|Dockerfile/.test(path),
  });
  const { dependencies } = JSON.parse(readFileSync(join(fleet, 'package.json'), 'utf8'));
  const packages = new Map<string, string>();
  for (const name of Object.keys(dependencies)) packagesOf(name, fleet, packages);
  for (const [name, from] of packages) cpSync(from, join(folder, 'node_modules', name), onlyRun(from));
}

/** Without what only compilers and debuggers read: of a package of models that is most. */
function onlyRun(from: string) {
  const { filter, ...options } = onlyOwn(from);
  return { ...options, filter: (path: string) => filter(path) && !/\.d\.[cm]?ts$|\.map$/.test(path) };
}

if (import.meta.main) {
  const [folder] = process.argv.slice(2);
  if (!folder)
    throw new Error('Cannot gather the fleet: no folder was named. Say which: node native/fleet.ts <folder>.');
  gatherFleet(folder);
}
