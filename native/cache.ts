import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import * as v from 'valibot';
import { stack } from '../stack.ts';
import { binaries, type NativeComponent } from './binaries.ts';

/** Built binaries live outside the checkout, so that a machine builds each once. */
export function cacheFolder(env: NodeJS.ProcessEnv): string {
  return env.FLEETSCOPE_CACHE || join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'fleetscope');
}

/** The folder of one build: its name holds a hash of everything that decides the binary's bytes. */
export function buildFolder(cache: string, component: NativeComponent): string {
  const hash = createHash('sha256');
  const module = join(import.meta.dirname, component);
  for (const name of readdirSync(module).sort()) {
    if (!name.endsWith('.ts')) hash.update(name).update(readFileSync(join(module, name)));
  }
  hash.update(JSON.stringify([binaries[component], process.platform, process.arch]));
  return join(cache, 'bin', `${component}-${stack[component].native.release}-${hash.digest('hex').slice(0, 12)}`);
}

const Manifest = v.object({ sha256: v.record(v.string(), v.string()) });
const manifestName = 'manifest.json';

export type Cached = { state: 'missing' } | { state: 'damaged'; why: string } | { state: 'good' };

/** Compares every program in the folder with the hash written when it was built. */
export async function inspect(folder: string, component: NativeComponent): Promise<Cached> {
  if (!existsSync(folder)) return { state: 'missing' };
  try {
    const { sha256 } = v.parse(Manifest, JSON.parse(readFileSync(join(folder, manifestName), 'utf8')));
    for (const program of Object.keys(binaries[component].programs)) {
      if ((await fileHash(join(folder, program))) !== sha256[program])
        return { state: 'damaged', why: `${join(folder, program)} is not the file that was built` };
    }
    return { state: 'good' };
  } catch (error) {
    return { state: 'damaged', why: `${folder} is incomplete (${(error as Error).message})` };
  }
}

/** Makes a finished staging folder the cached one, in a single rename: there is never a half-written binary. */
export async function publish(staging: string, folder: string, component: NativeComponent): Promise<void> {
  const sha256: Record<string, string> = {};
  for (const program of Object.keys(binaries[component].programs))
    sha256[program] = await fileHash(join(staging, program));
  writeFileSync(join(staging, manifestName), `${JSON.stringify({ sha256 }, null, 2)}\n`);
  rmSync(folder, { recursive: true, force: true });
  renameSync(staging, folder);
}

async function fileHash(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}
