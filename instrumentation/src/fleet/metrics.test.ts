import { afterAll, beforeAll, expect, test } from 'vitest';
import { metrics } from '../catalog/catalog.ts';
import type { Metric } from '../catalog/metric.ts';
import { prometheusLabel, prometheusName } from '../catalog/prometheus-name.ts';
import * as fleet from '../fleet.ts';
import { createTestKit, type RecordedMetric } from '../testing-kit.ts';

const kit = createTestKit();
let seen: Map<string, RecordedMetric>;

beforeAll(async () => {
  await liveOneDay();
  seen = await kit.metrics();
});
afterAll(() => kit.stop());

/** A bit of everything that a fleet does. */
async function liveOneDay() {
  const { agent, approval, auditViolation, code, command, decision, delegate, execution, github, llmCall } = fleet;
  const { database, memoryAccess, operation, qualityGate, session, skillAccess, task, tool, workflow } = fleet;
  await workflow({ name: 'release', trigger: 'webhook' }, () =>
    agent({ name: 'director', action: 'plan', retries: 1 }, async () => {
      await task({ type: 'review', retries: 2 }, async () => {
        decision({ name: 'choose_model', alternatives: ['big', 'small'] }, ({ choose }) =>
          choose('small', { confidence: 0.9 }),
        );
        llmCall({ provider: 'acme', model: 'm-2', fallback: { from: 'm-1', cause: 'timeout' } }, (call) => {
          call.usage({ input: 10, output: 5, cacheRead: 4 });
          call.rateLimit({ limit: 100, remaining: 25 });
        });
        await tool({ name: 'search', type: 'datastore', api: 'github' }, async ({ cost, rateLimit }) => {
          cost(0.25);
          rateLimit({ limit: 60, remaining: 6, resetSeconds: 30 });
        });
      });
      await quietly(() => task({ type: 'review' }, () => Promise.reject(new RangeError('wrong'))));
      await quietly(() => task({ type: 'review' }, () => Promise.reject(AbortSignal.abort().reason)));
      await approval({ kind: 'deploy', role: 'lead' }, async () => ({ decision: 'approved' }) as const);
      fleet.escalateApproval(fleet.requestApproval({ kind: 'deploy' }), 'owner');
      skillAccess({ skill: 'shell', allowed: true });
      skillAccess({ skill: 'shell', allowed: false, denial: 'not_in_role' });
      fleet.escalatePermission({ permission: 'write', granted: true });
      fleet.escalatePermission({ permission: 'write', granted: false });
      auditViolation({ type: 'policy', severity: 'high' });
      code({ language: 'typescript' }, () => {});
      execution({ runtime: 'node' }, (run) => {
        run.used({ cpuSeconds: 2, peakMemoryBytes: 5e6 });
        run.hitLimit('time');
        run.escapeAttempt('read /etc/passwd');
        run.rolledBack();
      });
      memoryAccess({ layer: 'semantic', operation: 'search' }, ({ found }) => found(3, 0.8));
    }),
  );
  await quietly(() => workflow({ name: 'release' }, () => agent({ name: 'qa', action: 'test' }, fail)));
  await quietly(() => llmCall({ provider: 'acme', model: 'm-2', stream: true }, fail));
  for await (const _ of llmCall({ provider: 'acme', model: 'm-2', stream: true }, fiveWords));
  command({ type: 'deploy', complexity: 'high', userClass: 'admin' }, (steps) => {
    steps.authenticate(() => true);
    session({ type: 'chat', agents: 3 }, ({ feedback }) => feedback(0.75));
    delegate({ to: 'builder' }, () => qualityGate({ type: 'lint' }, () => false));
    github({ operation: 'create_issue', issue: { type: 'bug' } }, () => {});
  });
  const bus = new fleet.MessageBus();
  bus.receive('qa', () => 'done');
  await bus.send('qa', 'hello');
  fleet.moduleLoaded('builder', true);
  fleet.recordTestCoverage(0.5, { module: 'core', project: 'library' });
  fleet.recordResponseTime(0.1, { operation: 'search', size: 'small' });
  fleet.health('api', 'degraded');
  operation('api', () => {});
  database({ system: 'sqlite', operation: 'SELECT' }, () => {});
  fleet.observePool('main', () => ({ used: 2, idle: 8 }));
  fleet.observeMemory('redis', () => 1024);
  fleet.observeUtilization('disk', () => 0.5);
  const control = fleet.fleetControl();
  control.pause({ by: 'ana' });
  control.capacity(4);
  control.throttle(30);
  control.circuitBreaker('search', 'open');
  control.fallback('model', 'm-2');
}

