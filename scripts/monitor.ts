/** `npm run monitor -- list|show|executions|waterfall|agent|health|performance|failures|losses|cost|compare|trend|estimate|export|cleanup|check|self-test` */
import { join } from 'node:path';
import { homeFolder } from '../engine/home.ts';
import { columns } from '../engine/progress.ts';
import { isOnDocker } from '../engine/running-engine.ts';
import { databaseOf, isNamed, mustExist } from '../monitor/cli/database.ts';
import { perform } from '../monitor/cli/perform.ts';
import { performInside } from '../monitor/cli/perform-inside.ts';
import { screenOn } from '../monitor/cli/screen.ts';
import type { Run } from '../monitor/ledger/run-tree.ts';
import { memoryOf } from '../monitor/memory/schedule/settings.ts';
import { targets } from '../prometheus/targets.ts';
import { exit, main } from './command.ts';
import { monitorProgram } from './monitor-program.ts';

const program = monitorProgram(async (parsed) => {
  const { command, args, options } = parsed;
  const home = homeFolder(process.env);
  const named = options.db as string | undefined;
  const screen = screenOn(process.stdout, columns);
  // Loaded where it is asked for: what reads a stack's state is half the start of a command.
  const around = async (of: Run) => (await import('./around-run.ts')).aroundRun(home, process.env, of);
  const given = { args, options, now: Date.now(), screen, around, ...targets.cost };
  if (!isNamed(named, process.env) && isOnDocker(home)) return performInside(parsed, await inside(screen), given);
  const database = databaseOf(named, process.env, home);
  mustExist(database);
  const memoryAt = named === undefined ? memoryOf(process.env, join(home, 'data', 'monitor')) : undefined;
  return (await perform(command, database, given, memoryAt)) ? exit.findings : exit.ok;
});

const test = program.command('self-test').description('every command on a database of its own: what CI runs');
test.option('--output <folder>', 'where database and export stay').action(() =>
  main(async () => {
    const { selfTest } = await import('../monitor/cli/self-test.ts');
    const { output } = test.opts<{ output?: string }>();
    return (await selfTest({ program: import.meta.filename, output, line: console.log })) ? exit.ok : exit.findings;
  }),
);

/** The command line in the monitor's container, at this terminal if there is one. */
async function inside({ write }: ReturnType<typeof screenOn>): Promise<Parameters<typeof performInside>[1]> {
  const { execIn } = await import('../engine/exec.ts');
  const { stdin, stdout, env } = process;
  const terminal = stdin.isTTY && stdout.isTTY ? { columns: stdout.columns } : undefined;
  return {
    run: (line, take) =>
      execIn('monitor', ['node', 'monitor.js', ...line], {
        ...{ env, take: take ?? write, terminal: take ? undefined : terminal },
      }),
  };
}

await program.parseAsync();
