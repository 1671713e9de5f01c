/** What a snapshot holds one by one, and what of it together: a day stays a file that is read, and a document that MongoDB takes (16 MiB). Pure. (M01) */

import { sumMicroUsd } from '../../ledger/money.ts';
import { Histogram } from '../../store/histogram.ts';
import type { AgentDay, ErrorDay, RestDay, WorkDay } from '../record.ts';

export interface Held {
  readonly agents: readonly AgentDay[];
  readonly work: readonly WorkDay[];
  readonly errors: readonly ErrorDay[];
}

/** The most frequent are held. A kind of work is some kilobytes, 20 at most; years of errors are in memory at once. */
export const mostHeld = { agents: 500, work: 500, errors: 200 } as const;

/** Order is kept. */
export function held({ agents, work, errors }: Held): Held & { readonly rest: RestDay } {
  const [someAgents, moreAgents] = split(agents, mostHeld.agents, ({ started }) => started);
  const [someWork, moreWork] = split(work, mostHeld.work, ({ ended }) => ended);
  const [someErrors, moreErrors] = split(errors, mostHeld.errors, ({ times }) => times);
  const durations = new Histogram();
  for (const one of moreWork) durations.mergeText(one.durations);
  return {
    ...{ agents: someAgents, work: someWork, errors: someErrors },
    rest: {
      agents: moreAgents.length,
      agents_started: sum(moreAgents, ({ started }) => started),
      agents_micro_usd: sumMicroUsd(moreAgents.map(({ cost }) => cost.micro_usd)),
      work: moreWork.length,
      work_ended: sum(moreWork, ({ ended }) => ended),
      work_failed: sum(moreWork, ({ failed }) => failed),
      work_durations: durations.toString(),
      errors: moreErrors.length,
      errors_times: sum(moreErrors, ({ times }) => times),
      errors_micro_usd: sumMicroUsd(moreErrors.map(({ cost_micro_usd }) => cost_micro_usd)),
    },
  };
}

/** Of equally frequent ones those that come first. */
function split<T>(all: readonly T[], most: number, weight: (one: T) => number): [T[], T[]] {
  if (all.length <= most) return [[...all], []];
  const kept = new Set(all.toSorted((a, b) => weight(b) - weight(a)).slice(0, most));
  return [all.filter((one) => kept.has(one)), all.filter((one) => !kept.has(one))];
}

function sum<T>(all: readonly T[], of: (one: T) => number): number {
  return all.reduce((total, one) => total + of(one), 0);
}
