/** `node ask.js` in the image of the monitor: the same questions, to the memory of the service in its container. */
import { columns } from '../engine/progress.ts';
import { screenOn } from '../monitor/cli/screen.ts';
import { performAsked } from '../monitor/memory/ask/perform.ts';
import { memoryOf } from '../monitor/memory/schedule/settings.ts';
import { compose } from '../place.ts';
import { targets } from '../prometheus/targets.ts';
import { exit } from './command.ts';
import { memoryProgram } from './memory-program.ts';

/** The service has what a day is made of, and makes it. */
function refuse(): never {
  throw new Error('Cannot make a day here: the memory makes each one by itself. Its log says what it waits for.');
}

const program = memoryProgram(async (asked) => {
  const { env, stdout } = process;
  const named = asked.options.db as string | undefined;
  const place = named ?? memoryOf(env, env.FLEETSCOPE_MONITOR_DATA || compose.data('monitor'));
  // The width that the caller's terminal has: Docker tells it to this one a moment too late.
  const screen = screenOn(Object.assign(stdout, env.COLUMNS && { columns: Number(env.COLUMNS) }), columns);
  const told = (line: string) => console.error(line);
  const root = env.FLEETSCOPE_MEMORY_ROOT || compose.data('memory');
  const without = { mayMake: refuse, sources: async () => refuse() };
  const around = { screen, told, now: Date.now(), ...targets.cost, root, ...without };
  return (await performAsked(asked, place, around)) ? exit.findings : exit.ok;
});

await program.name('node ask.js').parseAsync();
