import type { Run } from '../ledger/run-tree.ts';

/** An alert, and what was done about it: as the escalation service tells it. */
export interface RelatedAlert {
  readonly incident_id: string | null;
  readonly alert: string;
  readonly severity: string;
  readonly labels: Readonly<Record<string, string>>;
  /** What the rule says of it, and what to do. */
  readonly summary: string | null;
  readonly runbook_url: string | null;
  readonly opened_at: string;
  readonly resolved_at: string | null;
  readonly acknowledged_at: string | null;
  readonly acknowledged_by: string | null;
  /** Who was told, in that order. */
  readonly told: readonly { readonly at: string; readonly channel: string; readonly outcome: string }[];
}

/** An alert tells of the minutes before it: rules look back, and wait before they fire. */
export const alertDelayMs = 15 * 60_000;

/** By these labels an alert says whose it is, and what of a run has to be the same. */
const whose: Readonly<Record<string, (run: Run) => readonly (string | null)[]>> = {
  workflow_name: ({ orchestration }) => [orchestration.workflow_name],
  service_name: ({ orchestration }) => [orchestration.service_name],
  agent_name: ({ executions }) => executions.map(({ agent_name }) => agent_name),
  gen_ai_request_model: ({ steps }) => ofKind(steps, 'model'),
  gen_ai_tool_name: ({ steps }) => ofKind(steps, 'tool'),
  api_name: ({ steps }) => steps.map(({ details }) => (typeof details.api === 'string' ? details.api : null)),
};

/**
 * Whether an alert may have to do with a run: it was open while the run was at work or shortly after, at least one of its
 * labels names a part of the run, and none names something that is no part of it, or another environment.
 */
export function concerns({ labels, opened_at, resolved_at }: RelatedAlert, run: Run): boolean {
  const { started_at, completed_at } = run.orchestration;
  const openedMs = Date.parse(opened_at);
  const isTooLate = completed_at !== null && openedMs > Date.parse(completed_at) + alertDelayMs;
  const isOver = resolved_at !== null && Date.parse(resolved_at) < Date.parse(started_at);
  if (isTooLate || isOver) return false;
  const [its, environment] = [labels.deployment_environment_name, run.orchestration.environment];
  if (its && environment && its !== environment) return false;
  const named = Object.entries(whose).filter(([label]) => labels[label] !== undefined);
  return named.length > 0 && named.every(([label, parts]) => parts(run).includes(labels[label] as string));
}

function ofKind(steps: Run['steps'], kind: 'model' | 'tool'): string[] {
  return steps.flatMap((step) => (step.kind === kind ? [step.name] : []));
}
