/** Finds the twins: the `.ts` files whose default export is `twin(…)` or `twins(…)`. */
import { globSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Twin } from '../twin.ts';

export const repository = join(import.meta.dirname, '..');

export interface TwinFile {
  /** Repository-relative path of the `.ts` file. */
  source: string;
  /** Absolute path of the file it writes, or of one of them. */
  target: string;
  text: string;
}

/** Every twin of the repository, rendered, in path order. */
export async function twins(): Promise<TwinFile[]> {
  const sources = globSync('{*.ts,*/**/*.ts}', {
    cwd: repository,
    exclude: (path) => /node_modules|\.fleetscope|dist/.test(String(path)),
  })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => /^export default twins?\(/m.test(readFileSync(join(repository, path), 'utf8')))
    .sort();
  const rendered = sources.map(async (source) => {
    const module = (await import(pathToFileURL(join(repository, source)).href)) as { default: Twin };
    return Object.entries(module.default.render(source)).map(([name, text]) => ({
      source,
      target: join(repository, dirname(source), name),
      text,
    }));
  });
  return (await Promise.all(rendered)).flat();
}

/** Files that a twin wrote once and no longer does: a set has lost a member. */
export function orphans(all: readonly TwinFile[]): string[] {
  const targets = new Set(all.map(({ target }) => target));
  const sources = new Map(all.map(({ source, target }) => [source, dirname(target)]));
  return [...sources].flatMap(([source, folder]) =>
    readdirSync(folder)
      .map((name) => join(folder, name))
      .filter((path) => /\.(ya?ml|md)$/.test(path) && !targets.has(path))
      .filter((path) => readFileSync(path, 'utf8').split('\n', 1)[0]?.includes(`Generated from ${source} by `)),
  );
}
