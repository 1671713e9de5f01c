/** Runs one command as `npm run monitor` does, without a process: at a terminal of any width, or off it. */
import { styleText } from 'node:util';
import type { Given, Outcome } from '../cli/command.ts';
import { commands } from '../cli/commands.ts';
import type { Ledger } from '../store/store.ts';

export const now = Date.parse('2026-11-26T09:30:00.000Z');

/** Words in quotes are one argument. @param different a terminal, alerts, notices. */
export async function runCommand(
  ledger: Ledger,
  line: string,
  options: Given['options'] = {},
  different: Partial<Given> = {},
): Promise<Outcome & { text: string; written: string }> {
  const [name, ...args] = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? '');
  const command = commands.find(({ usage }) => usage.split(' ')[0] === name);
  if (!command) throw new Error(`Cannot run "${line}": there is no such command.`);
  let written = '';
  const screen: Given['screen'] = {
    table: (rows) => rows.map((row) => row.join('|')).join('\n'),
    paint: (_, text) => text,
    width: Number.POSITIVE_INFINITY,
    async write(text) {
      written += text;
      return true;
    },
  };
  const outcome = await command.run({ ledger, args, options, now, screen, usdPerDay: 23, ...different });
  return { ...outcome, text: outcome.text ?? '', written };
}

/** A screen of so many columns that shows colours. */
export function terminal(width: number): Given['screen'] {
  return {
    table: (rows) => rows.map((row) => row.join('|')).join('\n'),
    paint: (style, text) => styleText(style, text, { validateStream: false }),
    width,
    write: async () => true,
  };
}
