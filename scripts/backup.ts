/** `npm run backup [-- init|list] [--only prometheus,loki] [--once] [--json]` */
import { Argument } from 'commander';
import { performBackup, performInit, performList, resticOf } from '../backup/command-line.ts';
import { resticProgram } from '../backup/restic-program.ts';
import { sources } from '../backup/sources.ts';
import { homeFolder } from '../engine/home.ts';
import { isOnDocker } from '../engine/running-engine.ts';
import { runningPlace } from '../engine/running-place.ts';
import { command, exit, main } from './command.ts';

const program = command(
  'backup',
  'Back up what the stack keeps, while it runs; "init" makes the repository, "list" says how old backups are.',
)
  .addArgument(new Argument('[action]').choices(['init', 'list']))
  .option('--only <parts>', 'by name, with commas')
  .option('--once', 'by hand, out of turn: no alert waits for the next one')
  .option('--json', 'for machines')
  .addHelpText(
    'after',
    '\nWhere to: FLEETSCOPE_BACKUP_REPOSITORY, FLEETSCOPE_BACKUP_PASSWORD_FILE (docs/backup.md).\nExit 1: a part has no new backup; with "list": one is late. Exit 2: wrong usage.',
  )
  .parse();
const options = program.opts<{ only?: string; once?: true; json?: true }>();

const interrupt = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () =>
    interrupt.abort(new Error(`Interrupted by ${signal}: the backups before are as they were.`)),
  );

await main(async () => {
  const { env } = process;
  const home = homeFolder(env);
  const restic = await resticOf(() => resticProgram(env, console.error), env);
  const place = runningPlace(env);
  const given = { place, sources: sources(place, home), restic, json: options.json ?? false, signal: interrupt.signal };
  if (program.args[0] === 'init') return (await performInit(given)) ? exit.ok : exit.findings;
  if (program.args[0] === 'list') return (await performList(given)) ? exit.ok : exit.findings;
  if (isOnDocker(home))
    throw new Error(
      'Cannot back up from here: the stack is in containers, whose volumes are theirs. Run the image beside them: docs/backup.md says how.',
    );
  return (await performBackup(given, options)) ? exit.ok : exit.findings;
});
