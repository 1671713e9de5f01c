import { readFileSync, realpathSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, sep } from 'node:path';

/** What is known of the program that is about to run: the folder of its main script, and the package it belongs to. */
export interface App {
  folder: string;
  name?: string;
  version?: string;
}

/**
 * The program by its main script, `process.argv[1]`; undefined for `-e` and for stdin.
 * Its name is that of the package nearest to the script. A tool that a project runs out of its own node_modules
 * (`next start`) is named after the project.
 */
export function findApp(script: string | undefined, workingFolder: string): App {
  const folder = script ? folderOf(script) : workingFolder;
  const [project, tool] = folder.split(`${sep}node_modules${sep}`, 2) as [string, string?];
  const isToolOfProject = tool !== undefined && `${workingFolder}${sep}`.startsWith(`${project}${sep}`);
  return { folder, ...nearestPackage(isToolOfProject ? workingFolder : folder) };
}

/** Whether the app could load this library: cheaper than loading an instrumentation that has nothing to do. */
export function canResolve(app: App, library: string): boolean {
  try {
    requireFrom(app).resolve(library);
    return true;
  } catch (error) {
    // Installed, but for import only: that is installed.
    return (error as NodeJS.ErrnoException).code === 'ERR_PACKAGE_PATH_NOT_EXPORTED';
  }
}

/** `require` as the app's own main script would have it. */
export function requireFrom(app: App): NodeJS.Require {
  return createRequire(join(app.folder, 'main.js'));
}

/** NODE_OPTIONS reaches package managers too; they are no service and get no telemetry. */
export function isPackageManager(script: string | undefined): boolean {
  const managers = /^(npm|npx|yarn|yarnpkg|pnpm|pnpx|corepack)(-cli)?(\.[cm]?js)?$/;
  return script !== undefined && (managers.test(basename(script)) || managers.test(basename(realPath(script))));
}

function nearestPackage(folder: string): Pick<App, 'name' | 'version'> {
  for (let at = folder; ; at = dirname(at)) {
    const found = readPackage(join(at, 'package.json'));
    if (found?.name) return found;
    if (dirname(at) === at) return {};
  }
}

function readPackage(path: string): Pick<App, 'name' | 'version'> | undefined {
  try {
    const { name, version } = JSON.parse(readFileSync(path, 'utf8'));
    return { ...(typeof name === 'string' && { name }), ...(typeof version === 'string' && { version }) };
  } catch {
    return undefined;
  }
}

function folderOf(script: string): string {
  const path = realPath(script);
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ? path : dirname(path);
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
