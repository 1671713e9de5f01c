/** Writes the documents of knowledge as the newest final day has them; what people wrote into them is kept first. (M04, M05) */
import { keepOverrides, knowledge } from '../knowledge/documents.ts';
import type { JobGiven } from './run-job.ts';
import { textOf, writeFile } from './write-file.ts';

/** @returns documents that are left as they are, and why: whole sentences, for people */
export async function writeKnowledge({ store, leader, root, disk }: JobGiven): Promise<readonly string[]> {
  const until = (await store.done('day')).at(-1);
  if (until === undefined) return [];
  const seen = new Map<string, string | undefined>();
  const present = async (path: string) => {
    const text = await textOf(root, path, disk);
    seen.set(path, text);
    return text;
  };
  const made = await leader.whileHeld(() => knowledge(store, until, present));
  await leader.hold();
  await keepOverrides(store, made);
  for (const [path, text] of made.texts) {
    await leader.hold();
    // Somebody writes in it just now: the next look takes it up.
    if ((await textOf(root, path, disk)) !== seen.get(path)) continue;
    await writeFile(root, path, text, disk);
  }
  return made.problems;
}