async function* fiveWords() {
  yield* ['a', 'fleet', 'of', 'five', 'words'];
}

function fail(): never {
  throw new TypeError('boom');
}

async function quietly(work: () => unknown) {
  try {
    await work();
  } catch {
    // As told.
  }
}

/** As Prometheus shows it; of a histogram its count, of what depends on the clock `…`. */
function lines({ name, kind, unit, labels }: Metric): string[] {
  return (seen.get(name)?.dataPoints ?? []).map(({ attributes, value }) => {
    const pairs = labels
      .filter((label) => label.name in attributes)
      .map((label) => `${prometheusLabel(label.name)}="${attributes[label.name]}"`);
    const shown = typeof value === 'number' ? (name === 'agent.last_heartbeat.timestamp' ? '…' : value) : value.count;
    const series = prometheusName({ name, kind, unit }) + (typeof value === 'number' ? '' : '_count');
    return `${series}{${pairs.join(',')}} ${shown}`;
  });
}

const ours = metrics.filter(({ by }) => by === 'fleet');

test('T01 what a fleet does in a day is counted under these names, labels and values', () => {
  expect(ours.flatMap(lines).sort().join('\n')).toMatchInlineSnapshot(`
    "active_permissions_granted{agent_name="director",permission_name="write"} 1
    agent_active_tasks{agent_name="director",task_type="review"} 0
    agent_cost_usd_total{agent_name="director",workflow_name="release",task_type="review",gen_ai_provider_name="unknown",gen_ai_request_model="unknown",gen_ai_tool_name="search"} 0.25
    agent_decision_confidence_count{agent_name="director",agent_decision_name="choose_model"} 1
    agent_decisions_total{agent_name="director",agent_decision_name="choose_model"} 1
    agent_duration_seconds_count{agent_name="director",agent_status="completed"} 1
    agent_duration_seconds_count{agent_name="qa",agent_status="failed"} 1
    agent_errors_total{agent_name="qa",error_type="TypeError"} 1
    agent_last_heartbeat_timestamp_seconds{agent_name="director"} …
    agent_last_heartbeat_timestamp_seconds{agent_name="qa"} …
    agent_retry_count_total{agent_name="director"} 1
    agent_runs_total{agent_name="director",agent_action="plan",agent_status="completed"} 1
    agent_runs_total{agent_name="qa",agent_action="test",agent_status="failed"} 1
    agent_task_cost_usd_total{agent_name="director",task_type="review",workflow_name="release",outcome="success"} 0.25
    agent_task_duration_seconds_count{agent_name="director",task_type="review",outcome="cancelled"} 1
    agent_task_duration_seconds_count{agent_name="director",task_type="review",outcome="failure"} 1
    agent_task_duration_seconds_count{agent_name="director",task_type="review",outcome="success"} 1
    agent_task_retries_total{agent_name="director",task_type="review"} 1
    agent_tasks_completed_total{agent_name="director",task_type="review"} 1
    agent_tasks_failed_total{agent_name="director",task_type="review",error_type="RangeError"} 1
    agent_tasks_started_total{agent_name="director",task_type="review"} 3
    agent_tokens_total{agent_name="director",gen_ai_provider_name="acme",gen_ai_request_model="m-2",token_kind="cache_read"} 4
    agent_tokens_total{agent_name="director",gen_ai_provider_name="acme",gen_ai_request_model="m-2",token_kind="input"} 6
    agent_tokens_total{agent_name="director",gen_ai_provider_name="acme",gen_ai_request_model="m-2",token_kind="output"} 5
    api_rate_limit_utilization_ratio{api_name="acme",api_rate_limit_type="requests"} 0.75
    api_rate_limit_utilization_ratio{api_name="github",api_rate_limit_type="requests"} 0.9
    approval_auto_escalated_total{approval_kind="deploy",approval_approver_role="owner"} 1
    approval_response_time_seconds_count{approval_kind="deploy",approval_decision="approved",approval_approver_role="lead"} 1
    audit_violations_logged_total{agent_name="director",audit_violation_type="policy",audit_violation_severity="high"} 1
    audit_violations_logged_total{agent_name="director",audit_violation_type="sandbox_escape",audit_violation_severity="critical"} 1
    authentication_attempts_total{outcome="success"} 1
    code_changes_total{agent_name="director",code_language="typescript",code_framework="none",outcome="success"} 1
    command_duration_seconds_count{command_type="deploy",complexity_level="high"} 1
    command_executions_total{command_type="deploy",user_class="admin",status="success"} 1
    component_operations_total{component="api",outcome="success"} 1
    concurrent_sessions_active{session_type="chat"} 0
    db_client_connection_count{db_client_connection_pool_name="main",db_client_connection_state="idle"} 8
    db_client_connection_count{db_client_connection_pool_name="main",db_client_connection_state="used"} 2
    db_client_operation_duration_seconds_count{db_system_name="sqlite",db_operation_name="SELECT"} 1
    execution_cpu_time_seconds_total{execution_runtime="node"} 2
    execution_duration_seconds_count{execution_runtime="node",outcome="success"} 1
    execution_limit_violations_total{execution_runtime="node",execution_limit="time"} 1
    execution_memory_peak_bytes_count{execution_runtime="node"} 1
    execution_rollbacks_total{agent_name="director",execution_runtime="node"} 1
    execution_sandbox_escape_attempts_total{agent_name="director",execution_runtime="node"} 1
    fleet_capacity{} 4
    fleet_circuit_breaker_open_ratio{fleet_circuit_breaker_name="search"} 1
    fleet_control_orders_total{fleet_control_action="capacity",fleet_control_cause="order"} 1
    fleet_control_orders_total{fleet_control_action="circuit-breaker",fleet_control_cause="order"} 1
    fleet_control_orders_total{fleet_control_action="fallback",fleet_control_cause="order"} 1
    fleet_control_orders_total{fleet_control_action="pause",fleet_control_cause="order"} 1
    fleet_control_orders_total{fleet_control_action="throttle",fleet_control_cause="order"} 1
    fleet_fallback_active_ratio{fleet_fallback_name="model"} 1
    fleet_paused_ratio{} 1
    fleet_throttle{} 30
    framework_health_status{component="api"} 1
    gen_ai_client_operation_duration_seconds_count{gen_ai_operation_name="chat",gen_ai_provider_name="acme",gen_ai_request_model="m-2",error_type="TypeError"} 1
    gen_ai_client_operation_duration_seconds_count{gen_ai_operation_name="chat",gen_ai_provider_name="acme",gen_ai_request_model="m-2"} 2
    gen_ai_client_operation_time_to_first_chunk_seconds_count{gen_ai_operation_name="chat",gen_ai_provider_name="acme",gen_ai_request_model="m-2"} 1
    gen_ai_client_token_usage_count{gen_ai_operation_name="chat",gen_ai_provider_name="acme",gen_ai_request_model="m-2",gen_ai_token_type="input"} 1
    gen_ai_client_token_usage_count{gen_ai_operation_name="chat",gen_ai_provider_name="acme",gen_ai_request_model="m-2",gen_ai_token_type="output"} 1
    gen_ai_execute_tool_duration_seconds_count{gen_ai_tool_name="search"} 1
    github_issues_created_total{issue_type="bug",complexity_level="medium",auto_created="true"} 1
    github_requests_total{github_operation="create_issue",outcome="success"} 1
    llm_calls_unmetered_total{gen_ai_provider_name="acme",gen_ai_request_model="m-2"} 1
    llm_calls_unpriced_total{gen_ai_provider_name="acme",gen_ai_request_model="m-2"} 1
    llm_errors_total{gen_ai_provider_name="acme",gen_ai_request_model="m-2",error_type="TypeError"} 1
    llm_fallbacks_total{gen_ai_request_model="m-1",llm_fallback_model="m-2",llm_fallback_cause="timeout"} 1
    memory_access_duration_seconds_count{agent_name="director",memory_layer="semantic",memory_operation="search"} 1
    memory_similarity_score_count{memory_layer="semantic"} 1
    memory_usage_bytes{component="redis"} 1024
    messaging_client_sent_messages_total{message_sender="unknown",messaging_destination_name="qa"} 1
    messaging_process_duration_seconds_count{messaging_destination_name="qa"} 1
    module_delegation_count_total{source_command="deploy",target_module="builder",status="success"} 1
    module_loads_total{target_module="builder",status="success"} 1
    pending_approvals_count{approval_kind="deploy"} 1
    permission_escalation_requests_total{agent_name="director",permission_name="write",outcome="failure"} 1
    permission_escalation_requests_total{agent_name="director",permission_name="write",outcome="success"} 1
    quality_gate_checks_total{gate_type="lint",status="failed",severity="blocking"} 1
    queue_depth{queue_name="qa"} 0
    queue_wait_time_seconds_count{queue_name="qa"} 1
    resource_utilization_ratio{resource_type="disk"} 0.5
    response_time_seconds_count{operation_type="search",resource_size="small"} 1
    session_duration_seconds_count{session_type="chat",agent_count="2-5",outcome="success"} 1
    skill_access_allowed_total{agent_name="director",skill_name="shell"} 1
    skill_access_denied_total{agent_name="director",skill_name="shell",skill_denial_reason="not_in_role"} 1
    task_approval_requests_total{agent_name="director",approval_kind="deploy"} 2
    test_coverage_ratio{module_category="core",project_type="library"} 0.5
    tool_calls_total{agent_name="director",gen_ai_tool_name="search",gen_ai_tool_type="datastore",outcome="success"} 1
    user_feedback_score_count{session_type="chat"} 1
    workflow_approval_wait_time_seconds_count{workflow_name="release"} 1
    workflow_duration_seconds_count{workflow_name="release",workflow_status="completed"} 1
    workflow_duration_seconds_count{workflow_name="release",workflow_status="failed"} 1
    workflow_runs_total{workflow_name="release",workflow_trigger="manual",workflow_status="failed"} 1
    workflow_runs_total{workflow_name="release",workflow_trigger="webhook",workflow_status="completed"} 1
    workflows_active{workflow_name="release"} 0"
  `);
});

const types = {
  counter: ['COUNTER'],
  upDownCounter: ['UP_DOWN_COUNTER'],
  histogram: ['HISTOGRAM'],
  gauge: ['GAUGE', 'OBSERVABLE_GAUGE'],
};

test('T01 each is recorded as it is declared: kind, unit, meaning, buckets, and the labels that are always there', () => {
  expect(ours.filter(({ name }) => !seen.has(name)).map(({ name }) => name)).toEqual([]);
  for (const { name, kind, unit, means, buckets, labels } of ours) {
    const { descriptor, dataPoints } = seen.get(name) as RecordedMetric;
    expect(descriptor).toMatchObject({ unit, description: means });
    expect(types[kind], name).toContain((descriptor as { type?: string }).type);
    const always = labels.filter(({ absentWhen }) => absentWhen === undefined).map((label) => label.name);
    const declared = labels.map((label) => label.name);
    for (const { attributes, value } of dataPoints) {
      const names = Object.keys(attributes);
      expect(names, name).toEqual(expect.arrayContaining(always));
      expect(declared, name).toEqual(expect.arrayContaining(names));
      if (buckets) expect(value, name).toMatchObject({ buckets: { boundaries: buckets } });
    }
  }
});
