import { agent, decisionTree, task } from '@fleetscope/instrumentation';
import type { Fleet } from '../fleet.ts';
import { silentAgent } from '../fleet-faults.ts';
import { logger } from '../logger.ts';
import type { Job } from './jobs.ts';
import { keepBeating } from './keep-beating.ts';

/** An agent that takes jobs from the bus. */
export interface Crew<J extends Job, R> {
  /** Hands a job over and waits for what comes of it. */
  send(job: J): Promise<R>;
  waiting(): number;
}

interface Position<J, R> {
  name: string;
  /** How many jobs it works on at once. */
  atOnce: number;
  work: (fleet: Fleet, job: J) => Promise<R>;
}

/** Employs an agent: each job is a task of a run of its own. With as many mailboxes as it works on jobs at once. */
export function employ<J extends Job, R>(fleet: Fleet, { name, atOnce, work }: Position<J, R>): Crew<J, R> {
  const { bus, counts, faults, stopping } = fleet;
  const boxes = Array.from({ length: atOnce }, (_, at) => (at === 0 ? name : `${name} ${at + 1}`));
  const load = new Map(boxes.map((box) => [box, 0]));

  for (const box of boxes) {
    bus.receive(box, async ({ payload }) => {
      if (name === silentAgent) await faults.over('silent-agent', stopping);
      return perform(payload as J);
    });
  }
  keepBeating(fleet, name);

  function perform(job: J): Promise<R> {
    const { type, retries } = job;
    if (retries > 0) counts.add('retries', `${name} ${type}`);
    const run = agent({ name, action: type, retries }, () => {
      const doing = task({ type, retries }, async ({ trace }) => {
        const result = await work(fleet, job);
        if (logger.isLevelEnabled('debug')) logger.debug(decisionTree(trace()));
        return result;
      });
      return counts.of('tasks', `${name} ${type}`, doing);
    });
    return counts.of('agents', name, run);
  }

  return {
    waiting: () => boxes.reduce((sum, box) => sum + bus.waiting(box), 0),
    async send(job) {
      const box = leastLoaded(load);
      load.set(box, (load.get(box) ?? 0) + 1);
      counts.add('messages', name);
      try {
        return await bus.send<R>(box, job);
      } finally {
        load.set(box, (load.get(box) ?? 1) - 1);
      }
    },
  };
}

/** The first of those with the least to do. */
export function leastLoaded(load: ReadonlyMap<string, number>): string {
  const [[best] = ['']] = [...load].sort(([, a], [, b]) => a - b);
  return best;
}
