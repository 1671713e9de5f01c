/** A year of the largest fleet that days hold one by one (monitor/memory/collect/held.ts), as a memory on disk. */
import { mulberry32 } from '../monitor/analysis/mulberry32.ts';
import { mostHeld } from '../monitor/memory/collect/held.ts';
import { beginOf, dateOf } from '../monitor/memory/periods.ts';
import type { ErrorDay, Snapshot, Spending, WorkDay } from '../monitor/memory/record.ts';
import { openMemory } from '../monitor/memory/store/open.ts';
import { quiet } from '../monitor/memory/testing/some-days.ts';
import { Histogram } from '../monitor/store/histogram.ts';

/** A Monday, so that the last week is whole. */
const from = '2025-01-06';
/** Of one kind of work, in a day. */
const tasks = 40;
/** Half of those that a day may hold come in it; in a year it is ten times as many kinds. */
const errorsOfYear = 10 * mostHeld.errors;

/** The days made, and how large one of them is as JSON. */
export interface MadeYear {
  readonly dates: readonly string[];
  readonly bytesOfDay: number;
}

export async function makeYear(file: string, days: number, kinds: number): Promise<MadeYear> {
  const memory = await openMemory(file);
  const random = mulberry32(1);
  // Many days look alike; that none is like the next one is enough.
  const pool = Array.from({ length: 200 }, () => [histogram(random, 4000), histogram(random, 20_000)] as const);
  const dates = Array.from({ length: days }, (_, day) => dateOf(beginOf(from) + day * 86_400_000));
  let bytesOfDay = 0;
  for (const date of dates) {
    const day: Snapshot = { ...quiet(date), ...fleetOf(date, kinds, random, pool) };
    bytesOfDay = JSON.stringify(day).length;
    await memory.keep({ job: 'day', period: date, rows: { snapshots: [day] } });
  }
  await memory.close();
  return { dates, bytesOfDay };
}

type Pool = readonly (readonly [durations: string, costs: string])[];

function fleetOf(
  date: string,
  kinds: number,
  random: () => number,
  pool: Pool,
): Pick<Snapshot, 'agents' | 'models' | 'work' | 'errors'> {
  const work = Array.from({ length: kinds }, (_, kind): WorkDay => {
    const [durations, costs] = pool[Math.floor(random() * pool.length)] as (typeof pool)[number];
    const failed = Math.floor(random() * 4);
    const session = (what: string) => [`${date}-${kind}-${what}`];
    return {
      ...{ agent_name: `agent-${kind % 200}`, operation: `operation-${kind % 20}`, model: `model-${kind % 3}` },
      ...{ ended: tasks, failed, durations, costs, went_well: session('well'), went_wrong: session('wrong') },
      batches: [{ size: 1, ended: tasks, failed, costs, went_well: session('well'), went_wrong: [] }],
      toolsets: [{ tools: ['search', 'shell'], ended: tasks, failed, costs, went_well: [], went_wrong: [] }],
    };
  });
  const agents = [...new Set(work.map((one) => one.agent_name))].map((agent_name) => ({
    ...{ agent_name, started: tasks, completed: tasks, failed: 0, in_progress: 0, p95_ms: 9000 },
    cost: spent(random),
  }));
  const models = [...new Set(work.map((one) => one.model as string))].map((model) => ({
    ...{ model, calls: tasks * kinds, failed: 0, cost: spent(random) },
    ...{ cache_read_tokens: 4000, cache_write_tokens: 400, reasoning_tokens: 2000 },
  }));
  return { agents, models, work, errors: errorsOf(date, kinds, random) };
}

function spent(random: () => number): Spending {
  const micro_usd = Math.round(800_000 * (0.5 + random()));
  return {
    micro_usd,
    failed_micro_usd: Math.round(micro_usd / 20),
    input_tokens: 90_000,
    output_tokens: 9000,
    unpriced_calls: 0,
  };
}

function errorsOf(date: string, kinds: number, random: () => number): ErrorDay[] {
  const most = Math.round((mostHeld.errors * kinds) / (2 * mostHeld.work));
  const some = new Set(Array.from({ length: most }, () => Math.floor(random() ** 2 * errorsOfYear)));
  return [...some].map((one) => ({
    ...{ fingerprint: one.toString(16).padStart(12, '0'), error_type: 'TimeoutError', times: 2, duration_ms: 9000 },
    ...{ error_message: `No answer of service ${one} within 30000 ms.`, cost_micro_usd: 4000 },
    ...{ first_at: `${date}T09:00:00.000Z`, last_at: `${date}T15:00:00.000Z` },
    ...{ agents: [`agent-${one % 200}`], sessions: [`${date}-${one}`] },
  }));
}

function histogram(random: () => number, middle: number): string {
  const all = new Histogram();
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  for (let i = 0; i < tasks; i++) all.add(middle * Math.exp(0.5 * normal()), 1);
  return all.toString();
}
