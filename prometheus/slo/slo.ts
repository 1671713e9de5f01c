import type { Check } from '../kit/alert.ts';
import type { Dashboard } from '../kit/dashboards.ts';
import type { Recording } from '../kit/record.ts';
import type { Team } from '../kit/severity.ts';
import { type BurnWindow, checkObjective } from './burn.ts';

/** A promise about a share of events, over 30 days. Everything else follows: recordings, alerts, runbook, docs, OpenSLO. */
export interface Slo {
  /** Value of the label `slo`: `workflow-success`. */
  readonly name: string;
  readonly title: string;
  /** What is promised, as users of the fleet would say it; ends without the number. */
  readonly promise: string;
  /** Why this number can be kept, and why it is worth keeping. */
  readonly why: string;
  /** In basis points: 9990 is 99.9 %. */
  readonly objectiveBp: number;
  readonly windows: readonly BurnWindow[];
  /** What one event is, as plural, and what makes it a bad one: "workflow runs" that "failed". */
  readonly counts: { readonly events: string; readonly bad: string };
  /** What has a budget of its own: each value of these labels. */
  readonly by: readonly string[];
  /** Events a second, and the bad ones of them, by `by`: over 5 minutes. */
  readonly events: Recording;
  readonly bad: Recording;
  readonly team: Team;
  readonly dashboard: Dashboard;
  readonly variables?: Readonly<Record<string, string>>;
  /** Whose work suffers, and how. */
  readonly impact: string;
  readonly checks: readonly [Check, Check, Check];
  readonly remedy: readonly string[];
}

/** Declares an objective. @throws RangeError for one that its alerts could never find broken. */
export function slo(name: string, facts: Omit<Slo, 'name'>): Slo {
  checkObjective(name, facts.objectiveBp, facts.windows);
  return { name, ...facts };
}

/** `WorkflowSuccessBudgetBurn`: the alert's name, one for all windows. */
export function alertName({ name }: Slo): string {
  return `${name.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase())}BudgetBurn`;
}
