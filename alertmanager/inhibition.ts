/** What is not told because something that says more is told already. It is seen as inhibited, and told when the other ends. */
import { severities } from './routes.ts';

/** What an alert can be about. Two agree in a label that neither has. A test demands every label of alerts with several severities. */
export const identity = [
  'agent_name',
  'alertmanager',
  'api_name',
  'api_rate_limit_type',
  'audit_violation_type',
  'backup_part',
  'component',
  'deployment_environment_name',
  'exporter',
  'gen_ai_provider_name',
  'gen_ai_request_model',
  'gen_ai_tool_name',
  'instance',
  'integration',
  'job',
  'metric',
  'queue_name',
  'reason',
  'receiver',
  'resource_type',
  'rule_group',
  'service_name',
  'session_type',
  'signal',
  'slo',
  'store',
  'target_module',
  'workflow_name',
] as const;

const environment = 'deployment_environment_name';
const order = Object.keys(severities);

/** One condition at several severities is one alert: the most urgent is told. So is a budget that burns in several windows. (A20) */
const moreUrgent = order.slice(0, -1).map((severity, at) => ({
  source_matchers: [`severity="${severity}"`],
  target_matchers: [`severity=~"${order.slice(at + 1).join('|')}"`],
  equal: ['alertname', ...identity],
}));

/** A service that is down is slow, failing and out of budget as well. Who tries its doors is another matter. */
const serviceDown = [
  {
    source_matchers: ['alertname="ServiceDown"', 'service_name!=""'],
    target_matchers: ['alertname!~"ServiceDown|EscalationDown"', 'service_name!=""', 'team!="security"'],
    equal: [environment, 'service_name'],
  },
  // Its agents fall silent with it; no label says which are its.
  { source_matchers: ['alertname="ServiceDown"'], target_matchers: ['alertname="AgentSilent"'], equal: [environment] },
];

/** What follows when a part of this stack is down, or a store takes nothing. The cause is told. */
const partDown = [
  // Of several, one that is down hides nothing: the others take what services send.
  {
    source_matchers: ['alertname="CollectorsDown"'],
    target_matchers: [
      `alertname=~"${['CollectorExportStuck', 'TelemetryStale', 'TelemetryFreshnessBudgetBurn', 'AgentSilent', 'ServiceDown'].join('|')}"`,
    ],
  },
  // All of them are down: that says more than each by itself.
  {
    source_matchers: ['alertname="CollectorsDown"'],
    target_matchers: ['alertname="StackPartDown"', 'job="collector"'],
  },
  {
    source_matchers: ['alertname="StackPartDown"', 'signal!=""'],
    target_matchers: ['alertname=~"CollectorExportStuck|TelemetryStale|TelemetryFreshnessBudgetBurn"'],
    equal: ['signal'],
  },
  {
    source_matchers: ['alertname="CollectorExportStuck"'],
    target_matchers: ['alertname="TelemetryStale"'],
    equal: ['signal'],
  },
  // When nobody can be told by Alertmanager, that it is down says as much.
  {
    source_matchers: ['alertname="StackPartDown"', 'job="alertmanager"'],
    target_matchers: ['alertname="PrometheusAlertsUndelivered"'],
  },
];

/** That nobody can be told says more than what follows from it. */
const escalationDown = [
  {
    source_matchers: ['alertname="EscalationDown"'],
    target_matchers: ['alertname="ServiceDown"'],
    equal: [environment, 'service_name'],
  },
  {
    source_matchers: ['alertname="EscalationDown"'],
    target_matchers: ['alertname="AlertmanagerNotificationsFailing"'],
  },
  {
    source_matchers: ['alertname="EscalationChannelFailing"'],
    target_matchers: ['alertname="EscalationUndelivered"'],
    equal: [environment, 'escalation_channel_name'],
  },
];

/** What waits for the ledger waits because it is down. */
const ledgerDown = [
  {
    source_matchers: ['alertname="LedgerDown"'],
    target_matchers: ['alertname=~"LedgerQueueFilling|LedgerBehind|LedgerNotWriting"'],
  },
];

/** What happens now is told now; that it also spends a budget slowly is a ticket which can wait until it is over. */
const slowBurn = [
  ['WorkflowFailureRateHigh', 'WorkflowSuccessBudgetBurn', environment],
  ['WorkflowSlow', 'WorkflowLatencyBudgetBurn', environment],
  ['FleetErrorRateHigh|AgentErrorRateHigh', 'AgentSuccessBudgetBurn', environment],
  ['ApiErrorRateHigh', 'ApiAvailabilityBudgetBurn', environment],
  ['ApprovalResponseSlow', 'ApprovalResponseBudgetBurn', environment],
  ['CollectorExportStuck|TelemetryStale', 'TelemetryFreshnessBudgetBurn', 'signal'],
].map(([now, burn, label]) => ({
  source_matchers: [`alertname=~"${now}"`],
  target_matchers: [`alertname="${burn}"`, 'severity=~"warning|info"'],
  equal: [label as string],
}));

export const inhibitRules = [...moreUrgent, ...serviceDown, ...partDown, ...escalationDown, ...ledgerDown, ...slowBurn];

/** The alerts that these rules name. */
export const named: readonly string[] = [
  ...new Set(JSON.stringify(inhibitRules).matchAll(/alertname!?=~?\\"([\w|]+)\\"/g)),
].flatMap(([, names = '']) => names.split('|'));
