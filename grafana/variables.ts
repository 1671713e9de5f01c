/** The choices at the top of a dashboard. A query names one as `$agent`, a condition as `agent_name=~"$agent"`. */
import * as sdk from '@grafana/grafana-foundation-sdk/dashboard';
import type { Label } from '../instrumentation/src/catalog/attribute.ts';
import { agentName, workflowName } from '../instrumentation/src/catalog/attributes.ts';
import { agentTokens, requestModel } from '../instrumentation/src/catalog/llm.ts';
import { prometheusLabel } from '../instrumentation/src/catalog/prometheus-name.ts';
import { skillAccessAllowed, skillAccessDenied, skillName } from '../instrumentation/src/catalog/security.ts';
import { agentTasksStarted } from '../instrumentation/src/catalog/tasks.ts';
import { workflowRuns } from '../instrumentation/src/catalog/workflows.ts';
import { promql, type Query } from '../queries/promql.ts';
import { collector } from '../queries/stack-metrics.ts';
import { sources } from './series.ts';

export interface Variable {
  readonly name: string;
  /** The series that it takes its values from, in which another variable may stand; undefined: somebody types it. */
  readonly asks?: Query;
  build(): object;
}

/** `$name`: the values that a label has on some series, one, several or all of them. */
export function variable(name: string, title: string, series: Query, label: Label | string): Variable {
  const stored = typeof label === 'string' ? label : prometheusLabel(label.name);
  if (!series.labels.has(stored)) {
    throw new Error(
      `Cannot offer $${name}: ${series.text} has no label ${stored}; it has ${[...series.labels].join(', ')}.`,
    );
  }
  const query = `label_values(${series.text}, ${stored})`;
  return {
    name,
    asks: series,
    build() {
      const built = new sdk.QueryVariableBuilder(name)
        .label(title)
        .datasource(sources.promql)
        .query({ qryType: 1, query, refId: name })
        .refresh(sdk.VariableRefresh.OnTimeRangeChanged)
        .sort(sdk.VariableSort.AlphabeticalAsc)
        .multi(true)
        .includeAll(true)
        // Not `.+`: a series without the label, such as one of no environment, belongs to all.
        .allValue('.*')
        .current({ text: ['All'], value: ['$__all'] })
        .build();
      return plain(built);
    },
  };
}

/** `$name`: a pattern that somebody types; at first everything. For what is too many to choose from, such as users. */
export function typed(name: string, title: string): Variable {
  return {
    name,
    build: () => plain(new sdk.TextBoxVariableBuilder(name).label(title).defaultValue('.*').build()),
  };
}

/** The SDK writes what only a variable of intervals has. */
function plain(built: object): object {
  const { auto, auto_min, auto_count, ...kept } = built as Record<string, unknown>;
  return structuredClone(kept);
}

/** Where it runs: `deployment.environment.name` of the service. */
export const environment = variable(
  'environment',
  'Environment',
  promql`${collector.spanCalls}`,
  'deployment_environment_name',
);

const here = 'deployment_environment_name=~"$environment"';

export const agent = variable('agent', 'Agent', promql`${agentTasksStarted}{${here}}`, agentName);

/** A skill that nobody is ever given is one as well. */
const skillAccess = promql`{__name__=~"${skillAccessAllowed}|${skillAccessDenied}", ${here}}`;

export const skill = variable('skill', 'Skill', skillAccess, skillName);

export const model = variable('model', 'Model', promql`${agentTokens}{${here}}`, requestModel);

export const workflow = variable('workflow', 'Workflow', promql`${workflowRuns}{${here}}`, workflowName);
