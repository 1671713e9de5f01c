/** Finds the twins: the `.ts` files whose default export is `twin(…)`. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Twin } from '../twin.ts';

export const repository = join(import.meta.dirname, '..');

export interface TwinFile {
  /** Repository-relative path of the `.ts` file. */
  source: string;
  /** Absolute path of the file it writes. */
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
    .filter((path) => /^export default twin\(/m.test(readFileSync(join(repository, path), 'utf8')))
    .sort();
  return Promise.all(
    sources.map(async (source) => {
      const module = (await import(pathToFileURL(join(repository, source)).href)) as { default: Twin };
      const target = join(repository, source.replace(/\.ts$/, `.${module.default.extension}`));
      return { source, target, text: module.default.render(source) };
    }),
  );
}
