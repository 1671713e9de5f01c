/** A command as a person types it, from the Enter to the prompt; against a program that does nothing, started in the same way. */
import { join } from 'node:path';
import { execa } from 'execa';
import type { MadeLedger } from './ledger-made.ts';
import { ratios, type Summary, summarize } from './statistics.ts';

export interface ProcessTimes {
  readonly line: string;
  /** ms by `npm run`, and without npm. */
  readonly npm: Summary;
  readonly node: Summary;
  /** ms of a Node that does nothing. */
  readonly floor: Summary;
  /** Without npm, against that. */
  readonly ratio: Summary;
}

const repository = join(import.meta.dirname, '..');
const lines = ['list', 'show latest', 'performance'];

export async function measureProcesses(
  { file }: MadeLedger,
  rounds: number,
  progress: (text: string) => void,
): Promise<ProcessTimes[]> {
  const env = {
    FLEETSCOPE_MONITOR_DB: file,
    // No stack of this machine is asked about a made-up run.
    FLEETSCOPE_HOME: `${file}.home`,
    NODE_COMPILE_CACHE: join(repository, 'node_modules', '.cache', 'fleetscope-compiled'),
  };
  const inRepository = execa({ cwd: repository, env, stdin: 'ignore' });
  const time = async (program: string, args: readonly string[]) => {
    const startedAt = performance.now();
    await inRepository(program, args);
    return performance.now() - startedAt;
  };
  const found: ProcessTimes[] = [];
  for (const line of lines) {
    const [npm, node, floor]: [number[], number[], number[]] = [[], [], []];
    for (let round = -1; round < rounds; round++) {
      progress(`processes: ${line}, round ${round + 1} of ${rounds}`);
      const words = line.split(' ');
      const took = [
        await time('npm', ['run', 'monitor', '--', ...words]),
        await time(process.execPath, ['scripts/monitor.ts', ...words]),
        await time(process.execPath, ['--eval', '0']),
      ] as const;
      // The first one fills the compile cache.
      if (round < 0) continue;
      npm.push(took[0]);
      node.push(took[1]);
      floor.push(took[2]);
    }
    const summaries = { npm: summarize(npm), node: summarize(node), floor: summarize(floor) };
    found.push({ line, ...summaries, ratio: summarize(ratios(node, floor)) });
  }
  return found;
}
