/**
 * Every document of knowledge as path and text, from what is kept and what stands in the files now. Nothing is written here: who writes files keeps
 * the overrides first (`keepOverrides`), so that what a person wrote is never only in a file. (M04, M05)
 */
import type { Override } from '../record.ts';
import type { MemoryStore } from '../store/memory-store.ts';
import { type Block, merge, untouched } from './blocks.ts';
import { decisionsHeading, decisionsPage, decisionsPath } from './decisions-page.ts';
import {
  errorHeading,
  errorPage,
  errorPagePath,
  errorsHeading,
  errorsPage,
  errorsPath,
  hasPage,
  lastSeenIn,
} from './errors-page.ts';
import { type KnownError, knownErrors } from './known-error.ts';
import { knownFacts } from './known-facts.ts';
import { memoryHeading, memoryPage, memoryPath } from './memory-page.ts';
import { practicesHeading, practicesPage, practicesPath } from './practices-page.ts';

export interface Knowledge {
  /** By path from the root, `/` between folders. Those that could not be made are not in it. */
  readonly texts: ReadonlyMap<string, string>;
  /** What people wrote since it was last looked. */
  readonly written: readonly Override[];
  /** What they took back. */
  readonly dropped: readonly Pick<Override, 'document' | 'block'>[];
  /** Documents that are left as they are, and why. */
  readonly problems: readonly string[];
}

/** The text of a file now; undefined: there is none. */
export type Present = (path: string) => string | undefined | Promise<string | undefined>;

type Reading = Pick<MemoryStore, 'snapshots' | 'findings' | 'decisions' | 'overrides'>;

/** @param until the last day that is told of. The same day, store and files give the same texts, to the byte. */
export async function knowledge(store: Reading, until: string, present: Present): Promise<Knowledge> {
  const facts = await knownFacts(store, until);
  const seen = knownErrors(facts, new Map());
  const documents = new Documents(store, present);
  const written = new Map<string, readonly Override[]>();
  for (const error of seen.filter(({ fingerprint }) => hasPage(fingerprint)))
    written.set(error.fingerprint, await documents.look(errorPagePath(error.fingerprint), errorPage(error)));
  // Only now is it known which are over.
  const errors = knownErrors(facts, written);
  for (const error of errors.filter(({ fingerprint }) => hasPage(fingerprint))) documents.make(pageOf(error));
  const pages = [
    { path: errorsPath, heading: errorsHeading, blocks: errorsPage(facts, errors) },
    { path: practicesPath, heading: practicesHeading, blocks: practicesPage(facts) },
    { path: decisionsPath, heading: decisionsHeading, blocks: decisionsPage(facts) },
    { path: memoryPath, heading: memoryHeading, blocks: memoryPage(facts, errors) },
  ];
  for (const page of pages) {
    await documents.look(page.path, page.blocks);
    documents.make(page);
  }
  return documents.made();
}

/** Durable before any file is written. Twice is once. */
export async function keepOverrides(
  store: Pick<MemoryStore, 'putOverride' | 'dropOverride'>,
  { written, dropped }: Pick<Knowledge, 'written' | 'dropped'>,
): Promise<void> {
  for (const override of written) await store.putOverride(override);
  for (const { document, block } of dropped) await store.dropOverride(document, block);
}

interface Page {
  readonly path: string;
  readonly heading: string;
  readonly blocks: readonly Block[];
}

function pageOf(error: KnownError): Page {
  return { path: errorPagePath(error.fingerprint), heading: errorHeading(error), blocks: errorPage(error) };
}

class Documents {
  readonly #store: Pick<MemoryStore, 'overrides'>;
  readonly #present: Present;
  readonly #before = new Map<string, string | undefined>();
  readonly #inForce = new Map<string, readonly Override[]>();
  readonly #texts = new Map<string, string>();
  readonly #written: Override[] = [];
  readonly #dropped: Pick<Override, 'document' | 'block'>[] = [];
  readonly #problems = new Map<string, string>();

  constructor(store: Pick<MemoryStore, 'overrides'>, present: Present) {
    this.#store = store;
    this.#present = present;
  }

  /** What people made of a document: as it stands in the file, or, where that is lost or cannot be read, as it was kept. */
  async look(path: string, blocks: readonly Block[]): Promise<readonly Override[]> {
    const [before, kept] = [await this.#present(path), await this.#store.overrides(path)];
    this.#before.set(path, before);
    const found = before === undefined ? kept : this.#found(path, before, blocks, kept);
    this.#inForce.set(path, found);
    if (this.#problems.has(path)) return found;
    this.#written.push(...found.filter((one) => !kept.includes(one)));
    const gone = kept.filter(({ block }) => !found.some((one) => one.block === block));
    this.#dropped.push(...gone.map(({ document, block }) => ({ document, block })));
    return found;
  }

  make({ path, heading, blocks }: Page): void {
    if (this.#problems.has(path)) return;
    const { text } = merge({ name: path, heading }, this.#before.get(path), blocks, this.#inForce.get(path));
    this.#texts.set(path, text);
  }

  made(): Knowledge {
    return {
      ...{ texts: this.#texts, written: this.#written, dropped: this.#dropped },
      problems: [...this.#problems.values()],
    };
  }

  #found(path: string, before: string, blocks: readonly Block[], kept: readonly Override[]): readonly Override[] {
    try {
      const { corrections } = merge({ name: path, heading: '' }, before, []);
      return corrections.map(({ block, text }): Override => {
        const known = kept.find((one) => one.block === block && one.text === text);
        return known ?? { document: path, block, text, instead_of: insteadOf(path, before, block, blocks) };
      });
    } catch (error) {
      this.#problems.set(path, (error as Error).message);
      return kept;
    }
  }
}

/** The text, and on the page of an error the last occurrence that they read of: what comes later they did not know. */
function insteadOf(path: string, before: string, block: string, blocks: readonly Block[]): string {
  const text = blocks.find(({ name }) => name === block)?.text ?? '';
  const facts = untouched(path, before).find(({ name }) => name === 'facts');
  const seen = lastSeenIn(facts?.text ?? '') ?? lastSeenIn(blocks.find(({ name }) => name === 'facts')?.text ?? '');
  return seen === undefined ? text : `${text}\n\nLast seen: ${seen}`;
}
