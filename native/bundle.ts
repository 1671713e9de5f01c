/** `node native/bundle.ts <component> <folder>`: programs of ours as an image holds them, a file each and what is preloaded before them. */
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { rolldown } from 'rolldown';
import { type OwnImage, stack } from '../stack.ts';

const repository = join(import.meta.dirname, '..');

interface Contents {
  /** Where each program begins. `main.js` is what the container runs. */
  readonly programs: { readonly 'main.js': string; readonly [file: string]: string };
  /** Files that `main.js` reads by their place beside it. */
  readonly beside: readonly string[];
}

const contents: Record<OwnImage, Contents> = {
  escalation: {
    programs: { 'main.js': 'alertmanager/escalation/main.ts' },
    beside: ['policy/default-policy.yml'],
  },
  monitor: {
    programs: {
      'main.js': 'monitor/ingest/main.ts',
      'monitor.js': 'scripts/monitor-image.ts',
      'memory.js': 'monitor/memory/schedule/main.ts',
      'ask.js': 'scripts/memory-image.ts',
    },
    beside: [],
  },
};

/** Shared with the preload: one copy of the API, or nothing is recorded. */
const shared = '@opentelemetry/api';
const preload = '@fleetscope/instrumentation';

/** Writes everything into an empty folder: `node --import @fleetscope/instrumentation/register main.js` runs it there. */
export async function bundle(component: OwnImage, folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const { programs, beside } = contents[component];
  const modules: string[] = [];
  for (const [file, from] of Object.entries(programs)) modules.push(...(await write(from, join(folder, file))));
  writeFileSync(join(folder, 'THIRD_PARTY_LICENSES'), licences(modules));
  const { version } = stack[component].own;
  const about = { name: `fleetscope-${component}`, version, private: true, type: 'module' };
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(about, null, 2)}\n`);
  for (const path of beside) cpSync(join(repository, dirname(programs['main.js']), path), join(folder, path));
  for (const [name, from] of packagesOf(preload)) cpSync(from, join(folder, 'node_modules', name), onlyOwn(from));
}

/** One program as one file, with all that it imports. @returns what it was made of. */
async function write(from: string, file: string): Promise<readonly string[]> {
  const made = await rolldown({
    cwd: repository,
    input: join(repository, from),
    platform: 'node',
    external: [/^node:/, shared, preload, ...optional()],
    checks: { bundlerTimings: false },
    onLog(level, log) {
      if (level === 'warn') throw new Error(`Cannot bundle: ${log.message}`);
    },
  });
  const { output } = await made.write({ file, format: 'es', sourcemap: true, codeSplitting: false });
  await made.close();
  return output[0].moduleIds;
}

/** Of each package in the bundle; those beside it bring their own. */
function licences(moduleIds: readonly string[]): string {
  const folder = /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/;
  const folders = new Set(moduleIds.flatMap((id) => folder.exec(id)?.[0] ?? []));
  const texts = [...folders].sort().map((path) => {
    const { name, version, license } = manifest(path);
    const file = readdirSync(path).find((entry) => /^licen[cs]e/i.test(entry));
    return `${name} ${version}\n\n${file ? readFileSync(join(path, file), 'utf8').trim() : `Licence: ${license}`}\n`;
  });
  return `The programs beside this file contain code of the packages below.\n\n${texts.join(`\n${'-'.repeat(80)}\n\n`)}`;
}

/** What MongoDB's driver loads where it is installed: here it is not. */
function optional(): string[] {
  const { peerDependencies = {}, peerDependenciesMeta = {} } = manifest(folderOf('mongodb', repository));
  return Object.keys(peerDependencies).filter((name) => peerDependenciesMeta[name]?.optional);
}

/** A package with all that it needs, each by its folder. */
export function packagesOf(name: string, from = repository, found = new Map<string, string>()): Map<string, string> {
  if (found.has(name)) return found;
  const folder = folderOf(name, from);
  found.set(name, folder);
  for (const needed of Object.keys(manifest(folder).dependencies ?? {})) packagesOf(needed, folder, found);
  return found;
}

interface Manifest {
  name?: string;
  version?: string;
  license?: string;
  dependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  peerDependenciesMeta?: Record<string, { optional?: boolean }>;
}

function manifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}

/** Where a package is, as Node would look for it. */
function folderOf(name: string, from: string): string {
  for (const paths of createRequire(join(from, 'package.json')).resolve.paths(name) ?? []) {
    const folder = join(paths, name);
    try {
      if (manifest(folder).name === name) return folder;
    } catch {
      // Not here: the next folder up.
    }
  }
  throw new Error(`Cannot find ${name} from ${from}: it is not installed. Run npm ci.`);
}

/** Without what lies in its own node_modules, sources and tests. */
export function onlyOwn(from: string) {
  const left = ['node_modules', 'src', 'test'].map((name) => join(from, name));
  return { recursive: true, dereference: true, filter: (path: string) => !left.includes(path) };
}

if (import.meta.main) {
  const [component, folder] = process.argv.slice(2);
  if (!component || !folder || !(component in contents))
    throw new Error(
      `Cannot bundle: "${process.argv.slice(2).join(' ')}" is no program of ours and a folder. Name both.`,
    );
  await bundle(component as OwnImage, folder);
}
