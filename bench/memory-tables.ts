/** The report of the memory bench for people, and what is promised of it. */
import {
  type Judgement,
  precision,
  recall,
  type Score,
  summed,
  together,
} from '../monitor/memory/testing/sixty-days-judge.ts';
import { profiles } from '../stack.ts';
import { loadText } from './machine.ts';
import { table } from './markdown.ts';
import type { MemoryReport } from './memory.ts';
import type { MemoryYear, YearCost } from './memory-year.ts';
import type { Finding } from './verdict.ts';

/** In 1: a claim is made when it is sure by as much (monitor/memory/consolidate/sureness.ts). */
const target = 0.95;

export function memoryVerdict({ seeds, year }: MemoryReport): Finding[] {
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
    ...(year ? yearVerdicts(year) : []),
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
    ...(report.year ? yearTables(report.year) : []),
  ].join('\n\n');
}

/** What the memory has where such a fleet is watched; it does in its own process what these commands do. */
const mostMib = profiles.prod.memory;

/** Of what whole days take. Both have a process about them, of some 100 MiB. */
const mostOfWhole = 0.75;

function yearVerdicts({ days, kinds, lines, whole }: MemoryYear): Finding[] {
  const peak = Math.max(...lines.map(({ peakMib }) => peakMib));
  const week = lines.find(({ line }) => line === 'consolidate')?.peakMib ?? Number.NaN;
  return [
    {
      promise: `of a year of the largest fleet nothing holds more than the ${mostMib} MiB that the memory has in "prod"`,
      measured: `${peak.toFixed(0)} MiB (${days} days of ${kinds} kinds of work)`,
      kept: peak <= mostMib,
    },
    {
      promise: `a week of that year takes at most ${100 * mostOfWhole} % of the memory that it takes from whole days`,
      measured: `${percent(week / whole.peakMib)} (${week.toFixed(0)} of ${whole.peakMib.toFixed(0)} MiB)`,
      kept: week <= mostOfWhole * whole.peakMib,
    },
  ];
}

function yearTables({ days, kinds, mibOfDay, lines, whole }: MemoryYear): string[] {
  const row = (name: string, { cpuSeconds, peakMib }: YearCost) => [name, cpuSeconds.toFixed(1), peakMib.toFixed(0)];
  return [
    '### A year of a large fleet',
    `${days} days of ${kinds} kinds of work, the most that a day holds one by one; a day is ${mibOfDay.toFixed(2)} MiB. Each in a process of its own, start included. What needs whole days reads those that it tells of; of the others it keeps errors, decisions and who was at work. Beside it the alternative: a week told from whole days, all of the year in memory at once.`,
    table(
      ['', 's of a processor', 'MiB at most'],
      [
        ...lines.map((one) => row(`\`npm run memory -- ${one.line}\``, one)),
        row('the alternative: one week from whole days', whole),
      ],
    ),
  ];
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
