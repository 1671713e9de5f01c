/** Where a person looks further: pages of Grafana, at the time of the run. */
import type { Run } from '../analysis/run-tree.ts';

/** A little before and after: clocks differ, and a metric comes seconds after what it counts. */
const aroundMs = 60_000;

export function links(grafanaUrl: string, { orchestration, executions }: Run): Record<string, string> {
  const from = Date.parse(orchestration.started_at) - aroundMs;
  const until = (orchestration.completed_at ? Date.parse(orchestration.completed_at) : Date.now()) + aroundMs;
  const range = { from: `${from}`, to: `${until}` };
  const traceIds = new Set([orchestration, ...executions].flatMap(({ trace_id }) => trace_id ?? []));
  // https://grafana.com/docs/grafana/latest/explore/get-started-with-explore/#generate-explore-urls-from-external-tools
  const explore = (datasource: 'tempo' | 'loki', query: object) => {
    const panes = {
      run: {
        datasource,
        queries: [{ refId: 'A', datasource: { type: datasource, uid: datasource }, ...query }],
        range,
      },
    };
    return `${grafanaUrl}/explore?${new URLSearchParams({ schemaVersion: '1', orgId: '1', panes: JSON.stringify(panes) })}`;
  };
  const dashboard = (uid: string, variables: Record<string, string> = {}) =>
    `${grafanaUrl}/d/${uid}?${new URLSearchParams({ ...range, ...variables })}`;
  const [traceId] = traceIds;
  const [agent] = executions;
  return {
    ...(traceId && {
      trace: explore('tempo', { queryType: 'traceql', query: traceId }),
      logs: explore('loki', { expr: `{service_name=~".+"} | trace_id=~"${[...traceIds].slice(0, 20).join('|')}"` }),
    }),
    // Its histograms carry exemplars: points that open a trace.
    exemplars: dashboard('workflows'),
    ...(agent && { agents: dashboard('agent-detail', { 'var-agent': agent.agent_name }) }),
    errors: dashboard('errors'),
  };
}
