/** One question or task on a memory that only its container sees: its own command line is asked, and a file is written here. */
import { intoFile, type Write } from '../../cli/into-file.ts';
import type { Asked } from './perform.ts';

/** Runs the command line there. Without `take` it has this terminal, or this standard output. @returns its exit code. */
export type RunInside = (line: readonly string[], take?: Write) => Promise<number>;

/** What the service beside it does by itself, with what the container alone has. */
const theirs = ['snapshot', 'consolidate', 'knowledge'];

/** @returns its exit code */
export async function askInside(asked: Asked, run: RunInside, told: (line: string) => void): Promise<number> {
  const { name, options } = asked;
  if (theirs.includes(name))
    throw new Error(
      `Cannot do "${name}" from here: the stack of this home is on Docker, and its memory does it there by itself. Name another memory: --db <file>.`,
    );
  if (name === 'rephrase')
    throw new Error(
      'Cannot rephrase from here: the memory is in a container, and your program is not. Name a memory that is here: --db <file>.',
    );
  const output = options.output;
  if (typeof output !== 'string') return run(lineOf(asked));
  const chunks: Uint8Array[] = [];
  const ended = await run(lineOf(asked), async (chunk) => {
    chunks.push(Buffer.from(chunk));
    return true;
  });
  if (ended !== 0) return ended;
  await intoFile(output, async (write) => void (await write(Buffer.concat(chunks))));
  told(`Wrote ${output}.`);
  return 0;
}

/** Options first, each one word: what follows `--` is nobody's option. */
function lineOf({ name, args, options }: Asked): string[] {
  const flags = Object.entries(options).flatMap(([key, value]) => {
    if (value === undefined || key === 'db' || key === 'output') return [];
    return [value === true ? `--${key}` : `--${key}=${value}`];
  });
  return [...name.split(' '), ...flags, '--', ...args];
}
