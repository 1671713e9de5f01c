/**
 * Every metric that is remembered, one declaration each; queries are typed against the catalogue: a misspelt name does not compile. They are
 * checked and written here, and read where they are asked (remembered.ts): a service has no use for the grammar of PromQL. (M03)
 */
import {
  approvalResponseTime,
  pendingApprovals,
  taskApprovalRequests,
} from '../../../instrumentation/src/catalog/approvals.ts';
import type { Label } from '../../../instrumentation/src/catalog/attribute.ts';
import { agentName, workflowName } from '../../../instrumentation/src/catalog/attributes.ts';
import {
  agentCost,
  agentTokens,
  apiName,
  apiRateLimitUtilization,
  llmCallsUnpriced,
  llmErrors,
  operationDuration,
  requestModel,
} from '../../../instrumentation/src/catalog/llm.ts';
import { queueDepth, queueName } from '../../../instrumentation/src/catalog/messages.ts';
import type { Metric as Declared } from '../../../instrumentation/src/catalog/metric.ts';
import { prometheusLabel } from '../../../instrumentation/src/catalog/prometheus-name.ts';
import {
  agentLastHeartbeat,
  agentTaskDuration,
  agentTaskRetries,
  agentTasksCompleted,
  agentTasksFailed,
  agentTasksStarted,
} from '../../../instrumentation/src/catalog/tasks.ts';
import { workflowRuns } from '../../../instrumentation/src/catalog/workflows.ts';
import { promql, type Query } from '../../../queries/promql.ts';
import { written } from '../../../queries/stack-metrics.ts';
import { twin } from '../../../twin.ts';
import { grown, heartbeat } from './grown.ts';
import type { Metric, Question } from './remembered.ts';
import { type Span, spans } from './span.ts';

export interface Measure extends Pick<Metric, 'metric' | 'unit' | 'ofDay' | 'least'> {
  /** Beside everything together: by which labels it is told apart, each by itself. */
  readonly by: readonly string[];
  /** Of a histogram its buckets are asked for: they add up, and are grown once for all. */
  readonly quantile?: number;
  /** @param by labels that its answer keeps. */
  ask(by: readonly string[], span: Span): Query;
}

/** The alert that always fires: it says that alerts are told at all, and is none. */
const watchdog = 'Watchdog';

export const measures: readonly Measure[] = [
  counted('tasks_started', agentTasksStarted, [agentName], 3),
  counted('tasks_completed', agentTasksCompleted, [agentName], 3),
  counted('tasks_failed', agentTasksFailed, [agentName], 3),
  counted('task_retries', agentTaskRetries, [agentName], 3),
  percentile('task_p95', agentTaskDuration, promql`${agentTaskDuration}_bucket{outcome="success"}`, [agentName], 0.5),
  counted('workflow_runs', workflowRuns, [workflowName], 3),
  counted('cost', agentCost, [agentName, requestModel], 0.01),
  counted('tokens', agentTokens, [agentName, requestModel], 1000),
  counted('unpriced_calls', llmCallsUnpriced, [requestModel], 3),
  counted('model_errors', llmErrors, [requestModel], 3),
  percentile('model_call_p95', operationDuration, promql`${operationDuration}_bucket`, [requestModel], 0.5),
  counted('approvals_asked', taskApprovalRequests, [], 3),
  counted('approvals_answered', promql`${approvalResponseTime}_count`, [], 3, taskApprovalRequests.unit),
  percentile('approval_wait_p95', approvalResponseTime, promql`${approvalResponseTime}_bucket`, [], 10),
  greatest('approvals_pending', pendingApprovals, [], 2),
  greatest('queue_depth', queueDepth, [queueName], 5),
  {
    // An agent that showed life: its heartbeat is the moment itself.
    ...{ metric: 'agents_active', unit: '{agent}', by: [], ofDay: 'asked', least: 1 },
    ask: (_, { text, seconds }) =>
      promql`count(max by (${agentName}) (max_over_time(${agentLastHeartbeat}[${text}])) > time() - ${seconds}) or 0 * count(max_over_time(${agentLastHeartbeat}[${text}]))`,
  },
  {
    ...{
      metric: 'api_rate_limit',
      unit: apiRateLimitUtilization.unit,
      by: names([apiName]),
      ofDay: 'asked',
      least: 0.1,
    },
    ask: (by, { text }) => promql`max by (${by.join(', ')}) (max_over_time(${apiRateLimitUtilization}[${text}]))`,
  },
  {
    // How many fired at any time, each series once. None is zero while the one is there that always fires.
    ...{ metric: 'alerts_firing', unit: '{alert}', by: ['alertname'], ofDay: 'asked', least: 2 },
    ask(by, { text }) {
      const firing = promql`sum by (${by.join(', ')}) (max_over_time(${written.alerts}{alertstate="firing", alertname!="${watchdog}"}[${text}]))`;
      return by.length > 0 ? firing : promql`${firing} or 0 * sum(max_over_time(${written.alerts}[${text}]))`;
    },
  },
];

