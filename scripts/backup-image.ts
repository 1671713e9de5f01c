/** `node backup.js init|backup|list|restore` in the image: the same commands, on the volume of one part that is mounted where the part has it. */
import {
  type Given,
  performBackup,
  performInit,
  performList,
  performRestore,
  resticOf,
  type Which,
} from '../backup/command-line.ts';
import { sources } from '../backup/sources.ts';
import { compose } from '../place.ts';
import { command, exit, main } from './command.ts';

const program = command('backup', 'Back up or restore a part whose volume is mounted here.').name('node backup.js');
const interrupt = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => interrupt.abort(new Error(`Interrupted by ${signal}: what was there is as it was.`)));

/** A Job that is made of a template has its choices from the environment. */
const { FLEETSCOPE_RESTORE_AT, FLEETSCOPE_RESTORE_REPLACE } = process.env;

function action(name: string, description: string, perform: (given: Given, which: Which) => Promise<boolean>) {
  const sub = program.command(name).description(description);
  sub.option('--only <parts>', 'by name, with commas').option('--json', 'for machines');
  if (name === 'backup') sub.option('--once', 'by hand, out of turn: no alert waits for the next one');
  if (name === 'restore')
    sub
      .option('--at <time>', 'the newest that is not younger', FLEETSCOPE_RESTORE_AT || undefined)
      .option('--replace', 'where there is data', FLEETSCOPE_RESTORE_REPLACE === 'true');
  sub.action(() =>
    main(async () => {
      const { json, ...which } = sub.opts<Which & { json?: true }>();
      const restic = await resticOf(async () => 'restic', process.env);
      const given = {
        place: compose,
        sources: sources(compose),
        restic,
        json: json ?? false,
        signal: interrupt.signal,
      };
      return (await perform(given, which)) ? exit.ok : exit.findings;
    }),
  );
}

action('init', 'make the repository, before the first backup', performInit);
action('backup', 'back up the parts that are mounted', performBackup);
action('list', 'how old the backups are; exit 1: one is late', performList);
action('restore', 'put a backup back into an empty volume', performRestore);
await program.parseAsync();
