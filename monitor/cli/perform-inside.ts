/** One command on a ledger that only its container sees: its own command line is asked, and what is of this machine is done here. */
import type { Run } from '../ledger/run-tree.ts';
import { isRemembered } from '../memory/ask/evidence.ts';
import { type Command, type Given, printed } from './command.ts';
import { exportRuns, written } from './export.ts';
import { noRun } from './find-run.ts';
import { intoFile, type Write } from './into-file.ts';
import { text } from './options.ts';
import { formatOf, show, shown } from './show.ts';

export interface Inside {
  /** Runs the command line there. Without `take` it has this terminal, or this standard output. @returns its exit code. */
  run(line: readonly string[], take?: Write): Promise<number>;
}

/** A command as it was given, in words that mean the same wherever they stand. */
export interface Asked {
  readonly command: Command;
  /** `export --format=csv -- my-session`. */
  line(without?: readonly string[]): string[];
}

/** @returns its exit code. */
export async function performInside(
  { command, line }: Asked,
  inside: Inside,
  given: Omit<Given, 'ledger'>,
): Promise<number> {
  const output = text(given.options, 'output');
  if (command === show && !isRemembered(given.args[0] ?? '')) return showHere(inside, given);
  if (command === exportRuns && output !== undefined) {
    const ended = await exportHere(output, inside, line(['output']));
    if (ended === 0) await given.screen.write(printed(written(output), given.options));
    return ended;
  }
  return inside.run(line());
}

/** Alerts and links are known here: the container has no token to ask for them, and other names for the servers. */
async function showHere(inside: Inside, given: Omit<Given, 'ledger'>): Promise<number> {
  const [id = ''] = given.args;
  formatOf(given);
  const chunks: Uint8Array[] = [];
  const ended = await inside.run(['export', '--format=ndjson', '--', id], async (chunk) => {
    chunks.push(Buffer.from(chunk));
    return true;
  });
  if (ended !== 0) return ended;
  const run = Buffer.concat(chunks).toString();
  // It was removed since it was found.
  if (run === '') throw noRun(id);
  await given.screen.write(printed(await shown(JSON.parse(run) as Run, given), given.options));
  return 0;
}

/** The file is of this machine; without a whole answer there is none. */
async function exportHere(path: string, inside: Inside, line: readonly string[]): Promise<number> {
  let ended = 0;
  const fill = async (write: Write) => {
    ended = await inside.run(line, write);
    if (ended !== 0) throw new Error(`Cannot write ${path}: the export ended with ${ended}. Its own words are above.`);
  };
  await intoFile(path, fill).catch((error) => {
    if (ended === 0) throw error;
  });
  return ended;
}
