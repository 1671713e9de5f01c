import { log, workflow } from '@fleetscope/instrumentation';
import { type Delivery, direct } from './agents/director.ts';
import { isCancelled } from './counts.ts';
import type { Fleet } from './fleet.ts';
import { type Request, workflowNames } from './requests.ts';

/** One request from beginning to end: a run of its workflow. */
export async function runRequest(fleet: Fleet, request: Request): Promise<Delivery> {
  const name = workflowNames[request.kind];
  const run = workflow({ name, trigger: request.trigger }, async () => {
    try {
      return await direct(fleet, request);
    } catch (error) {
      const details = { component: 'Director', command: request.kind, error };
      if (isCancelled(error)) log.info(`Called off: ${request.subject}`, details);
      else log.error(`Failed: ${request.subject}`, { ...details, impact: `nobody gets ${request.subject}` });
      throw error;
    }
  });
  return fleet.counts.of('workflows', name, run);
}
