/** `npm run restore [-- --only loki] [--at 2026-01-31] [--replace] [--json]` */

import { join } from 'node:path';
import { performRestore, resticOf } from '../backup/command-line.ts';
import { resticProgram } from '../backup/restic-program.ts';
import { sources } from '../backup/sources.ts';
import { homeFolder } from '../engine/home.ts';
import { isOnDocker } from '../engine/running-engine.ts';
import { runningPlace } from '../engine/running-place.ts';
import { tryLock } from '../native/lock.ts';
import { command, exit, main } from './command.ts';

const options = command('restore', 'Put a backup back, into a stack that is stopped and empty.')
  .option('--only <parts>', 'by name, with commas')
  .option('--at <time>', 'the newest that is not younger: a day, or a time as 2026-01-31T12:00:00Z')
  .option('--replace', 'where there is data: it is kept in .before-restore-<time>')
  .option('--json', 'for machines')
  .parse()
  .opts<{ only?: string; at?: string; replace?: true; json?: true }>();

const interrupt = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => interrupt.abort(new Error(`Interrupted by ${signal}: what was there is as it was.`)));

await main(async () => {
  const { env } = process;
  const home = homeFolder(env);
  if (isOnDocker(home))
    throw new Error(
      'Cannot restore from here: the stack is in containers, whose volumes are theirs. Run the image beside them: docs/backup.md says how.',
    );
  const restic = await resticOf(() => resticProgram(env, console.error), env);
  // Held until the end: no "up" begins on half of it.
  const held = tryLock(join(home, 'lock'));
  if (!held) throw new Error('Cannot restore: the stack of this home runs. Stop it: npm run down.');
  try {
    const place = runningPlace(env);
    const given = {
      place,
      sources: sources(place, home),
      restic,
      json: options.json ?? false,
      signal: interrupt.signal,
    };
    return (await performRestore(given, options)) ? exit.ok : exit.findings;
  } finally {
    held.release();
  }
});
