/** Where a person looks further: pages of Grafana at the time of the run; where there is none, the servers behind it. */
import { workflowName } from '../../instrumentation/src/catalog/attributes.ts';
import { prometheusLabel, prometheusName } from '../../instrumentation/src/catalog/prometheus-name.ts';
import { workflowDuration } from '../../instrumentation/src/catalog/workflows.ts';
import type { Run } from '../ledger/run-tree.ts';

export interface Servers {
  /** Undefined: it does not run. */
  readonly grafana: string | undefined;
  readonly tempo: string;
  readonly loki: string;
  readonly prometheus: string;
}

/** A little before and after: clocks differ, and a metric comes seconds after what it counts. */
const aroundMs = 60_000;
/** More do not fit an address. */
const mostTraces = 20;

export function links(servers: Servers, run: Run): Record<string, string> {
  const { orchestration, executions } = run;
  const fromMs = Date.parse(orchestration.started_at) - aroundMs;
  const untilMs = (orchestration.completed_at ? Date.parse(orchestration.completed_at) : Date.now()) + aroundMs;
  const traces = [...new Set([orchestration, ...executions].flatMap(({ trace_id }) => trace_id ?? []))];
  const logs = `{service_name=~".+"} | trace_id=~"${traces.slice(0, mostTraces).join('|')}"`;
  return servers.grafana === undefined
    ? ofServers(servers, run, traces, logs, [fromMs, untilMs])
    : ofGrafana(servers.grafana, run, traces, logs, [fromMs, untilMs]);
}

type Parts = readonly [run: Run, traces: readonly string[], logs: string, range: readonly [number, number]];

function ofGrafana(grafana: string, ...[{ orchestration, executions }, traces, logs, [from, to]]: Parts) {
  const range = { from: `${from}`, to: `${to}` };
  // https://grafana.com/docs/grafana/latest/explore/get-started-with-explore/#generate-explore-urls-from-external-tools
  const explore = (datasource: 'tempo' | 'loki', query: object) => {
    const queries = [{ refId: 'A', datasource: { type: datasource, uid: datasource }, ...query }];
    const panes = JSON.stringify({ run: { datasource, queries, range } });
    return `${grafana}/explore?${new URLSearchParams({ schemaVersion: '1', orgId: '1', panes })}`;
  };
  const environment = orchestration.environment ? { 'var-environment': orchestration.environment } : {};
  const dashboard = (uid: string, variables: Record<string, string> = {}) =>
    `${grafana}/d/${uid}?${new URLSearchParams({ ...range, ...environment, ...variables })}`;
  const [traceId] = traces;
  const [agent] = executions;
  return {
    ...(traceId && {
      trace: explore('tempo', { queryType: 'traceql', query: traceId }),
      logs: explore('loki', { expr: logs }),
    }),
    // Its histograms carry exemplars: points that open a trace.
    exemplars: dashboard('workflows'),
    ...(agent && { agents: dashboard('agent-detail', { 'var-agent': agent.agent_name }) }),
    errors: dashboard('errors'),
  };
}

function ofServers({ tempo, loki, prometheus }: Servers, ...[{ orchestration }, traces, logs, range]: Parts) {
  const [start = '', end = ''] = range.map((ms) => new Date(ms).toISOString());
  const [traceId] = traces;
  const { workflow_name } = orchestration;
  const only = workflow_name === null ? '' : `{${prometheusLabel(workflowName.name)}=${JSON.stringify(workflow_name)}}`;
  const exemplars = `${prometheusName(workflowDuration)}_bucket${only}`;
  return {
    ...(traceId && {
      trace: `${tempo}/api/traces/${traceId}`,
      logs: `${loki}/loki/api/v1/query_range?${new URLSearchParams({ query: logs, start, end })}`,
    }),
    exemplars: `${prometheus}/api/v1/query_exemplars?${new URLSearchParams({ query: exemplars, start, end })}`,
  };
}
