import type { Label } from '../../instrumentation/src/catalog/attribute.ts';
import type { Metric as Declared } from '../../instrumentation/src/catalog/metric.ts';
import { prometheusLabel } from '../../instrumentation/src/catalog/prometheus-name.ts';
import type { Metric } from '../../queries/metric.ts';

/** Values by label, under the labels' names in Prometheus. */
export type Labels = Readonly<Record<string, string>>;

/** A value for each label of a series in a proof: every one is there, so that a sum by too many labels is seen. */
export function exampleLabels(labels: readonly string[], metric: Declared | Metric): Labels {
  const closed: readonly Label[] = 'kind' in metric ? metric.labels : [];
  const first = new Map(closed.map(({ name, values }) => [prometheusLabel(name), values?.[0]]));
  return Object.fromEntries(labels.map((label) => [label, first.get(label) ?? examples[label] ?? `some-${label}`]));
}

/** What reads well in an alert's text. */
const examples: Labels = {
  job: 'fleet',
  instance: 'fleet-1',
  service_name: 'fleet',
  service_namespace: 'agents',
  service_version: '1.0.0',
  service_instance_id: 'fleet-1',
  deployment_environment_name: 'production',
  agent_name: 'qa',
  task_type: 'review',
  workflow_name: 'release',
  skill_name: 'deploy',
  api_name: 'openai',
  queue_name: 'inbox',
  error_type: 'timeout',
  error_fingerprint: '1f2e3d4c5b6a',
  incident_team: 'platform',
  escalation_channel_name: 'slack',
  escalation_hook_name: 'pause-agent',
  backup_part: 'loki',
};
