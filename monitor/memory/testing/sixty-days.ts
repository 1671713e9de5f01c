/** Sixty days of a made-up fleet, task by task, by seed. What is planted in it stands in sixty-days-plants.ts. For tests and benches. */
import { mulberry32 } from '../../analysis/mulberry32.ts';
import { beginOf, dateOf } from '../periods.ts';
import { type Failure, firstDate, habits, type Planned, storms } from './sixty-days-plants.ts';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

/** With a Thursday, the first of them ends nine ISO weeks: 2026-W01 to 2026-W09, of which the first has four days. */
export const dates: readonly string[] = Array.from({ length: 60 }, (_, day) =>
  dateOf(beginOf(firstDate) + day * dayMs),
);

/** Tasks that one run is made of. */
const tasksOfRun = 5;

export interface Task {
  readonly fromMs: number;
  readonly toMs: number;
  readonly agent: string;
  readonly operation: string;
  readonly model: string;
  /** Of its one call; a call that was refused has none. */
  readonly tokens: readonly [input: number, output: number];
  readonly modelMicroUsd: number;
  readonly tool: { readonly name: string; readonly microUsd: number } | undefined;
  readonly retries: number;
  readonly failure: Failure | undefined;
}

export interface Approval {
  readonly askedMs: number;
  readonly waitMs: number;
  readonly decision: 'approved' | 'rejected';
}

export interface Run {
  readonly session: string;
  /** 32 hexadecimal digits. */
  readonly trace: string;
  readonly workflow: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly tasks: readonly Task[];
  /** Of its first task. */
  readonly decision: { readonly choice: string; readonly confidence: number } | undefined;
  readonly approval: Approval | undefined;
}

/** What the fleet did, run by run; the day is where all of a run is. */
export interface Day {
  readonly date: string;
  readonly runs: readonly Run[];
}

export function sixtyDays(seed: number): readonly Day[] {
  const random = mulberry32(seed);
  return dates.map((date, day) => {
    const tasks = tasksOf(date, random).sort((a, b) => a.fromMs - b.fromMs || (a.agent < b.agent ? -1 : 1));
    const runs = Array.from({ length: Math.ceil(tasks.length / tasksOfRun) }, (_, i) => {
      const number = `${String(day + 1).padStart(2, '0')}-${String(i + 1).padStart(2, '0')}`;
      const trace = `${seed.toString(16).padStart(16, '0')}${(day * 1000 + i + 1).toString(16).padStart(16, '0')}`;
      return runOf(`run-${number}`, trace, tasks.slice(i * tasksOfRun, (i + 1) * tasksOfRun), random);
    });
    return { date, runs };
  });
}

function tasksOf(date: string, random: () => number): Task[] {
  const all = habits.flatMap((habit) => {
    const times = habit.times(date);
    // The few that are a coincidence are as they are said; of what goes on every day there is now more, now less.
    const ended = times < 10 ? times : Math.round(times * (0.8 + 0.4 * random()));
    return Array.from({ length: ended }, (_, i) => taskOf(habit, date, i, random));
  });
  for (const { agent, operation, failure, onDate } of storms) {
    const struck = onDate(date, random);
    const own = all.filter((task) => task.agent === agent && task.operation === operation && !task.failure);
    for (const task of own.slice(0, struck)) all[all.indexOf(task)] = failed(task, failure);
  }
  return all;
}

function taskOf(habit: Planned, date: string, number: number, random: () => number): Task {
  const { agent, operation, model, tool } = habit;
  // The whole of it is in the day, and nothing in its first half hour: sums of metrics and of the ledger are then of the same work.
  const fromMs = beginOf(date) + Math.round((30 + 1400 * random()) * minuteMs);
  const toMs = fromMs + Math.max(200, Math.round(habit.ms(date) * spread(random)));
  const much = spread(random);
  const [input, output] = habit.tokens(date).map((count) => Math.round(count * much)) as [number, number];
  const [inputPrice, outputPrice] = prices[model] as readonly [number, number];
  const task: Task = {
    ...{ fromMs, toMs, agent, operation, model, tokens: [input, output], tool, failure: undefined },
    modelMicroUsd: input * inputPrice + output * outputPrice,
    retries: random() < 0.03 ? 1 : 0,
  };
  const fails = habit.fails(date);
  // A number of them, or a share.
  const isFailed = fails >= 1 ? number < fails : random() < fails;
  return isFailed ? failed(task, habit.failure) : task;
}

/** What the provider refuses costs nothing. */
function failed(task: Task, failure: Failure): Task {
  const refused = failure.isOfModel ? { tokens: [0, 0] as const, modelMicroUsd: 0 } : {};
  return { ...task, ...refused, failure };
}

function runOf(session: string, trace: string, tasks: readonly Task[], random: () => number): Run {
  const fromMs = Math.min(...tasks.map((task) => task.fromMs)) - 1000;
  const toMs = Math.max(...tasks.map((task) => task.toMs)) + 1000;
  const workflow = ['build', 'answer', 'maintain'][Math.floor(3 * random())] as string;
  const decides = random() < 0.2;
  const asks = random() < 0.08;
  const [chosen, sure, waits, answers] = [random(), random(), random(), random()];
  return {
    ...{ session, trace, workflow, fromMs, toMs, tasks },
    decision: decides
      ? { choice: chosen < 0.5 ? 'in parallel' : 'one after the other', confidence: 0.5 + sure / 2 }
      : undefined,
    approval: asks
      ? {
          ...{ askedMs: fromMs + 500, waitMs: Math.round(5000 + 90_000 * waits * waits) },
          decision: answers < 0.9 ? 'approved' : 'rejected',
        }
      : undefined,
  };
}

/** Log-normal, as times and prices of real work are: half as much or twice as much is common. */
function spread(random: () => number): number {
  return Math.exp(0.5 * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()));
}

/** micro-USD a token, as the price list has them of that winter: priced anew, history comes to the same. */
const prices: Readonly<Record<string, readonly [input: number, output: number]>> = {
  'claude-opus-4-5': [5, 25],
  'claude-sonnet-4-5': [3, 15],
  'claude-haiku-4-5': [1, 5],
};
