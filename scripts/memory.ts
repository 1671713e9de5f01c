/** `npm run memory -- ask cost|errors|trend|why|lessons|anomalies`, `snapshot|consolidate|knowledge|report|reprice|reconcile` */
import { join } from 'node:path';
import { homeFolder } from '../engine/home.ts';
import { columns } from '../engine/progress.ts';
import { isOnDocker } from '../engine/running-engine.ts';
import { databaseOf, isNamed, mustExist } from '../monitor/cli/database.ts';
import { screenOn } from '../monitor/cli/screen.ts';
import { performAsked } from '../monitor/memory/ask/perform.ts';
import { askInside, type RunInside } from '../monitor/memory/ask/perform-inside.ts';
import { memoryOf } from '../monitor/memory/schedule/settings.ts';
import { targets } from '../prometheus/targets.ts';
import { exit } from './command.ts';
import { addCost } from './memory-cost.ts';
import { memoryProgram } from './memory-program.ts';

const told = (line: string) => console.error(line);
const screen = screenOn(process.stdout, columns);

const program = memoryProgram(async (asked) => {
  const { env } = process;
  const home = homeFolder(env);
  const named = asked.options.db as string | undefined;
  const isAnywhere = named !== undefined || Boolean(env.FLEETSCOPE_MEMORY_DB) || isNamed(undefined, env);
  if (!isAnywhere && isOnDocker(home)) return askInside(asked, await inside(), told);
  const ledger = databaseOf(undefined, env, home);
  const hasFindings = await performAsked(asked, named ?? memoryOf(env, join(home, 'data', 'monitor')), {
    ...{ screen, told, now: Date.now(), ...targets.cost, root: env.FLEETSCOPE_MEMORY_ROOT || join(home, 'memory') },
    // Where nothing ever ran there is nothing to remember.
    mayMake: () => mustExist(ledger),
    sources: async () => (await import('./memory-sources.ts')).memorySources(home, env, ledger),
  });
  return hasFindings ? exit.findings : exit.ok;
});

/** The command line in the memory's container, at this terminal if there is one. */
async function inside(): Promise<RunInside> {
  const { execIn } = await import('../engine/exec.ts');
  const { stdin, stdout, env } = process;
  const terminal = stdin.isTTY && stdout.isTTY ? { columns: stdout.columns } : undefined;
  return (line, take) =>
    execIn('memory', ['node', 'ask.js', ...line], {
      ...{ env, take: take ?? screen.write, terminal: take ? undefined : terminal },
    });
}

addCost(program);
await program.parseAsync();
