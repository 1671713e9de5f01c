import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { someExecution, someOrchestration } from '../testing/some-run.ts';
import { around } from './around.ts';

const run = {
  orchestration: someOrchestration('x', { trace_id: 'aaaabbbbccccddddaaaabbbbccccdddd' }),
  ...{ executions: [someExecution('y', { trace_id: '0123' })], steps: [] },
};

const inShort = (id: string, openedAt: string, resolvedAt?: string) => ({
  ...{ id, openedAt, ...(resolvedAt && { resolved: { by: 'ana', at: resolvedAt } }) },
});
const whole = (id: string) => ({
  ...{ id, severity: 'high', acknowledged: { by: 'ana', at: '2026-11-26T09:03:00.000Z' } },
  alerts: [
    { labels: { alertname: 'AgentSlow', agent_name: 'backend-agent' }, startsAt: '2026-11-26T09:01:00.000Z' },
    { labels: { agent_name: 'x' }, startsAt: '2026-11-26T09:02:00.000Z', endsAt: '2026-11-26T09:04:00.000Z' },
  ],
  deliveries: [
    { channel: 'email', person: 'ben', state: 'failed', attemptAt: '2026-11-26T09:06:00.000Z' },
    { channel: 'slack', state: 'sent', attemptAt: '2026-11-26T09:01:01.000Z', sentAt: '2026-11-26T09:01:02.000Z' },
  ],
});

const asked: string[] = [];
let server: Server;
let escalationUrl: string;
beforeAll(async () => {
  server = createServer(({ url = '', headers }, answer) => {
    asked.push(url);
    if (headers.authorization !== 'Bearer secret') answer.writeHead(401).end('{}');
    else if (url.startsWith('/api/incidents?'))
      answer.end(
        JSON.stringify({
          incidents: [
            inShort('too-late', '2026-11-26T09:30:00.000Z'),
            inShort('soon-after', '2026-11-26T09:15:00.000Z'),
            inShort('over', '2026-11-26T08:00:00.000Z', '2026-11-26T08:59:00.000Z'),
            inShort('open-before', '2026-11-26T08:00:00.000Z', '2026-11-26T09:01:00.000Z'),
          ],
        }),
      );
    else answer.end(JSON.stringify(whole(url.split('/').at(-1) ?? '')));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  escalationUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

const stack = (different: object = {}) => {
  const notices: string[] = [];
  return {
    notices,
    ...{ escalationUrl, grafanaUrl: 'http://grafana.example', token: () => 'secret' },
    notice: (line: string) => notices.push(line),
    ...different,
  };
};

test('B01 alerts are those of the time of the run, with who was told', async () => {
  const { alerts, links } = await around(stack(), run);
  expect(asked.slice(1)).toEqual(['/api/incidents/soon-after', '/api/incidents/open-before']);
  expect(alerts).toHaveLength(4);
  expect(alerts?.[0]).toEqual({
    ...{ incident_id: 'soon-after', alert: 'AgentSlow', severity: 'high' },
    labels: { alertname: 'AgentSlow', agent_name: 'backend-agent' },
    ...{ opened_at: '2026-11-26T09:01:00.000Z', resolved_at: null },
    ...{ acknowledged_at: '2026-11-26T09:03:00.000Z', acknowledged_by: 'ana' },
    told: [
      { at: '2026-11-26T09:01:02.000Z', channel: 'slack', outcome: 'sent' },
      { at: '2026-11-26T09:06:00.000Z', channel: 'email ben', outcome: 'failed' },
    ],
  });
  const { searchParams } = new URL(links?.trace ?? '');
  expect(JSON.parse(searchParams.get('panes') ?? '').run).toMatchObject({
    queries: [{ query: 'aaaabbbbccccddddaaaabbbbccccdddd', datasource: { uid: 'tempo' } }],
    range: { from: `${Date.parse('2026-11-26T08:59:00Z')}`, to: `${Date.parse('2026-11-26T09:06:00Z')}` },
  });
  expect(Object.keys(links ?? {})).toEqual(['trace', 'logs', 'exemplars', 'agents', 'errors']);
  expect(new URL(links?.agents ?? '').searchParams.get('var-agent')).toBe('backend-agent');
});

test.each([
  [{ token: () => 'other' }, /^Without alerts: Cannot ask http.*: it answers 401\./],
  [
    { escalationUrl: 'http://127.0.0.1:1' },
    /^Without alerts: Cannot reach the escalation service at http.*npm run status/,
  ],
  [
    {
      token: () => {
        throw new Error('Cannot read the API token: …');
      },
    },
    /^Without alerts: Cannot read the API token/,
  ],
])('B01 without the escalation service the dossier has no alerts, and says why', async (different, why) => {
  const given = stack(different);
  const found = await around(given, run);
  expect(found).not.toHaveProperty('alerts');
  expect(found.links).toHaveProperty('trace');
  expect(given.notices).toEqual([expect.stringMatching(why)]);
});

test('B01 a run without telemetry has no link to a trace', async () => {
  const { links } = await around(stack(), { orchestration: someOrchestration('x'), executions: [], steps: [] });
  expect(Object.keys(links ?? {})).toEqual(['exemplars', 'errors']);
});
