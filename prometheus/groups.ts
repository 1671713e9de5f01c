import { alertsOf, type Group } from './kit/group.ts';
import { advice } from './rules/advice.ts';
import { agents } from './rules/agents.ts';
import { api } from './rules/api.ts';
import { approvals } from './rules/approvals.ts';
import { backups } from './rules/backups.ts';
import { certificates } from './rules/certificates.ts';
import { commands } from './rules/commands.ts';
import { copies } from './rules/copies.ts';
import { cost } from './rules/cost.ts';
import { escalation } from './rules/escalation.ts';
import { ledger } from './rules/ledger.ts';
import { longTerm } from './rules/long-term.ts';
import { memory } from './rules/memory.ts';
import { models } from './rules/models.ts';
import { pipeline } from './rules/pipeline.ts';
import { quality } from './rules/quality.ts';
import { queues } from './rules/queues.ts';
import { reconciliation } from './rules/reconciliation.ts';
import { returnedErrors } from './rules/returned-errors.ts';
import { runtime } from './rules/runtime.ts';
import { scrapes } from './rules/scrapes.ts';
import { security } from './rules/security.ts';
import { services } from './rules/services.ts';
import { slo } from './rules/slo.ts';
import { sloAlerts } from './rules/slo-alerts.ts';
import { sloBudget } from './rules/slo-budget.ts';
import { stack } from './rules/stack.ts';
import { stuck } from './rules/stuck.ts';
import { tasks } from './rules/tasks.ts';
import { tiers } from './rules/tiers.ts';
import { trends } from './rules/trends.ts';
import { unusual } from './rules/unusual.ts';
import { workflows } from './rules/workflows.ts';
import type { Targets } from './targets.ts';

/** Every group of rules, for targets: what Prometheus loads, what is proved, documented and routed. */
export function groups(targets: Targets): Group[] {
  return [
    tasks,
    agents,
    approvals,
    security,
    cost,
    models,
    queues,
    unusual,
    workflows,
    stuck,
    services,
    api,
    runtime,
    commands,
    quality,
    trends,
    advice,
    pipeline,
    stack,
    escalation,
    ledger,
    copies,
    scrapes,
    longTerm,
    tiers,
    backups,
    certificates,
    reconciliation,
    memory,
    returnedErrors,
    slo,
    sloBudget,
    sloAlerts,
  ].map((rules) => rules(targets));
}

/** The labels that say what an alert is about, over all alerts: two that agree in them are of one incident. */
export function identityLabels(all: readonly Group[]): string[] {
  const kept = all.flatMap((group) =>
    alertsOf(group).flatMap((alert) => alert.levels.flatMap((level) => [...alert.when(level).labels])),
  );
  return [...new Set(kept)].sort();
}
