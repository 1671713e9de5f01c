import { randomUUID } from 'node:crypto';
import { agentDuration, agentErrors, agentExecute, agentRetryCount, agentRuns } from '../catalog/agents.ts';
import { given } from './given.ts';
import { beat } from './heartbeat.ts';
import { add, record } from './record.ts';
import { run, statuses } from './run.ts';
import { currentScope } from './scope.ts';

export interface AgentOptions {
  /** What the agent is called: one of few. */
  name: string;
  /** What it is asked to do, e.g. `plan`. */
  action: string;
  /** This instance. Default: a new UUID. */
  id?: string;
  version?: string;
  /** Attempts before this one. Default: 0. */
  retries?: number;
}

/** Runs an agent: `agent.execute`. What happens inside is this agent's work. (S02, T04, T09) */
export function agent<T>(options: AgentOptions, fn: (agent: { readonly id: string }) => T): T {
  const { name, action, id = randomUUID(), version, retries = 0 } = given(options);
  const labels = { 'agent.name': name };
  if (retries > 0) add(agentRetryCount, 1, labels);
  beat(name);
  return run(
    {
      declaration: agentExecute,
      attributes: {
        'agent.id': id,
        'agent.name': name,
        'gen_ai.agent.id': id,
        'gen_ai.agent.name': name,
        'gen_ai.agent.version': version,
        'agent.action': action,
        'agent.retries': retries,
        'workflow.name': currentScope().workflowName,
      },
      scope: { agentName: name, agentId: id },
      onEnd({ outcome, errorType, seconds }, span) {
        const status = statuses[outcome];
        span.set({ 'agent.status': status, 'agent.duration.ms': seconds * 1000 });
        add(agentRuns, 1, { ...labels, 'agent.action': action, 'agent.status': status });
        record(agentDuration, seconds, { ...labels, 'agent.status': status });
        if (outcome === 'failure') add(agentErrors, 1, { ...labels, 'error.type': errorType });
        beat(name);
      },
    },
    () => fn({ id }),
  );
}
