/** `npm run monitor -- list|show|executions|waterfall|agent|health|performance|failures|losses|cost|compare|trend|estimate|export|cleanup|check|self-test` */
import { homeFolder } from '../engine/home.ts';
import { columns } from '../engine/progress.ts';
import { type Command, type Options, printed } from '../monitor/cli/command.ts';
import { commands } from '../monitor/cli/commands.ts';
import { databaseOf, mustExist } from '../monitor/cli/database.ts';
import { npmOptions } from '../monitor/cli/npm-options.ts';
import { screenOn } from '../monitor/cli/screen.ts';
import type { Run } from '../monitor/ledger/run-tree.ts';
import { openLedger } from '../monitor/store/open.ts';
import { targets } from '../prometheus/targets.ts';
import { command, exit, main } from './command.ts';

const program = command('monitor', 'The run ledger: what ran, what failed, what it cost.')
  .option('--db <path>', 'a file, or mongodb://host/database; default: FLEETSCOPE_MONITOR_DB, or that of this home')
  .option('--json', 'for machines')
  .option('--absolute', 'times as they are, not as "2 h ago"')
  .addHelpText(
    'after',
    '\nTimes are UTC. Exit 1: it cannot be done, or it found what it looked for. Exit 2: wrong usage.',
  );

for (const { usage, description, options = [], run } of commands) {
  const sub = program.command(usage).description(description);
  for (const [flags, words] of options) sub.option(flags, words);
  sub.action(() => main(() => perform(run, sub.args, { ...npmOptions(process.env), ...sub.optsWithGlobals() })));
}

const test = program.command('self-test').description('every command on a database of its own: what CI runs');
test.option('--output <folder>', 'where database and export stay').action(() =>
  main(async () => {
    const { selfTest } = await import('../monitor/cli/self-test.ts');
    const { output } = test.opts<{ output?: string }>();
    return (await selfTest({ program: import.meta.filename, output, line: console.log })) ? exit.ok : exit.findings;
  }),
);

async function perform(run: Command['run'], args: string[], options: Options): Promise<number> {
  const home = homeFolder(process.env);
  const database = databaseOf(options.db as string | undefined, process.env, home);
  mustExist(database);
  const notices: string[] = [];
  const notice = (line: string) => console.error(notices[notices.push(line) - 1]);
  const [ledger, screen] = [await openLedger(database, { notice }), screenOn(process.stdout, columns)];
  // Loaded where it is asked for: what reads a stack's state is half the start of a command.
  const around = async (of: Run) => (await import('./around-run.ts')).aroundRun(home, process.env, of);
  const given = { ledger, args, options, now: Date.now(), screen, notices, around, ...targets.cost };
  const ran = run(given).finally(() => ledger.close());
  await screen.write(printed(await ran, options));
  return (await ran).findings ? exit.findings : exit.ok;
}

await program.parseAsync();
