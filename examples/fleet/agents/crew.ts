import { agent, decisionTree, task } from '@fleetscope/instrumentation';
import type { Crew, Fleet } from '../fleet.ts';
import { silentAgent } from '../fleet-faults.ts';
import { logger } from '../logger.ts';
import packageFile from '../package.json' with { type: 'json' };
import type { Job } from './jobs.ts';
import { keepBeating } from './keep-beating.ts';

interface Position<J, R> {
  name: string;
  /** How many jobs it works on at once. */
  atOnce: number;
  work: (fleet: Fleet, job: J) => Promise<R>;
}

const { version } = packageFile;

/** Employs an agent: each job is a task of a run of its own. */
export function employ<J extends Job, R>(fleet: Fleet, { name, atOnce, work }: Position<J, R>): Crew<J, R> {
  const { bus, counts, faults, stopping } = fleet;
  const takeUp = async (job: J) => {
    if (name === silentAgent) await faults.over('silent-agent', stopping);
    return perform(job);
  };
  bus.receive(name, ({ payload }) => takeUp(payload as J), { atOnce });
  keepBeating(fleet, name);

  function perform(job: J): Promise<R> {
    const { type, retries } = job;
    if (retries > 0) counts.add('retries', `${name} ${type}`);
    const run = agent({ name, action: type, retries, version }, () => {
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
    waiting: () => bus.waiting(name),
    send(job) {
      counts.add('messages', name);
      return bus.send<R>(name, job);
    },
  };
}
