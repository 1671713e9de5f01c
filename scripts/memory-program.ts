/** The command line of memory: what is remembered, asked and told. */
import type { Command as Program } from 'commander';
import type { Option, Options } from '../monitor/cli/command.ts';
import { npmOptions, takenByNpm } from '../monitor/cli/npm-options.ts';
import type { Asked } from '../monitor/memory/ask/perform.ts';
import { formatOption } from '../monitor/memory/ask/question.ts';
import { questions } from '../monitor/memory/ask/questions.ts';
import { tasks } from '../monitor/memory/ask/tasks.ts';
import { command, exit, main } from './command.ts';

export function memoryProgram(perform: (asked: Asked) => Promise<number>): Program {
  const program = command(
    'memory',
    'What is remembered of the fleet: ask it, print a month, make a day or a week anew.',
  )
    .option('--db <path>', 'a file, or mongodb://host/database; default: memory.db beside the ledger of this home')
    .option('--json', 'for machines')
    .addHelpText(
      'after',
      '\nDays are those of UTC. What is not known is said, and never a zero. Exit 1: it cannot be done, or nothing is known of it. Exit 2: wrong usage.',
    );
  const ask = program.command('ask').description('what it cost, what failed, where it leads, why, and what was learnt');
  // Before its arguments are judged: values of options may be among them.
  for (const one of [program, ask])
    one.hook('preSubcommand', (_, sub) => {
      const taken = takenByNpm(process.env, [...program.options, ...sub.options], program.args);
      if (taken) sub.error(taken, { exitCode: exit.usage });
    });
  const add = (to: Program, usage: string, description: string, options: readonly Option[]) => {
    const sub = to.command(usage).description(description);
    for (const [flag, words] of options) sub.option(flag, words);
    sub.action(() => {
      const given: Options = { ...npmOptions(process.env), ...sub.optsWithGlobals() };
      const name = `${to === ask ? 'ask ' : ''}${sub.name()}`;
      return main(() => perform({ name, args: sub.args, options: given }));
    });
  };
  for (const { usage, description, options = [] } of questions)
    add(ask, usage, description, [...options, formatOption]);
  for (const { usage, description, options = [] } of tasks) add(program, usage, description, options);
  return program;
}
