/** `npm run memory -- reprice|reconcile`: added to the program of scripts/memory.ts. */
import { join } from 'node:path';
import type { Command as Program } from 'commander';
import { homeFolder } from '../engine/home.ts';
import { columns } from '../engine/progress.ts';
import { runningPlace } from '../engine/running-place.ts';
import { type Options, printed } from '../monitor/cli/command.ts';
import { databaseOf, mustExist } from '../monitor/cli/database.ts';
import { npmOptions } from '../monitor/cli/npm-options.ts';
import { screenOn } from '../monitor/cli/screen.ts';
import { isThere, memoryBeside } from '../monitor/memory/ask/beside.ts';
import type { CostCommand } from '../monitor/memory/cost/cost-command.ts';
import { costCommands } from '../monitor/memory/cost/cost-commands.ts';
import { tellDrift } from '../monitor/memory/cost/tell-drift.ts';
import { memoryOf } from '../monitor/memory/schedule/settings.ts';
import { openMemory } from '../monitor/memory/store/open.ts';
import { openLedger } from '../monitor/store/open.ts';
import { url } from '../place.ts';
import { exit, main } from './command.ts';

export function addCost(program: Program): void {
  for (const command of costCommands) {
    const sub = program.command(command.usage).description(command.description);
    for (const [flag, words] of command.options) sub.option(flag, words);
    sub
      .option('--ledger <path>', 'a file, or mongodb://host/database; default: FLEETSCOPE_MONITOR_DB, or this home')
      .option('--folder <path>', 'that logs/ is in; default: FLEETSCOPE_MEMORY_ROOT, or this folder')
      .action(() => main(() => perform(command, sub.args, { ...npmOptions(process.env), ...sub.optsWithGlobals() })));
  }
}

async function perform(command: CostCommand, args: readonly string[], options: Options): Promise<number> {
  const { env } = process;
  const told = (line: string) => console.error(line);
  const opening = { notice: told, ifDamaged: 'leave' } as const;
  const home = homeFolder(env);
  const named = options.ledger as string | undefined;
  const database = databaseOf(named, env, home);
  mustExist(database);
  const beside = named === undefined ? memoryOf(env, join(home, 'data', 'monitor')) : memoryBeside(database);
  const place = (options.db as string | undefined) ?? beside;
  const ledger = await openLedger(database, opening);
  // Of days whose calls are gone nothing is known then; that is no reason to make a database.
  const memory = isThere(place) ? await openMemory(place, opening) : undefined;
  try {
    const screen = screenOn(process.stdout, columns);
    const now = Date.now();
    const outcome = await command.run({
      ...{ ledger, memory, args, options, now, screen, told },
      folder: (options.folder as string | undefined) ?? env.FLEETSCOPE_MEMORY_ROOT ?? '.',
      pricesFile: env.FLEETSCOPE_PRICES_FILE,
      tell: (drifts) => tellDrift(drifts, { collector: url(runningPlace(env), 'collector', 'http'), now }),
    });
    await screen.write(printed(outcome, options));
    return outcome.findings === true ? exit.findings : exit.ok;
  } finally {
    await memory?.close();
    await ledger.close();
  }
}
