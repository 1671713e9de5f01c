/** The image of a program of this repository, as its Dockerfile makes it, without a registry: this machine's Node and its libraries. */
import { mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { bundle } from '../../native/bundle.ts';
import { type OwnImage, stack } from '../../stack.ts';
import { docker } from './docker.ts';
import { type Entry, layer } from './layer.ts';
import { madeLabel } from './make.ts';
import { changesOf, recipes } from './recipes.ts';

const app = '/app';

export async function makeOwn(component: OwnImage, env: NodeJS.ProcessEnv): Promise<{ version: string }> {
  const { entries, folder, remove } = await ownEntries(component);
  try {
    const said = [...changesOf(recipes[component]), `WORKDIR ${folder}`, `LABEL ${madeLabel}=true`];
    const changes = said.flatMap((change) => ['--change', change]);
    await docker(['import', ...changes, '-', stack[component].image], { env, stdin: layer(entries) });
    return { version: stack[component].own.version };
  } finally {
    remove();
  }
}

/** The files of the image, whose program lies in `folder`; `remove` takes away where they were gathered. */
export function ownEntries(component: OwnImage) {
  return nodeEntries((gathered) => bundle(component, gathered), recipes[component].owned);
}

/** The same of whatever `gather` puts into an empty folder for this machine's Node to run. */
export async function nodeEntries(
  gather: (folder: string) => Promise<void> | void,
  owned: Readonly<Record<string, number>> = {},
) {
  const gathered = mkdtempSync(join(tmpdir(), 'fleetscope-own-image-'));
  const remove = () => rmSync(gathered, { recursive: true, force: true });
  try {
    await gather(gathered);
    const node = realpathSync(process.execPath);
    const entries: Entry[] = [
      { path: '/usr/local/bin/node', program: node },
      ...(await librariesOf(node)).map((path) => ({ path, program: realpathSync(path) })),
      ...readdirSync(gathered, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .map((path) => ({ path: path.replace(gathered, app), program: path })),
      ...Object.entries(owned).map(([path, owner]) => ({ path, folder: { owner } })),
    ];
    return { entries, folder: app, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

/** What the loader looks for, and the loader. */
async function librariesOf(program: string): Promise<string[]> {
  const { stdout } = await execa('ldd', [program]);
  return [...stdout.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map(([, path]) => path as string);
}
