import { taskApprovalRequests } from '../instrumentation/src/catalog/approvals.ts';
import type { Label } from '../instrumentation/src/catalog/attribute.ts';
import { agentName } from '../instrumentation/src/catalog/attributes.ts';
import { agentCost, requestModel } from '../instrumentation/src/catalog/llm.ts';
import type { Metric } from '../instrumentation/src/catalog/metric.ts';
import { auditViolationsLogged } from '../instrumentation/src/catalog/security.ts';
import { agentTasksFailed, agentTasksStarted } from '../instrumentation/src/catalog/tasks.ts';
import { promql } from '../queries/promql.ts';
import { counted } from './kit/counted.ts';
import { group } from './kit/group.ts';
import { type Recording, record } from './kit/record.ts';
import { series } from './kit/world.ts';
import { sums } from './slo/proofs.ts';
import { errorsRate, eventsRate, everySeconds } from './slo/recordings.ts';

/**
 * The figures of each day, kept for years where Thanos evaluates them (thanos.ts): few, small, and made to be added up, for a sum over a
 * year is `sum_over_time(agent_day:cost_usd:added1d[365d])`. No level of downsampling is a day. (P04)
 */
export function daily() {
  return group(
    'daily',
    [
      perDay('agent_day:tasks_started:added1d', agentTasksStarted, 'tasks started', [agentName]),
      perDay('agent_day:tasks_failed:added1d', agentTasksFailed, 'tasks failed', [agentName]),
      perDay('agent_day:cost_usd:added1d', agentCost, 'USD spent by an agent', [agentName]),
      perDay('model_day:cost_usd:added1d', agentCost, 'USD spent on a model', [requestModel]),
      perDay('environment_day:approval_requests:added1d', taskApprovalRequests, 'approvals asked for'),
      perDay('environment_day:audit_violations:added1d', auditViolationsLogged, 'rules broken'),
      ofObjective('slo_day:events:sum1d', eventsRate, 'events that an objective counts'),
      ofObjective('slo_day:errors:sum1d', errorsRate, 'bad events that an objective counts'),
    ],
    { interval: '1d', provedEvery: '5m' },
  );
}

/** Exactly, what a counter is born with included: by environment and `by`. */
function perDay(name: string, events: Metric, means: string, by: Label[] = []): Recording {
  return counted(name, events, { by, within: '1d', means, like: series(events), exactly: true });
}

/** By objective. Both are recorded, not their ratio: ratios of days do not add up. */
function ofObjective(name: string, rate: Recording, means: string): Recording {
  const query = promql`${everySeconds} * sum_over_time(${rate}[1d])`;
  return record(name, query, `${means}, in a day`, sums('1d', rate));
}
