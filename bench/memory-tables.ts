/** The report of the memory bench for people, and what is promised of it. */
import {
  type Judgement,
  precision,
  recall,
  type Score,
  summed,
  together,
} from '../monitor/memory/testing/sixty-days-judge.ts';
import { loadText } from './machine.ts';
import { table } from './markdown.ts';
import type { MemoryReport } from './memory.ts';
import type { Finding } from './verdict.ts';

/** In 1: a claim is made when it is sure by as much (monitor/memory/consolidate/sureness.ts). */
const target = 0.95;

export function memoryVerdict({ seeds }: MemoryReport): Finding[] {
  const all = summed(together(judgementsOf(seeds)));
  const claimed = coincidencesOf(seeds).reduce((sum, { times }) => sum + times, 0);
  return [
    {
      promise: 'of what is claimed at least 95 % is so',
      measured: `${percent(precision(all))} (${all.right} of ${all.right + all.wrong} findings)`,
      kept: precision(all) >= target,
    },
    {
      promise: 'of what is planted at least 95 % is found',
      measured: `${percent(recall(all))} (${all.found} of ${all.planted} plants)`,
      kept: recall(all) >= target,
    },
    {
      promise: 'what means nothing is claimed in at most one of twenty worlds',
      measured: `${claimed} of ${seeds.length * coincidencesOf(seeds).length} coincidences`,
      kept: claimed <= (1 - target) * seeds.length * coincidencesOf(seeds).length,
    },
  ];
}

export function memoryTables(report: MemoryReport): string {
  const { machine, seeds, cpuSeconds } = report;
  const { cores, node, platform } = machine;
  const scores = together(judgementsOf(seeds));
  const wrong = seeds.flatMap(({ seed, judgement }) => judgement.wrong.map((one) => `seed ${seed}: ${one}`));
  const missed = seeds.flatMap(({ seed, judgement }) => judgement.missed.map((one) => `seed ${seed}: ${one}`));
  return [
    `Node ${node} on ${platform} with ${cores} cores. ${loadText(machine)}. ${seeds.length} ${seeds.length === 1 ? 'seed' : 'seeds'} of sixty days; one took ${cpuSeconds.toFixed(0)} s of a processor, in the middle.`,
    table(
      ['promise', 'measured', ''],
      memoryVerdict(report).map(({ promise, measured, kept }) => [promise, measured, kept ? 'kept' : '**missed**']),
    ),
    '### By kind of finding',
    table(
      ['kind', 'right', 'wrong', 'precision', 'plants', 'found', 'recall'],
      [...scores.map((score) => [score.kind, ...cells(score)]), ['all', ...cells(summed(scores))]],
    ),
    '### What means nothing',
    table(
      ['coincidence', 'claimed'],
      coincidencesOf(seeds).map(({ what, times }) => [what, `${times} of ${seeds.length}`]),
    ),
    listed('Wrong', wrong),
    listed('Missed', missed),
  ].join('\n\n');
}

function cells(score: Omit<Score, 'kind'>): string[] {
  const { right, wrong, planted, found } = score;
  const shares = [percent(precision(score)), percent(recall(score))] as const;
  return [`${right}`, `${wrong}`, shares[0], `${planted}`, `${found}`, shares[1]];
}

function coincidencesOf(seeds: MemoryReport['seeds']): { readonly what: string; readonly times: number }[] {
  const first = seeds[0]?.judgement.claimed ?? [];
  return first.map(({ what }) => ({
    what,
    times: judgementsOf(seeds).filter(({ claimed }) => claimed.some((one) => one.what === what && one.isClaimed))
      .length,
  }));
}

function judgementsOf(seeds: MemoryReport['seeds']): Judgement[] {
  return seeds.map(({ judgement }) => judgement);
}

function listed(name: string, all: readonly string[]): string {
  return all.length === 0 ? `${name}: none.` : [`${name}:`, '', ...all.map((one) => `- \`${one}\``)].join('\n');
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
