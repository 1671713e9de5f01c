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

/**
 * @param until the last day that is told of. The same day, store and files give the same texts, to the byte.
 * @param place where the documents are, if not in the folder that the memory is written to: a branch, another folder. What people write in one place
 * is kept by it, so that no two places take back what was written in the other.
 */
export async function knowledge(store: Reading, until: string, present: Present, place?: string): Promise<Knowledge> {
  const facts = await knownFacts(store, until);
  const seen = knownErrors(facts, new Map());
  const documents = new Documents(store, present, place);
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
  readonly #place: string | undefined;
  readonly #before = new Map<string, string | undefined>();
  readonly #inForce = new Map<string, readonly Override[]>();
  readonly #texts = new Map<string, string>();
  readonly #written: Override[] = [];
  readonly #dropped: Pick<Override, 'document' | 'block'>[] = [];
  readonly #problems = new Map<string, string>();

  constructor(store: Pick<MemoryStore, 'overrides'>, present: Present, place: string | undefined) {
    this.#store = store;
    this.#present = present;
    this.#place = place;
  }

  /** What people made of a document: as it stands in the file, or, where that is lost or cannot be read, as it was kept. */
  async look(path: string, blocks: readonly Block[]): Promise<readonly Override[]> {
    const document = this.#place === undefined ? path : `${this.#place}: ${path}`;
    const [before, kept] = [await this.#present(path), await this.#store.overrides(document)];
    this.#before.set(path, before);
    const found = await this.#inForceIn({ path, document, before, kept }, blocks);
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
    // As a file has it, so that it is the same when it is read again.
    this.#texts.set(path, text.toWellFormed());
  }

  made(): Knowledge {
    return {
      ...{ texts: this.#texts, written: this.#written, dropped: this.#dropped },
      problems: [...this.#problems.values()],
    };
  }

  async #inForceIn(looked: Looked, blocks: readonly Block[]): Promise<readonly Override[]> {
    const { path, document, before, kept } = looked;
    if (this.#place === undefined) return before === undefined ? kept : this.#found(looked, blocks, kept);
    // A copy of what was written in the memory's own folder tells what it told of there; and a new place begins with it.
    const own = (await this.#store.overrides(path)).map((one) => ({ ...one, document }));
    if (before === undefined) return kept.length > 0 ? kept : own;
    return this.#found(looked, blocks, [...kept, ...own]);
  }

  #found({ path, document, before = '', kept }: Looked, blocks: readonly Block[], known: readonly Override[]) {
    try {
      const { corrections } = merge({ name: path, heading: '' }, before, []);
      return corrections.map(({ block, text }): Override => {
        const same = known.find((one) => one.block === block && one.text === text);
        return same ?? { document, block, text, instead_of: insteadOf(path, before, block, blocks) };
      });
    } catch (error) {
      this.#problems.set(path, (error as Error).message);
      return kept;
    }
  }
}

/** A document as it stands in its place. */
interface Looked {
  readonly path: string;
  /** What it is kept as. */
  readonly document: string;
  readonly before: string | undefined;
  readonly kept: readonly Override[];
}

/** The text, and on the page of an error the last occurrence that they read of: what comes later they did not know. */
function insteadOf(path: string, before: string, block: string, blocks: readonly Block[]): string {
  const text = blocks.find(({ name }) => name === block)?.text ?? '';
  const facts = untouched(path, before).find(({ name }) => name === 'facts');
  const seen = lastSeenIn(facts?.text ?? '') ?? lastSeenIn(blocks.find(({ name }) => name === 'facts')?.text ?? '');
  return seen === undefined ? text : `${text}\n\nLast seen: ${seen}`;
}
