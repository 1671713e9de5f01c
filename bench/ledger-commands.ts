/** How long each command of `npm run monitor` takes, from the opening of the file to the text: as often as it takes for a 95th percentile. */
import { Writable } from 'node:stream';
import { columns } from '../engine/progress.ts';
import { printed } from '../monitor/cli/command.ts';
import { commands } from '../monitor/cli/commands.ts';
import { screenOn } from '../monitor/cli/screen.ts';
import { openLedger } from '../monitor/store/open.ts';
import { targets } from '../prometheus/targets.ts';
import { agentNames, endMs, sessionOf } from './ledger-facts.ts';
import type { MadeLedger } from './ledger-made.ts';
import { quantile } from './statistics.ts';

export interface CommandTimes {
  readonly line: string;
  readonly calls: number;
  /** ms of a call. */
  readonly p50: number;
  readonly p95: number;
  readonly longest: number;
  /** ms of CPU of a call, 95 of a hundred times: what it would take if nobody else used the machine or the disk. */
  readonly cpuP95: number;
}

/** What is asked: every command but `check`, which reads the whole file. Words in brackets are another run or agent with each call. */
export const lines = [
  ...['list', 'list --status failed', 'list --since 7d --limit 100', 'list --before <session-id>'],
  ...['show <session-id>', 'show latest', 'executions <session-id>', 'waterfall <session-id>'],
  ...['agent <agent-name>', 'agent <agent-name> --since 7d', 'health', 'health 2160'],
  ...['performance', 'performance --since 7d', 'performance --agent <agent-name>'],
  ...['failures', 'failures 1000 --since 7d', 'losses', 'losses --since 90d'],
  ...['cost', 'cost --by model --since 30d', 'cost --by tool --since 90d', 'cost --by workflow --since 90d'],
  ...['compare 7d', 'compare 30d', 'trend', 'trend --by hour', 'trend --by week', 'trend --agent <agent-name>'],
  ...['estimate', 'estimate 100 --since 90d', 'export <session-id>', 'cleanup 60 --dry-run'],
];

/** Every line in turn, round by round: what disturbs the machine disturbs all of them. */
export async function measureCommands(
  ledger: MadeLedger,
  rounds: number,
  progress: (text: string) => void,
): Promise<CommandTimes[]> {
  const took = new Map(lines.map((line) => [line, [] as Took[]]));
  for (let round = 0; round < rounds; round++) {
    for (const [line, times] of took) {
      progress(`commands: round ${round + 1} of ${rounds}, ${line}`);
      times.push(await timeOf(ledger, line, round));
    }
  }
  return [...took].map(([line, all]) => {
    const [times, cpu] = [all.map(({ ms }) => ms), all.map(({ cpuMs }) => cpuMs)];
    return {
      ...{ line, calls: all.length, p50: quantile(times, 0.5), p95: quantile(times, 0.95) },
      ...{ longest: Math.max(...times), cpuP95: quantile(cpu, 0.95) },
    };
  });
}

interface Took {
  readonly ms: number;
  readonly cpuMs: number;
}

async function timeOf(made: MadeLedger, line: string, call: number): Promise<Took> {
  const { name, args, options } = asked(line, call, made.runs);
  const command = commands.find(({ usage }) => usage.split(' ')[0] === name);
  if (!command) throw new Error(`Cannot time "${line}": there is no such command. Correct the lines of this bench.`);
  const screen = screenOn(terminal(), columns);
  const [startedAt, cpuBefore] = [performance.now(), process.cpuUsage()];
  const ledger = await openLedger(made.file);
  try {
    const outcome = await command.run({ ledger, args, options, now: endMs, screen, ...targets.cost });
    await screen.write(printed(outcome, options));
    const { user, system } = process.cpuUsage(cpuBefore);
    return { ms: performance.now() - startedAt, cpuMs: (user + system) / 1000 };
  } finally {
    await ledger.close();
  }
}

/** As wide as a person's, and read by nobody. */
function terminal(): NodeJS.WritableStream & { isTTY: boolean; columns: number } {
  const nobody = new Writable({ write: (_, __, done) => done() });
  return Object.assign(nobody, { isTTY: true, columns: 120 });
}

function asked(line: string, call: number, runs: number) {
  const placeholders: Record<string, string> = {
    // A prime number further each time: old and new ones, with steps and without.
    '<session-id>': sessionOf((call * 7919 + 2) % runs),
    '<agent-name>': agentNames[call % agentNames.length] as string,
  };
  const [name, ...words] = line.split(' ').map((word) => placeholders[word] ?? word);
  const args: string[] = [];
  const options: Record<string, string | true> = {};
  while (words.length > 0) {
    const word = words.shift() as string;
    const option = /^--(.+)/.exec(word)?.[1]?.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
    if (option === undefined) args.push(word);
    else options[option] = words[0] === undefined || words[0].startsWith('--') ? true : (words.shift() as string);
  }
  return { name, args, options };
}
