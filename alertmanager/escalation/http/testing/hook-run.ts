import type { HookRun } from '../../incident/incident.ts';
import { startedAt } from './service.ts';

/** A remedy that waits for a yes. */
export function hookRun(id: string, number: number): HookRun {
  return {
    key: `${id}/hook/${number}`,
    hook: 'pause-agent',
    parameters: { agent: 'agent-0' },
    state: 'proposed',
    dryRun: false,
    createdAt: startedAt,
    attemptAt: startedAt,
  };
}
