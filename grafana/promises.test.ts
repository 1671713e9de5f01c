/** What the specification asks of each dashboard: a panel of this type that asks for this. */
import { expect, test } from 'vitest';
import { objectives } from '../prometheus/slo/objectives.ts';
import { boardOf, panelsOf } from './lint-board.ts';
import { dashboardFiles } from './panel-queries.ts';

const boards = new Map(dashboardFiles().map((file) => [boardOf(file).uid, panelsOf(boardOf(file))]));

/** The titles of the panels of a type that have these words in one query. */
function shown(uid: string, type: string, words: string): string[] {
  const panels = boards.get(uid)?.filter((panel) => panel.type === type) ?? [];
  const asks = panels.filter(({ targets }) => targets.some(({ expr, query }) => `${expr} ${query}`.includes(words)));
  return asks.map(({ title }) => title);
}

type Promised = [what: string, type: string, words: string];

const promises: Record<string, Promised[]> = {
  'D03 skill-access': [
    ['what was allowed and denied', 'timeseries', 'sum (clamp_min((max_over_time(skill_access_denied_total'],
    ['who asked for which skill', 'table', 'sum by (agent_name, skill_name)'],
    ['why', 'bargauge', 'sum by (skill_denial_reason)'],
    ['escalations', 'table', 'sum by (agent_name, permission_name)'],
    ['active permissions', 'timeseries', 'sum by (agent_name) (active_permissions_granted'],
    ['violations by severity', 'timeseries', 'sum by (audit_violation_severity)'],
    ['what is usual', 'timeseries', 'environment:permission_denials:usual1d'],
    ['each denial on record', 'logs', 'event_name="security.skill_denied"'],
    ['each violation on record', 'logs', 'event_name="audit.violation"'],
    ['each approval on record', 'logs', 'event_name="audit.approval_decided"'],
  ],
  'D04 cost-by-model': [
    [
      'cost',
      'table',
      'sum by (gen_ai_request_model, gen_ai_provider_name) (clamp_min((max_over_time(agent_cost_usd_total',
    ],
    ['the share of each', 'table', '/ scalar('],
    ['cost per call', 'timeseries', 'gen_ai_client_operation_duration_seconds_count'],
    ['tokens by kind', 'timeseries', 'sum by (token_kind)'],
    ['what came from the cache', 'stat', 'token_kind="cache_read"'],
    ['errors', 'timeseries', 'llm_errors_total'],
    ['models that stood in', 'table', 'llm_fallbacks_total'],
    ['the time to the first token', 'timeseries', 'gen_ai_client_operation_time_to_first_chunk_seconds_bucket'],
    ['calls without a price', 'table', 'llm_calls_unpriced_total'],
    ['calls without a word on tokens', 'table', 'llm_calls_unmetered_total'],
    ['no tools among the models', 'stat', 'gen_ai_request_model!="unknown"'],
  ],
  'D05 sla': [
    ...objectives.map(({ name }): Promised => [`the budget of ${name}`, 'stat', `{slo="${name}"`]),
    ['how fast budgets are spent', 'timeseries', 'slo:burn_rate:ratio1h'],
    ['approvals within a minute', 'stat', 'le=~"60([.]0)?"'],
    ['response times', 'timeseries', 'response_time_seconds_bucket'],
    ['their target', 'timeseries', 'vector(0.2)'],
    ['freshness', 'state-timeline', 'signal:telemetry_stale'],
  ],
  'D09 cost': [
    ['execution minutes', 'timeseries', 'max_over_time(agent_duration_seconds_sum'],
    ['the breakdown by agent', 'piechart', 'sum by (agent_name)'],
    ['the breakdown by task', 'bargauge', 'sum by (task_type)'],
    ['the breakdown by tool', 'bargauge', 'sum by (gen_ai_tool_name)'],
    ['the daily trend', 'timeseries', 'offset -1d'],
    ['cost per workflow', 'table', 'sum by (workflow_name)'],
    ['the budget', 'timeseries', 'vector(23)'],
    ['what today will have cost', 'stat', '86400 - time() % 86400'],
    ['the cost of failed work', 'stat', 'outcome="failure"'],
  ],
  'D10 executive': [
    ['adoption', 'timeseries', 'sum by (user_class)'],
    ['engagement', 'timeseries', 'sum by (session_type)'],
    ['availability', 'stat', 'http_response_status_code=~"5.."'],
    ['against 99.9 %', 'timeseries', 'vector(0.999)'],
    ['p95', 'stat', 'histogram_quantile(0.95, sum by (le) (rate(response_time_seconds_bucket'],
    ['against 200 ms', 'timeseries', 'vector(0.2)'],
    ['quality gates', 'stat', 'quality_gate_checks_total'],
    ['against 90 %', 'timeseries', 'vector(0.9)'],
    ['cost', 'stat', 'agent_cost_usd_total'],
    ['utilisation', 'timeseries', 'resource_utilization_ratio'],
  ],
  'D13 user-experience': [
    ['my usage', 'table', 'span.framework.user.enterprise_id =~ "$user"'],
    ['sessions that succeed', 'timeseries', 'sum by (outcome)'],
    ['their completion time', 'timeseries', 'session_duration_seconds_bucket'],
    ['the status', 'state-timeline', 'framework_health_status'],
    ['feedback', 'bargauge', 'user_feedback_score_bucket'],
    ['satisfaction', 'stat', 'user_feedback_score_sum'],
    ['how old all this is', 'stat', 'time() - max(timestamp('],
  ],
  'D14 tasks': [
    ['tasks by type and agent', 'table', 'sum by (agent_name, task_type)'],
    ['the spread of durations', 'heatmap', 'agent_task_duration_seconds_bucket'],
    ['retries', 'timeseries', 'agent_task_retries_total'],
    ['how long they wait', 'timeseries', 'queue_wait_time_seconds_bucket'],
    ['how many wait', 'timeseries', 'queue_depth'],
    ['failures by error', 'timeseries', 'sum by (error_type)'],
    ['cost per task', 'bargauge', 'agent_task_cost_usd_total'],
    ['how they end', 'piechart', 'sum by (outcome)'],
  ],
  'D06 workflows': [
    ['the rate of executions', 'timeseries', 'sum by (workflow_status) (clamp_min((max_over_time(workflow_runs_total'],
    ['the share that succeeds', 'stat', 'workflow_status=~"completed|failed"'],
    [
      'percentiles of the duration',
      'timeseries',
      'histogram_quantile(0.99, sum by (le) (rate(workflow_duration_seconds',
    ],
    ['what is active', 'stat', 'sum(workflows_active'],
    ['runs by trigger', 'piechart', 'sum by (workflow_trigger)'],
    ['the wait for approvals', 'timeseries', 'workflow_approval_wait_time_seconds_bucket'],
    ['traces of those that failed', 'table', 'name = "workflow.execute" && status = error'],
  ],
  'D07 agent-performance': [
    ['the duration as a heatmap', 'heatmap', 'agent_duration_seconds_bucket'],
    ['the failure rate', 'gauge', 'agent_status="failed"'],
    ['the trend of retries', 'timeseries', 'agent_retry_count_total'],
    [
      'the most expensive agents',
      'bargauge',
      'topk(10, (sum by (agent_name) (clamp_min((max_over_time(agent_cost_usd_total',
    ],
    ['runs', 'timeseries', 'sum by (agent_status)'],
    ['errors by type', 'timeseries', 'sum by (error_type) (clamp_min((max_over_time(agent_errors_total'],
  ],
  'D08 system-health': [
    ['response times of the API', 'timeseries', 'http_server_request_duration_seconds_bucket'],
    ['latency of databases', 'timeseries', 'db_client_operation_duration_seconds_bucket'],
    ['memory', 'timeseries', 'process_memory_usage_bytes'],
    ['event-loop lag', 'timeseries', 'nodejs_eventloop_delay_p99_seconds'],
    ['CPU', 'timeseries', 'process_cpu_time_seconds_total'],
    ['the health of the Collector', 'timeseries', 'otelcol_exporter_queue_size'],
    [
      'the health of the backends',
      'state-timeline',
      'up{job=~"collector|sampler|tempo|loki|loki-read|loki-backend|prometheus|alertmanager"}',
    ],
  ],
  'D11 operations': [
    ['the status of components', 'state-timeline', 'framework_health_status'],
    ['error rates', 'timeseries', 'component_operations_total'],
    ['incidents', 'table', 'ALERTS_FOR_STATE'],
    ['what was promised', 'table', 'slo:error_budget_remaining'],
    ['utilisation and capacity', 'timeseries', 'resource_utilization_ratio'],
    ['deployments', 'logs', 'event_name="service.started"'],
  ],
  'D12 development': [
    [
      'which commands are used',
      'timeseries',
      'sum by (command_type) (clamp_min((max_over_time(command_executions_total',
    ],
    ['how effective modules are', 'table', 'module_delegation_count_total'],
    ['the trend of quality gates', 'timeseries', 'quality_gate_checks_total'],
    ['how fast modules are', 'timeseries', 'span_name=~"component .+"'],
    ['the integration with GitHub', 'timeseries', 'github_requests_total'],
    ['test coverage', 'timeseries', 'test_coverage_ratio'],
  ],
  'D15 performance': [
    ...['0.5', '0.95', '0.99'].map((share): Promised => {
      const asked = `histogram_quantile(${share}, sum by (agent_name, task_type, le)`;
      return [`quantile ${share} by agent`, 'table', asked];
    }),
    ...['0.5', '0.95', '0.99'].map((share): Promised => {
      const asked = `histogram_quantile(${share}, sum by (service_name, span_name, le)`;
      return [`quantile ${share} by operation`, 'table', asked];
    }),
    ['the error rate by agent', 'timeseries', 'agent_tasks_failed_total'],
    ['the error rate by operation', 'table', 'status_code="STATUS_CODE_ERROR"'],
    ['throughput by agent', 'timeseries', '60 * sum by (agent_name) (rate(agent_tasks_started_total'],
    [
      'throughput by operation',
      'table',
      '60 * (sum by (service_name, span_name) (rate(traces_span_metrics_calls_total',
    ],
    ['the same time yesterday', 'timeseries', 'offset 1d'],
  ],
  'D16 errors': [
    ['errors by type', 'timeseries', 'sum by (error_type) (clamp_min((max_over_time(agent_errors_total'],
    ['errors by agent', 'timeseries', 'sum by (agent_name) (clamp_min((max_over_time(agent_errors_total'],
    ['errors by component', 'timeseries', 'sum by (component, error_type)'],
    ['errors by model', 'timeseries', 'sum by (gen_ai_request_model, error_type)'],
    ['when each was first seen', 'table', 'min_over_time(timestamp(agent_errors_total'],
    ['records with their error', 'logs', 'event_name="fleet.log" | error_type!=""'],
    ['spans with an error', 'table', 'status = error'],
    ['the cost of failures', 'timeseries', 'outcome="failure"'],
  ],
  'D17 live': [
    ['active agents and their tasks', 'table', 'sum by (agent_name, task_type) (agent_active_tasks'],
    ['the rate at which tokens burn', 'timeseries', 'sum by (gen_ai_request_model) (rate(agent_tokens_total'],
    ['queues', 'timeseries', 'queue_depth'],
    ['who works with whom', 'nodeGraph', 'messaging_client_sent_messages_total'],
    ['the trend of errors', 'timeseries', 'agent_errors_total'],
  ],
  'X03 escalation': [
    ['who is told of nothing', 'stat', 'escalation_incidents_untold_seconds'],
    ['open incidents by severity', 'timeseries', 'sum by (incident_severity) (max by'],
    ['the time to notify', 'timeseries', 'escalation_time_to_notify_seconds_bucket'],
    ['the time to acknowledge', 'timeseries', 'escalation_time_to_acknowledge_seconds_bucket'],
    ['its target', 'timeseries', 'vector(300)'],
    ['the time to resolve', 'timeseries', 'escalation_time_to_resolve_seconds_bucket'],
    ['messages by channel and outcome', 'table', 'escalation_deliveries_total'],
    ['channels that are left alone', 'state-timeline', 'escalation_channel_breaker'],
    ['remedies', 'table', 'escalation_hook_runs_total'],
    ['requests turned away', 'timeseries', 'escalation_requests_refused_total'],
    ['whether the audit trail holds', 'state-timeline', 'escalation_audit_intact'],
    ['attempts that failed, with their traces', 'table', 'status = error'],
  ],
};

const rows = Object.entries(promises).flatMap(([dashboard, promised]) =>
  promised.map(([what, type, words]) => [dashboard, what, type, words] as const),
);

test.each(rows)('%s shows %s', (dashboard, _what, type, words) => {
  expect(shown(dashboard.split(' ')[1] as string, type, words)).not.toEqual([]);
});

test('D06 what no panel of that type asks for is not shown', () => {
  expect(shown('workflows', 'piechart', 'sum by (workflow_trigger)')).toEqual(['Runs, by trigger']);
  expect(shown('workflows', 'gauge', 'sum by (workflow_trigger)')).toEqual([]);
  expect(shown('workflows', 'piechart', 'sum by (workflow_colour)')).toEqual([]);
});
