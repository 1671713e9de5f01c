import { inspect, stripVTControlCharacters } from 'node:util';
import { Command, InvalidArgumentError } from 'commander';

/** Exit codes of every command: 0 ok, 1 findings, 2 usage. */
export const exit = { ok: 0, findings: 1, usage: 2 } as const;

/** Prints one line for people and ends with 1; `--help`-style mistakes are commander's and end with 2. */
export async function main(run: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await run();
  } catch (error) {
    console.error(plain((error as Error).message));
    for (let cause = (error as Error).cause; process.env.FLEETSCOPE_DEBUG && cause; cause = (cause as Error).cause)
      console.error(plain(inspect(cause)));
    process.exitCode = error instanceof RangeError || error instanceof TypeError ? exit.usage : exit.findings;
  }
}

/** What others wrote may stand in an error: here it steers no terminal. */
function plain(text: string): string {
  return stripVTControlCharacters(text).replace(/[^\P{Cc}\t\n]|\p{Cf}/gu, ' ');
}

/** A command with our exit code for wrong usage. */
export function command(name: string, description: string): Command {
  return new Command(`npm run ${name} --`)
    .description(description)
    .exitOverride((error) => process.exit(error.exitCode === 0 ? exit.ok : exit.usage))
    .allowExcessArguments(false);
}

/** An option's argument. @throws InvalidArgumentError outside the range. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (!Number.isInteger(number) || number < least || number > most)
      throw new InvalidArgumentError(`Give a whole number from ${least} to ${most}.`);
    return number;
  };
}
