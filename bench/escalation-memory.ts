/** What the service holds in memory and on disk while very many incidents open, are told and are over. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Receiver } from '../alertmanager/escalation/channels/testing/receiver.ts';
import { benchPolicy } from './escalation-policy.ts';
import { ServiceProcess } from './escalation-process.ts';
import { type Group, post } from './escalation-sender.ts';
import { quantile, slope } from './statistics.ts';

export interface Sample {
  readonly incidents: number;
  /** After a garbage collection. */
  readonly heapMib: number;
  readonly rssMib: number;
}

export interface Memory {
  readonly incidents: number;
  readonly perSecond: number;
  readonly samples: readonly Sample[];
  /** MiB for each 10 000 further incidents, after the first fifth. */
  readonly heapGrowth: number;
  readonly rssGrowth: number;
  /** Of the second half of all samples. */
  readonly heapMib: number;
  readonly rssMib: number;
  /** Bytes on disk for each incident: its document with its part of the audit trail, and its lines in the daily log. */
  readonly storeBytes: number;
  readonly logBytes: number;
}

const mib = 2 ** 20;
/** So many webhooks on their way at once. */
const lanes = 32;
/** So many incidents open at once. */
const open = 500;
const samples = 50;
/** Between two of them: a collection each takes its time. */
const fewest = 100;

export async function measureMemory(incidents: number, progress: (text: string) => void): Promise<Memory> {
  await using receiver = await Receiver.open(() => {
    receiver.requests.length = 0;
    return { body: 'ok' };
  });
  const preload = join(import.meta.dirname, 'escalation-memory-preload.ts');
  await using service = await ServiceProcess.open(benchPolicy(receiver.url), {
    nodeArgs: ['--expose-gc', '--import', preload],
  });
  const taken: Sample[] = [];
  const startedAt = performance.now();
  const every = Math.max(fewest, Math.ceil(incidents / samples));
  for (let from = 0; from < incidents; from += every) {
    const to = Math.min(incidents, from + every);
    await inLanes(from, to, async (number) => {
      await post(service, groupOf(number), 'firing');
      if (number >= open) await post(service, groupOf(number - open), 'resolved');
    });
    const { heap, rss } = (await service.ask('memory')) as { heap: number; rss: number };
    taken.push({ incidents: to, heapMib: heap / mib, rssMib: rss / mib });
    const perSecond = Math.round(to / ((performance.now() - startedAt) / 1000));
    progress(`memory: ${to} of ${incidents} incidents, ${perSecond} a second, heap ${Math.round(heap / mib)} MiB`);
  }
  const perSecond = incidents / ((performance.now() - startedAt) / 1000);
  await inLanes(Math.max(0, incidents - open), incidents, (number) => post(service, groupOf(number), 'resolved'));
  await service.end('SIGTERM');
  const warm = taken.slice(Math.floor(taken.length / 5));
  const late = taken.slice(Math.floor(taken.length / 2));
  const growth = (of: (sample: Sample) => number) =>
    10_000 * slope(warm.map((sample) => [sample.incidents, of(sample)]));
  return {
    ...{ incidents, perSecond, samples: taken },
    heapGrowth: growth(({ heapMib }) => heapMib),
    rssGrowth: growth(({ rssMib }) => rssMib),
    heapMib: quantile(
      late.map(({ heapMib }) => heapMib),
      0.5,
    ),
    rssMib: quantile(
      late.map(({ rssMib }) => rssMib),
      0.5,
    ),
    storeBytes: statSync(service.store).size / incidents,
    logBytes: bytesIn(service.logs) / incidents,
  };
}

/** One in ten goes the long way, by a webhook. */
function groupOf(number: number): Group {
  return { number, severity: number % 10 === 0 ? 'critical' : 'warning', alerts: 1 };
}

async function inLanes(from: number, to: number, work: (number: number) => Promise<unknown>): Promise<void> {
  let next = from;
  const lane = async () => {
    while (next < to) await work(next++);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

function bytesIn(folder: string): number {
  return readdirSync(folder).reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);
}
