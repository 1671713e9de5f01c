/** Days of a made-up fleet, as snapshots: by seed, with what is planted in it. For tests of what weeks are said to show. */
import { mulberry32 } from '../../analysis/mulberry32.ts';
import { Histogram } from '../../store/histogram.ts';
import { beginOf, dateOf } from '../periods.ts';
import type { ErrorDay, RestDay, Snapshot, Spending, WayDay, WorkDay } from '../record.ts';

/** One kind of work of the fleet, per day. */
export interface Habit {
  readonly agent: string;
  readonly operation: string;
  readonly model: string;
  /** By day, from 0, where it is not the same each day. */
  readonly times: number | ((day: number) => number);
  /** Share that fails, ms and micro-USD in the middle; by day, from 0. */
  readonly fails: (day: number) => number;
  readonly ms: (day: number) => number;
  readonly cost: (day: number) => number;
  /** Tasks at once, and tools; default: it tells neither. */
  readonly batch?: number;
  readonly tools?: readonly string[];
}

/** One error, on days by chance. */
export interface Trouble {
  readonly fingerprint: string;
  readonly chance: (day: number) => number;
}

export interface Fleet {
  readonly seed: number;
  /** A Monday, so that weeks are whole. */
  readonly from: string;
  readonly days: number;
  readonly habits: readonly Habit[];
  readonly troubles?: readonly Trouble[];
}

export function someDays({ seed, from, days, habits, troubles = [] }: Fleet): Snapshot[] {
  const random = mulberry32(seed);
  return Array.from({ length: days }, (_, day) => {
    const date = dateOf(beginOf(from) + day * 86_400_000);
    const work = habits.map((habit) => workOf(habit, day, date, random));
    const errors = troubles.flatMap((trouble) => (random() < trouble.chance(day) ? [errorOf(trouble, date)] : []));
    return { ...quiet(date), work, errors };
  });
}

function workOf(habit: Habit, day: number, date: string, random: () => number): WorkDay {
  const { agent, operation, model } = habit;
  const [durations, costs, ofOne] = [new Histogram(), new Histogram(), new Histogram()];
  const { batch = 1, tools = [] } = habit;
  const times = typeof habit.times === 'number' ? habit.times : habit.times(day);
  const ended = Math.round(times * (0.8 + 0.4 * random()));
  let failed = 0;
  for (let i = 0; i < ended; i++) {
    if (random() < habit.fails(day)) failed++;
    else durations.add(habit.ms(day) * spread(random), 1);
    const cost = habit.cost(day) * spread(random);
    costs.add(cost, 1);
    ofOne.add(cost / batch, 1);
  }
  const named = (what: string, count: number) =>
    Array.from({ length: Math.min(3, count) }, (_, i) => `${agent}-${operation}-${date}-${what}-${i}`);
  const way = (money: Histogram): WayDay => ({
    ...{ ended, failed, costs: money.toString() },
    ...{ went_well: named('well', ended - failed).slice(0, 1), went_wrong: named('wrong', failed).slice(0, 1) },
  });
  return {
    ...{ agent_name: agent, operation, model, ended, failed },
    ...{ durations: durations.toString(), costs: costs.toString() },
    ...{ went_well: named('well', ended - failed), went_wrong: named('wrong', failed) },
    batches: habit.batch === undefined ? [] : [{ size: 2 ** Math.floor(Math.log2(batch)), ...way(ofOne) }],
    toolsets: tools.length === 0 ? [] : [{ tools, ...way(costs) }],
  };
}

/** Log-normal, as times and prices of real work are: half as much or twice as much is common. */
function spread(random: () => number): number {
  return Math.exp(0.5 * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()));
}

function errorOf({ fingerprint }: Trouble, date: string): ErrorDay {
  return {
    ...{ fingerprint, error_type: 'TimeoutError', error_message: `no answer (${fingerprint})`, times: 2 },
    ...{ first_at: `${date}T09:00:00.000Z`, last_at: `${date}T15:00:00.000Z`, cost_micro_usd: 4000, duration_ms: 9000 },
    ...{ agents: ['code'], sessions: [`run-${fingerprint}-${date}`] },
  };
}

const nothing: Spending = {
  ...{ micro_usd: null, failed_micro_usd: null, input_tokens: 0, output_tokens: 0, unpriced_calls: 0 },
};
const none = { started: 0, completed: 0, failed: 0, in_progress: 0 };

const noRest: RestDay = {
  ...{ agents: 0, agents_started: 0, agents_micro_usd: null, work: 0, work_ended: 0, work_failed: 0 },
  ...{ work_durations: new Histogram().toString(), errors: 0, errors_times: 0, errors_micro_usd: null },
};

/** A day on which nothing happened. */
export function quiet(date: string): Snapshot {
  return {
    ...{ date, state: 'final', through: `${date}T23:59:59.999Z`, ledger: 'known' },
    ...{ tasks: none, runs: none, rest: noRest },
    ...{ success_rate: null, error_rate: null, p50_ms: null, p95_ms: null, cost: nothing },
    ...{ agents: [], models: [], work: [], decisions: [], errors: [], hours_measured: 24, gaps: [] },
    approvals: {
      ...{ asked: 0, approved: 0, rejected: 0, unanswered: 0, open: 0, p50_wait_ms: null, p95_wait_ms: null },
    },
    incidents: { raised: 0, resolved: 0, open: 0, alerts: [] },
  };
}
