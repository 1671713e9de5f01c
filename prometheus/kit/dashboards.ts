/** The dashboards that an alert may point at. A test compares them with those that there are. */
export const dashboards = [
  'fleet',
  'agent-detail',
  'skill-access',
  'cost-by-model',
  'sla',
  'workflows',
  'agent-performance',
  'system-health',
  'cost',
  'executive',
  'operations',
  'development',
  'user-experience',
  'tasks',
  'performance',
  'errors',
  'live',
  'telemetry-pipeline',
  'escalation',
] as const;

export type Dashboard = (typeof dashboards)[number];
