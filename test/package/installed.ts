import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { inject } from 'vitest';
import { cacheFolder } from '../../native/cache.ts';
import { lock } from '../../native/lock.ts';

const source = join(import.meta.dirname, '../../instrumentation');

/** The oldest Node that the package promises to run on. */
export const oldestNode = '22.15.0';

export interface Packed {
  tarball: string;
  /** As npm tells it. */
  sizeBytes: number;
  unpackedBytes: number;
  paths: string[];
}

/** What `npm publish` would upload. Packed once per run. */
export function packed(): Promise<Packed> {
  return once('packed', async (folder) => {
    const { stdout } = await npm(['pack', source, '--ignore-scripts', '--json', '--pack-destination', folder], folder);
    const [told] = Object.values(JSON.parse(stdout)) as [
      { filename: string; size: number; unpackedSize: number; files: { path: string }[] },
    ];
    const tarball = join(folder, `${told.filename.replace('@', '').replace('/', '-')}`);
    return {
      tarball,
      sizeBytes: told.size,
      unpackedBytes: told.unpackedSize,
      paths: told.files.map(({ path }) => path),
    };
  });
}

/**
 * An empty project outside the checkout into which the tarball and `others` were installed, by the given Node, which
 * npm asks whether it will do. Made once per run and name.
 */
export async function project(name: string, others: string[] = [], node = process.execPath): Promise<string> {
  const { tarball } = await packed();
  return once(name, async (folder) => {
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'shop', version: '1.2.3', private: true }));
    const flags = ['--engine-strict', '--ignore-scripts', '--save-exact'];
    await npm(['install', tarball, ...others, ...flags], folder, node);
    return folder;
  });
}

/** The program `node` of that version, as npm has it. Kept outside the checkout: a machine fetches it once. */
export async function nodeOf(version: string): Promise<string> {
  const cache = cacheFolder(process.env);
  const folder = join(cache, `node-${version}`);
  const held = await lock(join(cache, 'locks', 'node'), () => undefined);
  try {
    if (!existsSync(folder)) {
      const staging = `${folder}.staging`;
      rmSync(staging, { recursive: true, force: true });
      mkdirSync(staging, { recursive: true });
      // Its install script, which fetches the Node of this platform, runs only where that is allowed.
      const wanted = { private: true, dependencies: { node: version }, allowScripts: { node: true } };
      writeFileSync(join(staging, 'package.json'), JSON.stringify(wanted));
      await npm(['install'], staging);
      renameSync(staging, folder);
    }
  } finally {
    held.release();
  }
  return join(folder, 'node_modules/node/bin/node');
}

/** npm as this machine is set up, run by the given Node. */
export function npm(args: string[], cwd: string, node = process.execPath) {
  const env = { PATH: `${dirname(node)}:${process.env.PATH}` };
  return execa('npm', [...args, '--no-audit', '--no-fund'], { cwd, env });
}

/** By package, the folders below which it is installed. */
export function copies(modules: string, scope = '@opentelemetry'): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const path of readdirSync(modules, { recursive: true, encoding: 'utf8' })) {
    const [, at, name] = new RegExp(`^(.*?)(?:^|/)(${scope}/[^/]+)/package\\.json$`).exec(path) ?? [];
    if (at !== undefined && name && (at === '' || at.endsWith('node_modules')))
      found.set(name, [...(found.get(name) ?? []), at].sort());
  }
  return found;
}

/** Vitest runs the files in processes of their own: the first that asks makes it, the others wait and read. */
async function once<Result>(name: string, make: (folder: string) => Promise<Result>): Promise<Result> {
  const home = inject('packageTests');
  const folder = join(home, name);
  const result = `${folder}.json`;
  const held = await lock(`${folder}.lock`, () => undefined);
  try {
    if (!existsSync(result)) {
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder, { recursive: true });
      writeFileSync(result, JSON.stringify(await make(folder)));
    }
    return JSON.parse(readFileSync(result, 'utf8'));
  } finally {
    held.release();
  }
}
