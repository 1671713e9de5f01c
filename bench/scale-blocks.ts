/** Bytes of a sample in a block of two hours, written by Prometheus' own code: the running one has not lived long enough for one. */
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { intervalSeconds } from '../stack.ts';
import { type StoredSeries, storedSeries } from './scale-samples.ts';
import { folderBytes } from './scale-stack.ts';

export interface BlockSize {
  readonly series: number;
  readonly samples: number;
  /** Chunks and index. */
  readonly bytesPerSample: number;
}

const hours = 2;

/** One of every `thin` series of an instance, a sample each scrape interval. `prometheus`: the program, beside which promtool is. */
export async function measureBlock(prometheus: string, thin: number): Promise<BlockSize> {
  const folder = mkdtempSync(join(tmpdir(), 'fleetscope-scale-block-'));
  try {
    const series = storedSeries(1).filter((_, i) => i % thin === 0);
    const [turns, text] = [(hours * 3600) / intervalSeconds.scrape, join(folder, 'samples.om')];
    await write(text, series, turns);
    const promtool = join(dirname(prometheus), 'promtool');
    const data = join(folder, 'data');
    await execa(promtool, ['tsdb', 'create-blocks-from', 'openmetrics', '--quiet', text, data], { stdin: 'ignore' });
    const samples = series.length * turns;
    return { series: series.length, samples, bytesPerSample: folderBytes(data) / samples };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function write(path: string, all: readonly StoredSeries[], turns: number): Promise<void> {
  const block = hours * 3600;
  const from = (Math.floor(Date.now() / 1000 / block) - 3) * block;
  const file = createWriteStream(path);
  for (const { labels, valueAt } of all.toSorted((a, b) =>
    (a.labels.__name__ ?? '') < (b.labels.__name__ ?? '') ? -1 : 1,
  )) {
    const { __name__: name, ...rest } = labels;
    const shown = `${name}{${Object.entries(rest).map(([key, value]) => `${key}="${value}"`)}}`;
    // A day's work lies behind them: the values of the first minutes would be small, and packed too well.
    const line = (_: unknown, turn: number) =>
      `${shown} ${valueAt(turn + 5000)} ${from + turn * intervalSeconds.scrape}\n`;
    if (!file.write(Array.from({ length: turns }, line).join(''))) await once(file, 'drain');
  }
  file.end('# EOF\n');
  await once(file, 'finish');
}
