import type { LogQuery } from '../../queries/logql.ts';
import type { Query } from '../../queries/promql.ts';
import type { TraceQuery } from '../../queries/traceql.ts';
import type { Dashboard } from './dashboards.ts';
import type { Duration } from './duration.ts';
import type { Labels } from './example-labels.ts';
import type { Proof } from './proof.ts';
import type { Severity, signOfLife, Team } from './severity.ts';

/** One condition that somebody must act on, with the levels at which it is told, and all that they need to act. */
export interface Alert<L extends Level = Level> {
  /** CamelCase, the part first: `AgentErrorRateHigh`. */
  readonly name: string;
  /** The promises it keeps. */
  readonly spec: readonly string[];
  readonly team: Team;
  /** Most urgent first. They differ by the label `severity`; Alertmanager mutes the lower while the higher fires. (A20) */
  readonly levels: readonly L[];
  /** The condition at one level. What stands left of the comparison is `$value`. */
  readonly when: (level: L) => Query;
  /** One sentence; may name labels, not values: an open alert keeps its title. */
  readonly summary: string;
  /** With `{{ $value … }}`: how bad it is, and what that means. */
  readonly description: string | ((level: L) => string);
  readonly dashboard: Dashboard;
  /** Variables of the dashboard, by labels of the alert: `{ agent: 'agent_name' }`. */
  readonly variables?: Readonly<Record<string, string>>;
  readonly runbook: Runbook;
  /** A page for each thing it can be about, which its `runbook_url` leads to instead: by the folder, and the label that names the page. */
  readonly page?: { readonly folder: string; readonly label: string };
  /** The promtool cases at one level: see proof.ts. */
  readonly proof: (level: L) => Proof;
}

/** A level's numbers are what `when` and `proof` are given; add more of them as the condition needs, e.g. `within`. */
export interface Level {
  readonly severity: Severity | typeof signOfLife;
  /** How long it must last before it is told: two evaluations at least. */
  readonly for: Duration;
  /** How long it must be over before it is no longer told: against flapping. Default: not at all. */
  readonly keepFiringFor?: Duration;
  /** More labels of its alert, which no series has, e.g. the windows it looks at. */
  readonly labels?: Labels;
  /** The threshold: told above it … */
  readonly over?: number;
  /** … or below it. */
  readonly under?: number;
}

/** What is written into docs/runbooks/<name>.md. */
export interface Runbook {
  /** What is true when it fires, in a sentence or two. */
  readonly meaning: string;
  /** Who suffers, and how. */
  readonly impact: string;
  /** The first three questions, each with the query or command that answers it. */
  readonly checks: readonly [Check, Check, Check];
  /** What usually helps, most likely first. */
  readonly remedy: readonly string[];
}

/** `$agent_name` in a query stands for that label of the alert. */
export type Check = { readonly ask: string } & (
  | { readonly query: Query | LogQuery | TraceQuery }
  | { readonly command: string }
);

/** Declares an alert; `group` checks it. */
export function alert<const L extends Level>(name: string, { when, ...spec }: Omit<Alert<L>, 'name'>): Alert<L> {
  // Asked by every check, file, page and proof, and parsed each time: once is enough.
  const asked = new Map<L, Query>();
  return {
    name,
    ...spec,
    when(level) {
      const query = asked.get(level) ?? when(level);
      asked.set(level, query);
      return query;
    },
  };
}

export function descriptionOf<L extends Level>({ description }: Alert<L>, level: L): string {
  return typeof description === 'string' ? description : description(level);
}
