import { afterAll, beforeAll, expect, test } from 'vitest';
import { apiHeaders, group, service, webhookHeaders } from '../../alertmanager/escalation/http/testing/service.ts';
import { someExecution, someOrchestration } from '../testing/some-run.ts';
import { around } from './around.ts';

/** At work from 09:20 to 09:30; the clock of the service is at 09:30:15. */
const run = {
  orchestration: someOrchestration('x', {
    ...{ trace_id: 'aaaabbbbccccddddaaaabbbbccccdddd', workflow_name: 'build', environment: 'production' },
    ...{ started_at: '2026-11-26T09:20:00.000Z', completed_at: '2026-11-26T09:30:00.000Z' },
  }),
  ...{ executions: [someExecution('y', { trace_id: '0123' })], steps: [] },
};

/** The real escalation service: what it answers is what is read. */
const here = service();
let escalationUrl: string;
beforeAll(async () => {
  escalationUrl = await here.app.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(() => here.app.close());

async function opened(alertname: string, alerts: Record<string, unknown>[] = [{}]): Promise<string> {
  const payload = group({ labels: { alertname }, alerts });
  const answer = await here.app.inject({ method: 'POST', url: '/alerts', headers: webhookHeaders, payload });
  here.clock.now += 1000;
  return answer.json().incidents[0];
}

const servers = {
  grafana: 'http://grafana.example',
  tempo: 'http://tempo.example',
  loki: 'http://loki.example',
  prometheus: 'http://prometheus.example',
};
const stack = (different: object = {}) => ({
  ...{ escalationUrl, servers, token: () => apiHeaders.authorization.replace('Bearer ', '') },
  ...different,
});

test('B01 alerts are those of the time of the run, with who was told and who answered', async () => {
  const id = await opened('AgentSilent', [{}, { labels: { alertname: 'AgentSilent', agent_name: 'other' } }]);
  const [delivery] = (await here.store.byId(id))?.deliveries ?? [];
  const key = delivery?.key ?? '';
  await here.desk.apply(id, { kind: 'claim', key, until: here.clock.now + 1000 });
  await here.desk.apply(id, { kind: 'sent', key });
  here.clock.now += 60_000;
  await here.desk.apply(id, { kind: 'acknowledge', by: 'Ana', via: 'api' });

  const { alerts, links, missing } = await around(stack(), run);
  expect(missing).toBeUndefined();
  expect(alerts).toHaveLength(2);
  expect(alerts?.[0]).toMatchObject({
    ...{ incident_id: id, alert: 'AgentSilent', severity: 'critical', labels: { agent_name: 'agent-0' } },
    ...{ summary: 'The agent agent-0 is silent', runbook_url: 'https://runbooks.example/AgentSilent.md' },
    ...{ opened_at: '2026-11-26T09:24:15.123Z', resolved_at: null, acknowledged_by: 'Ana' },
    acknowledged_at: '2026-11-26T09:31:16.000Z',
    told: [
      { at: '2026-11-26T09:30:16.000Z', channel: 'log', outcome: 'sent' },
      // That somebody has answered, told to the others.
      { at: '2026-11-26T09:31:16.000Z', channel: 'log', outcome: 'waiting' },
    ],
  });
  const { searchParams } = new URL(links?.trace ?? '');
  expect(JSON.parse(searchParams.get('panes') ?? '').run).toMatchObject({
    queries: [{ query: 'aaaabbbbccccddddaaaabbbbccccdddd', datasource: { uid: 'tempo' } }],
    range: { from: `${Date.parse('2026-11-26T09:19:00Z')}`, to: `${Date.parse('2026-11-26T09:31:00Z')}` },
  });
  expect(Object.keys(links ?? {})).toEqual(['trace', 'logs', 'exemplars', 'agents', 'errors']);
  expect(Object.fromEntries(new URL(links?.agents ?? '').searchParams)).toMatchObject({
    ...{ 'var-agent': 'backend-agent', 'var-environment': 'production' },
  });
});

test('B01 of incidents of another time nothing is told', async () => {
  const later = { ...run.orchestration, started_at: '2026-11-27T09:00:00.000Z', completed_at: null };
  const earlier = {
    ...run.orchestration,
    ...{ started_at: '2026-11-20T09:00:00.000Z', completed_at: '2026-11-20T09:10:00.000Z' },
  };
  const id = await opened('QueueBacklog');
  const alertsOf = async (orchestration: typeof earlier | typeof later) =>
    (await around(stack(), { ...run, orchestration })).alerts?.map(({ incident_id }) => incident_id);
  expect(await alertsOf(earlier)).toEqual([]);
  expect(await alertsOf(later)).toContain(id);
  await here.desk.apply(id, { kind: 'resolve', by: 'Ana', via: 'api' });
  expect(await alertsOf(later)).not.toContain(id);
});

test.each([
  [{ token: () => 'other' }, /^Alerts are not known\. Cannot ask http.*: it answers 401\./],
  [
    { escalationUrl: 'http://127.0.0.1:1' },
    /^Alerts are not known\. Cannot reach the escalation service at http.*npm run status/,
  ],
  [
    {
      token: () => {
        throw new Error('Cannot read the API token: …');
      },
    },
    /^Alerts are not known\. Cannot read the API token/,
  ],
])('B01 without the escalation service the dossier has no alerts, and says why', async (different, why) => {
  const found = await around(stack(different), run);
  expect(found).not.toHaveProperty('alerts');
  expect(found.links).toHaveProperty('trace');
  expect(found.missing).toMatch(why);
});

test('B01 without Grafana the links lead to the servers behind it', async () => {
  const { links } = await around(stack({ servers: { ...servers, grafana: undefined } }), run);
  expect(links?.trace).toBe('http://tempo.example/api/traces/aaaabbbbccccddddaaaabbbbccccdddd');
  expect(new URL(links?.logs ?? '').searchParams.get('query')).toBe(
    '{service_name=~".+"} | trace_id=~"aaaabbbbccccddddaaaabbbbccccdddd|0123"',
  );
  const { pathname, searchParams } = new URL(links?.exemplars ?? '');
  expect(pathname).toBe('/api/v1/query_exemplars');
  expect(Object.fromEntries(searchParams)).toEqual({
    query: 'workflow_duration_seconds_bucket{workflow_name="build"}',
    ...{ start: '2026-11-26T09:19:00.000Z', end: '2026-11-26T09:31:00.000Z' },
  });
});

test('B01 a run without telemetry has no link to a trace', async () => {
  const { links } = await around(stack(), { orchestration: someOrchestration('x'), executions: [], steps: [] });
  expect(Object.keys(links ?? {})).toEqual(['exemplars', 'errors']);
});
