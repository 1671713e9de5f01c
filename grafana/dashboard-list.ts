import type { Dashboard } from '../prometheus/kit/dashboards.ts';

/** Every dashboard by its uid, which is the name of its file and the end of its address, with its title. */
export const dashboardList = {
  fleet: 'Fleet',
  'agent-detail': 'Agent detail',
  'skill-access': 'Skill access audit',
  'cost-by-model': 'Cost by model',
  sla: 'SLA compliance',
  workflows: 'Workflow overview',
  'agent-performance': 'Agent performance',
  'system-health': 'System health',
  cost: 'Cost tracking',
  executive: 'Executive',
  operations: 'Operations',
  development: 'Development',
  'user-experience': 'User experience',
  tasks: 'Task analytics',
  performance: 'Performance',
  errors: 'Errors',
  live: 'Live',
  'telemetry-pipeline': 'Telemetry pipeline',
  escalation: 'Escalation',
  // The uids that alerts point at: one more or one less does not compile.
} as const satisfies Record<Dashboard, string>;

export type Uid = Dashboard;
