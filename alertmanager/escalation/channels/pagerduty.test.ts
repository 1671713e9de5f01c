import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openPagerDuty } from './pagerduty.ts';
import { aMessage, anIncident, aResolved } from './testing/messages.ts';
import { Receiver } from './testing/receiver.ts';

const signal = AbortSignal.timeout(20_000);
let receiver: Receiver;
beforeEach(async () => {
  receiver = await Receiver.open(() => ({
    status: 202,
    body: { status: 'success', message: 'Event processed', dedup_key: 'x' },
  }));
  vi.stubEnv('TEST_KEY', 'R0123456789abcdefghijklmnopqrstu');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await receiver[Symbol.asyncDispose]();
});

const pagerduty = () =>
  openPagerDuty({
    kind: 'pagerduty',
    routingKey: { env: 'TEST_KEY' },
    apiUrl: receiver.url,
    timeoutMs: 10_000,
    giveUpMs: 60_000,
    ratePerMinute: 120,
  });

test('X02 triggers with all that the one on call needs', async () => {
  expect(await pagerduty().send(aMessage(), signal)).toEqual({ reference: '20261126-093015-k7qx' });
  expect(receiver.last.path).toBe('/v2/enqueue');
  expect(receiver.last.body).toEqual({
    routing_key: 'R0123456789abcdefghijklmnopqrstu',
    event_action: 'trigger',
    dedup_key: '20261126-093015-k7qx',
    payload: {
      summary: 'The agent research is silent',
      source: 'research',
      severity: 'critical',
      timestamp: '2026-11-26T09:30:15.000Z',
      group: 'fleet',
      class: 'AgentSilent',
      custom_details: {
        summary: 'research has shown no sign of life for 6m.',
        Team: 'fleet',
        Since: '2026-11-26 09:30 UTC',
        Alerts: '1 firing',
        alertname: 'AgentSilent',
        agent_name: 'research',
        delivery: '20261126-093015-k7qx/1',
      },
    },
    links: [
      { href: 'https://fleetscope.example/a/token-of-acknowledge', text: 'Acknowledge' },
      { href: 'https://fleetscope.example/a/token-of-resolve', text: 'Resolve' },
      { href: 'https://fleetscope.example/incidents/20261126-093015-k7qx', text: 'Open' },
      { href: 'https://runbooks.example/AgentSilent', text: 'Runbook' },
      { href: 'https://grafana.example/d/agent?from=now-1h&to=now&var-agent=research', text: 'Dashboard' },
    ],
    client: 'Fleetscope',
    client_url: 'https://fleetscope.example/incidents/20261126-093015-k7qx',
  });
});

test('X02 acknowledges and resolves what it triggered', async () => {
  const incident = anIncident({ state: 'acknowledged', acknowledged: { by: 'Ada', at: 1 } });
  await pagerduty().send(aMessage({ kind: 'acknowledged', incident }), signal);
  expect(receiver.last.body).toMatchObject({ event_action: 'acknowledge', dedup_key: '20261126-093015-k7qx' });
  await pagerduty().send(aResolved(), signal);
  expect(receiver.last.body).toMatchObject({ event_action: 'resolve', dedup_key: '20261126-093015-k7qx' });
  expect(receiver.last.body.payload).toBeUndefined();
});

test.each([
  ['critical', 'critical'],
  ['high', 'error'],
  ['warning', 'warning'],
  ['info', 'info'],
] as const)('X02 %s is %s there', async (severity, theirs) => {
  await pagerduty().send(aMessage({ incident: anIncident({ severity }) }), signal);
  expect(receiver.last.body.payload.severity).toBe(theirs);
});

test("X02 a summary keeps PagerDuty's limit", async () => {
  await pagerduty().send(aMessage({ incident: anIncident({ title: 'x'.repeat(5000) }) }), signal);
  expect(receiver.last.body.payload.summary).toHaveLength(1024);
});

test('X05 says what PagerDuty found wrong, without the key', async () => {
  receiver.behave = () => ({
    status: 400,
    body: { status: 'invalid event', errors: ['Length of routing_key is wrong: R0123456789abcdefghijklmnopqrstu'] },
  });
  await expect(pagerduty().send(aMessage(), signal)).rejects.toMatchObject({
    retryable: false,
    message: 'PagerDuty answered 400: Length of routing_key is wrong: ****.',
  });
});