function counted(
  metric: string,
  counter: Declared | Query,
  by: readonly Label[],
  least: number,
  unit = 'unit' in counter ? counter.unit : '1',
): Measure {
  return {
    ...{ metric, unit, by: names(by), ofDay: 'sum', least },
    ask: (kept, span) => promql`sum by (${kept.join(', ')}) (${grown(counter, span)})`,
  };
}

/** Within the buckets of the histogram. */
function percentile(metric: string, { unit }: Declared, buckets: Query, by: readonly Label[], least: number): Measure {
  return {
    ...{ metric, unit, by: names(by), ofDay: 'asked', least, quantile: 0.95 },
    ask: (kept, span) => promql`sum by (${['le', ...kept].join(', ')}) (${grown(buckets, span)})`,
  };
}

/** Of how many there were at once. */
function greatest(metric: string, gauge: Declared, by: readonly Label[], least: number): Measure {
  return {
    ...{ metric, unit: gauge.unit, by: names(by), ofDay: 'asked', least },
    // What was told within the time: a sample of just before it is seen for five minutes more, also where nobody was there any longer.
    ask(kept, { text }) {
      const by = kept.join(', ');
      const told = promql`sum by (${by}) (last_over_time(${gauge}[${text}]))`;
      return promql`max_over_time((sum by (${by}) (${gauge}))[${text}:1m]) and on (${by}) ${told}`;
    },
  };
}

function names(labels: readonly Label[]): string[] {
  return labels.map(({ name }) => prometheusLabel(name));
}

/** What adds up is asked once, by all its labels: a sum and its parts are then of the same numbers. */
function questionsOf({ by, ofDay, quantile, ask }: Measure, span: Span): Question[] {
  const each = [[], ...by.map((label) => [label])];
  if (quantile !== undefined) return [{ query: ask(by, span).text, sums: each, quantile }];
  if (ofDay === 'sum') return [{ query: ask(by, span).text, sums: each }];
  return each.map((kept) => ({ query: ask(kept, span).text, sums: [kept] }));
}

const eachSpan = Object.values(spans);

export default twin('json', {
  about: 'How Prometheus is asked for what is remembered. Generated from monitor/memory/collect/measures.ts.',
  scrapes: Object.fromEntries(
    eachSpan.map(({ text }) => [text, promql`max(count_over_time(${heartbeat}[${text}]))`.text]),
  ),
  metrics: measures.map((measure) => {
    const { metric, unit, ofDay, least } = measure;
    const asked = ofDay === 'sum' ? [spans['1h']] : eachSpan;
    const questions = Object.fromEntries(asked.map((span) => [span.text, questionsOf(measure, span)]));
    return { metric, unit, ofDay, least, questions };
  }),
});
