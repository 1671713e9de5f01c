/** `knowledge`: the documents that people read, written at once: as files, or as a commit on a branch. (M05, B10) */
import { existsSync, realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { text } from '../../cli/options.ts';
import { count, oneLine } from '../../words.ts';
import { keepOverrides, knowledge } from '../knowledge/documents.ts';
import { presentOn, propose } from '../knowledge/propose.ts';
import { textOf, writeFile } from '../schedule/write-file.ts';
import { bounds, reach } from './known.ts';
import type { Task } from './task.ts';

export const writeKnowledge: Task = {
  usage: 'knowledge',
  description: 'errors, practices, decisions and MEMORY.md as documents; what people wrote in them stays',
  options: [
    ['--date <day>', 'as it was known at the end of this day; default: the newest final one'],
    ['--folder <path>', 'the root that docs/ and MEMORY.md are in; default: FLEETSCOPE_MEMORY_ROOT, or this folder'],
    ['--branch <name>', 'as a commit on this branch of the repository there, instead of files; nothing is pushed'],
    ['--dry-run', 'say what would change; nothing does'],
  ],
  makesMemory: false,
  async run(given) {
    const { memory, options, told } = given;
    const newest = (await memory.done('day')).at(-1);
    const until = text(options, 'date') ?? newest;
    if (until !== undefined && !/^\d{4}-\d\d-\d\d$/.test(until))
      throw new RangeError(`Cannot read --date "${oneLine(until)}": write a day as 2026-02-15.`);
    if (until === undefined || (await memory.snapshot(until))?.state !== 'final')
      throw new Error(
        `Cannot write of ${until ?? 'any day'}: no final day is known of it; ${reach(await bounds(memory))}`,
      );
    const root = resolve(text(options, 'folder') ?? (process.env.FLEETSCOPE_MEMORY_ROOT || '.'));
    const branch = text(options, 'branch');
    const proposal = branch === undefined ? undefined : { repository: root, branch, period: until };
    const present = proposal ? await presentOn(proposal) : (path: string) => textOf(root, path);
    const place = branch === undefined ? placeOf(root, given.root) : `branch ${branch} of ${root}`;
    const made = await knowledge(memory, until, present, place);
    for (const problem of made.problems) told(problem);
    const changes: { path: string; change: 'new' | 'changed' }[] = [];
    for (const [path, text] of made.texts) {
      const before = await present(path);
      if (before !== text) changes.push({ path, change: before === undefined ? 'new' : 'changed' });
    }
    if (options.dryRun === true) told('Nothing was written: --dry-run.');
    else {
      // First: what a person wrote is never only in a file.
      await keepOverrides(memory, made);
      if (place !== undefined && made.written.length > 0)
        told(`What people wrote there counts there: questions and alerts go by ${given.root}.`);
      if (proposal) {
        const { commit, isNew } = await propose(proposal, made.texts);
        told(isNew ? `Committed ${commit.slice(0, 12)} on ${proposal.branch}.` : `${proposal.branch} says it already.`);
      } else for (const { path } of changes) await writeFile(root, path, made.texts.get(path) as string);
    }
    const lines = changes.map(({ path, change }) => `${change} ${path}`);
    return {
      json: { until, root, changes, documents: made.texts.size, problems: made.problems },
      text: lines.length === 0 ? `All ${count(made.texts.size, 'document')} are as they were.` : lines.join('\n'),
      findings: made.problems.length > 0,
    };
  },
};

/** Undefined: it is that folder, by whatever path. */
function placeOf(root: string, own: string): string | undefined {
  return real(root) === real(resolve(own)) ? undefined : `folder ${root}`;
}

function real(path: string): string {
  return existsSync(path) ? realpathSync(path) : path;
}
