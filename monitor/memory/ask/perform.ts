/** One question or task on the memory that is here: a file, or a database. */
import { type Options, printed, type Screen } from '../../cli/command.ts';
import { openMemory } from '../store/open.ts';
import { openForReading } from './beside.ts';
import { formatOf, printedAnswer } from './question.ts';
import { questions } from './questions.ts';
import type { TaskGiven } from './task.ts';
import { tasks } from './tasks.ts';

/** A command line as it was read. */
export interface Asked {
  /** `ask cost`, `report` */
  readonly name: string;
  readonly args: readonly string[];
  readonly options: Options;
}

export interface Around extends Pick<TaskGiven, 'now' | 'usdPerDay' | 'root' | 'sources' | 'told'> {
  readonly screen: Screen;
  /** @throws Error where there is nothing that a memory could be made of */
  readonly mayMake: () => void;
}

/** Writes what it says. @returns whether something is not as it should be */
export async function performAsked({ name, args, options }: Asked, place: string, around: Around): Promise<boolean> {
  const { screen, told, mayMake } = around;
  const question = questions.find(({ usage }) => `ask ${usage.split(' ')[0]}` === name);
  const task = tasks.find(({ usage }) => usage === name);
  if (question) formatOf(options);
  const makes = task?.makesMemory === true && options.dryRun !== true;
  if (makes) mayMake();
  const memory = await (makes ? openMemory(place, { notice: told }) : openForReading(place, told));
  try {
    if (question) {
      const answer = await question.answer({ memory, args, options, screen });
      await screen.write(printedAnswer(answer, options, told));
      return false;
    }
    const outcome = await task?.run({ ...around, memory, options });
    if (outcome) await screen.write(printed(outcome, options));
    return outcome?.findings === true;
  } finally {
    await memory.close();
  }
}
