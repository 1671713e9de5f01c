/** The command line of the ledger: `npm run monitor` here, `node monitor.js` in its image. */
import type { Command as Program } from 'commander';
import type { Command, Options } from '../monitor/cli/command.ts';
import { commands } from '../monitor/cli/commands.ts';
import { npmOptions, takenByNpm } from '../monitor/cli/npm-options.ts';
import type { Asked } from '../monitor/cli/perform-inside.ts';
import { command, exit, main } from './command.ts';

export interface Parsed extends Asked {
  readonly command: Command;
  readonly args: readonly string[];
  readonly options: Options;
}

export function monitorProgram(perform: (parsed: Parsed) => Promise<number>): Program {
  const program = command('monitor', 'The run ledger: what ran, what failed, what it cost.')
    .option('--db <path>', 'a file, or mongodb://host/database; default: FLEETSCOPE_MONITOR_DB, or that of this home')
    .option('--json', 'for machines')
    .option('--absolute', 'times as they are, not as "2 h ago"')
    .addHelpText(
      'after',
      '\nTimes are UTC. Exit 1: it cannot be done, or it found what it looked for. Exit 2: wrong usage.',
    );
  // Before its arguments are judged: values of options may be among them.
  program.hook('preSubcommand', (_, sub) => {
    const taken = takenByNpm(process.env, [...program.options, ...sub.options], program.args);
    if (taken) sub.error(taken, { exitCode: exit.usage });
  });
  for (const command of commands) {
    const { usage, description, options: flags = [] } = command;
    const sub = program.command(usage).description(description);
    for (const [flag, words] of flags) sub.option(flag, words);
    sub.action(() => {
      const options: Options = { ...npmOptions(process.env), ...sub.optsWithGlobals() };
      const line = (without: readonly string[] = []) => lineOf(sub, options, without);
      return main(() => perform({ command, args: sub.args, options, line }));
    });
  }
  return program;
}

/** Options first, each one word: what follows `--` is nobody's option. */
function lineOf(sub: Program, options: Options, without: readonly string[]): string[] {
  const known = [...(sub.parent?.options ?? []), ...sub.options].filter(
    (one) => !without.includes(one.attributeName()),
  );
  const flags = known.flatMap((one) => {
    const value = options[one.attributeName()];
    if (value === undefined) return [];
    return value === true ? [`${one.long}`] : [`${one.long}=${value}`];
  });
  return [sub.name(), ...flags, '--', ...sub.args];
}
