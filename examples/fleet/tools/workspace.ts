import { mkdtempSync, rmSync } from 'node:fs';
import { copyFile, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tool } from '@fleetscope/instrumentation';
import type { Counts } from '../counts.ts';

/** A temporary folder in which agents read, write and run files, by name alone. */
export class Workspace {
  readonly folder = mkdtempSync(join(tmpdir(), 'fleet-'));
  readonly #counts: Counts;

  constructor(counts: Counts) {
    this.#counts = counts;
  }

  write(name: string, text: string): Promise<void> {
    return this.#counted('write_file', () => writeFile(this.path(name), text));
  }

  read(name: string): Promise<string> {
    return this.#counted('read_file', () => readFile(this.path(name), 'utf8'));
  }

  remove(name: string): Promise<void> {
    return this.#counted('remove_file', () => rm(this.path(name), { force: true }));
  }

  /** Puts a package beside the files, as an installer would. */
  install(name: string): Promise<void> {
    return copyFile(join(import.meta.dirname, '..', 'vendor', `${name}.ts`), this.path(`${name}.ts`));
  }

  /** @throws RangeError for a name that leads out of the folder. */
  path(name: string): string {
    if (!/^[\w-]+\.ts$/.test(name))
      throw new RangeError(`Cannot use the file "${name}": give a plain name such as a.ts.`);
    return join(this.folder, name);
  }

  delete(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #counted<T>(name: string, work: () => Promise<T>): Promise<T> {
    return this.#counts.of('tools', name, tool({ name }, work));
  }
}
