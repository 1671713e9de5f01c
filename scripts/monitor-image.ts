/** `node monitor.js` in the image of the monitor: the same commands, on the ledger of the service beside it. */
import { columns } from '../engine/progress.ts';
import { mustExist } from '../monitor/cli/database.ts';
import { perform } from '../monitor/cli/perform.ts';
import { screenOn } from '../monitor/cli/screen.ts';
import { ledgerOf } from '../monitor/ingest/settings.ts';
import { memoryOf } from '../monitor/memory/schedule/settings.ts';
import { compose } from '../place.ts';
import { targets } from '../prometheus/targets.ts';
import { exit } from './command.ts';
import { monitorProgram } from './monitor-program.ts';

/** Whom the escalation service would answer is not in here, and its token is not to be. */
const missing = 'Alerts and links are not known in the container. Ask from outside: npm run monitor -- show.';

const program = monitorProgram(async ({ command, args, options }) => {
  const { env, stdout } = process;
  const named = options.db as string | undefined;
  const data = env.FLEETSCOPE_MONITOR_DATA || compose.data('monitor');
  const database = named ?? ledgerOf(env, data);
  mustExist(database);
  // The width that the caller's terminal has: Docker tells it to this one a moment too late.
  const screen = screenOn(Object.assign(stdout, env.COLUMNS && { columns: Number(env.COLUMNS) }), columns);
  const around = async () => ({ missing });
  const given = { args, options, now: Date.now(), screen, around, ...targets.cost };
  return (await perform(command, database, given, named === undefined ? memoryOf(env, data) : undefined))
    ? exit.findings
    : exit.ok;
});

await program.name('node monitor.js').parseAsync();
