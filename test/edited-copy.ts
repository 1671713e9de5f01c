/** A copy of the repository in which somebody edits what people edit. */
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa, execaSync } from 'execa';
import { repository } from '../scripts/twins.ts';

export interface EditedCopy {
  readonly folder: string;
  read(path: string): string;
  /** Path → text of each file that Git knows, of some kinds: `yml`. */
  texts(...kinds: string[]): Map<string, string>;
  /** @throws Error where nothing is turned. */
  edit(path: string, turn: (text: string) => string): void;
  /** As `npm run generate`. */
  generate(): Promise<void>;
  /** @param script text of a module that imports from the copy, and prints JSON. */
  ask(script: string): Promise<unknown>;
  remove(): void;
}

export function editedCopy(): EditedCopy {
  const folder = mkdtempSync(join(tmpdir(), 'fleetscope-copy-'));
  const { stdout } = execaSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: repository });
  // Git lists a file that was renamed until that is committed.
  const files = stdout.split('\n').filter((path) => existsSync(join(repository, path)));
  for (const path of files) cpSync(join(repository, path), join(folder, path), { force: true });
  symlinkSync(join(repository, 'node_modules'), join(folder, 'node_modules'));
  const read = (path: string) => readFileSync(join(folder, path), 'utf8');
  const run = (...args: string[]) => execa(process.execPath, args, { cwd: folder });
  return {
    folder,
    read,
    texts: (...kinds) =>
      new Map(
        files.filter((path) => kinds.includes(path.split(/[./]/).at(-1) as string)).map((path) => [path, read(path)]),
      ),
    edit(path, turn) {
      const before = read(path);
      const after = turn(before);
      if (after === before) throw new Error(`Cannot edit ${path}: it has nothing of what is to be turned.`);
      writeFileSync(join(folder, path), after);
    },
    async generate() {
      await run('scripts/generate.ts');
    },
    async ask(script) {
      return JSON.parse((await run('--input-type=module', '--eval', script)).stdout);
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
