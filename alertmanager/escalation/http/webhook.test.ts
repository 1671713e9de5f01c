import fc from 'fast-check';
import { expect, test } from 'vitest';
import { group, service, startedAt, webhookHeaders } from './testing/service.ts';

async function post(
  to: ReturnType<typeof service>,
  payload: unknown,
  headers: Record<string, string> = webhookHeaders,
) {
  const body = typeof payload === 'string' ? payload : JSON.stringify(payload);
  return to.app.inject({ method: 'POST', url: '/alerts', headers, payload: body });
}

test('X01 a group is an incident, on disk before the answer; its repeat is the same one', async () => {
  const here = service();
  const answer = await post(here, group({ alerts: [{}, {}] }));
  expect(answer.statusCode).toBe(200);
  const [id] = answer.json().incidents;
  expect(answer.json()).toEqual({ accepted: 2, incidents: [id] });
  expect(await here.store.byId(id)).toMatchObject({
    title: 'AgentSilent (agents)',
    team: 'fleet',
    severity: 'critical',
    state: 'open',
    alerts: [
      { fingerprint: 'f0', startsAt: Date.UTC(2026, 10, 26, 9, 24, 15, 123), generatorUrl: expect.any(String) },
      { fingerprint: 'f1' },
    ],
    deliveries: [{ channel: 'log', state: 'waiting' }],
  });
  expect((await here.store.byId(id))?.alerts[0]).not.toHaveProperty('endsAt');
  here.clock.now += 30_000;
  expect((await post(here, group({ alerts: [{}, {}] }))).json().incidents).toEqual([id]);
});

test('X01 the same trouble is one incident, however urgent; another team or group is another', async () => {
  const here = service();
  const idOf = async (given: Parameters<typeof group>[0]) => (await post(here, group(given))).json().incidents[0];
  const id = await idOf({ receiver: 'fleet-warning' });
  expect(await here.store.byId(id)).toMatchObject({ severity: 'warning' });
  expect(await idOf({ receiver: 'fleet-critical', labels: { severity: 'critical' } })).toBe(id);
  expect(await here.store.byId(id)).toMatchObject({ severity: 'critical' });
  expect(await idOf({ receiver: 'security-critical' })).not.toBe(id);
  expect(await idOf({ labels: { service_name: 'gateway' } })).not.toBe(id);
});

test('X01 what matches no route is told to the platform; whose urgency nobody knows does not wait for the day', async () => {
  const here = service();
  const labels = { team: 'flet', severity: 'crtical', alertname: 'Odd' };
  const answer = await post(here, group({ receiver: 'unrouted', alerts: [{ labels }] }));
  const incident = await here.store.byId(answer.json().incidents[0]);
  expect(incident).toMatchObject({ team: 'platform', severity: 'high' });
});

test('X01 the title says what they share, and what of the group that does not say', async () => {
  const here = service();
  const titleOf = async (given: Parameters<typeof group>[0]) => {
    const { incidents } = (await post(here, group(given))).json();
    return (await here.store.byId(incidents[0]))?.title;
  };
  expect(await titleOf({})).toBe('The agent agent-0 is silent (agents)');
  const commonAnnotations = { summary: 'Work piles up in agents, s' };
  expect(await titleOf({ labels: { alertname: 'Q' }, more: { commonAnnotations } })).toBe('Work piles up in agents, s');
  expect(await titleOf({ labels: { queue: 'w' }, more: { commonAnnotations } })).toBe('Work piles up in agents, s (w)');
  expect(await titleOf({ labels: { alertname: 'R' }, alerts: [{}, {}] })).toBe('R (agents)');
});

test('X05 alerts that Alertmanager left out of a message keep the incident open until a message is whole', async () => {
  const here = service();
  const state = async (given: { status: string; truncatedAlerts: number }) => {
    const { status, truncatedAlerts } = given;
    const { incidents } = (await post(here, group({ alerts: [{ status }], more: { truncatedAlerts } }))).json();
    here.clock.now += 1000;
    const { state, alerts = [] } = (await here.store.byId(incidents[0])) ?? {};
    return { state, alerts: alerts.map(({ status, annotations }) => `${status}: ${annotations.summary}`) };
  };
  const cut = (status: string) => `${status}: 12 more alerts of this group, left out by Alertmanager`;
  expect((await state({ status: 'firing', truncatedAlerts: 12 })).alerts[1]).toBe(cut('firing'));
  expect(await state({ status: 'resolved', truncatedAlerts: 12 })).toMatchObject({ state: 'open' });
  // Of another receiver's message that is whole, nothing follows.
  await post(here, group({ receiver: 'fleet-warning', alerts: [{ fingerprint: 'w', status: 'resolved' }] }));
  expect(await state({ status: 'resolved', truncatedAlerts: 12 })).toMatchObject({ state: 'open' });
  const whole = await state({ status: 'resolved', truncatedAlerts: 0 });
  expect(whole).toMatchObject({ state: 'resolved', alerts: expect.arrayContaining([cut('resolved')]) });
});

test("X01 the dead man's switch is a heartbeat and no incident; the doctor's test alert is neither", async () => {
  const here = service();
  for (const receiver of ['watchdog', 'doctor'])
    expect((await post(here, group({ receiver }))).json()).toEqual({ accepted: 1, incidents: [] });
  expect(here.seen.heartbeats).toEqual([startedAt]);
  await post(here, group({ receiver: 'watchdog', alerts: [{ status: 'resolved' }] }));
  expect(here.seen.heartbeats).toHaveLength(1);
  expect(await here.store.list({ limit: 10 })).toEqual([]);
});

test('X01 fields nobody knows are let pass; a missing one is named', async () => {
  const here = service();
  expect((await post(here, group({ more: { notificationReason: 'new', alertsAreFine: null } }))).statusCode).toBe(200);
  const { fingerprint, ...rest } = group().alerts[0] as Record<string, unknown>;
  const answer = await post(here, group({ more: { alerts: [rest] } }));
  expect([answer.statusCode, answer.json().error]).toEqual([
    400,
    "Cannot read the alerts: alerts.0.fingerprint is missing. Send Alertmanager's webhook version 4.",
  ]);
});

test('X01 what is not taken is refused with the reason, and counted by it', async () => {
  const here = service();
  const large = group({ alerts: [{ annotations: { description: 'x'.repeat(1_100_000) } }] });
  const refused = [
    await post(here, group(), { 'content-type': 'application/json' }),
    await post(here, group(), { ...webhookHeaders, authorization: 'Bearer api-token-of-the-test' }),
    await post(here, '{"version":'),
    await post(here, ''),
    await post(here, { ...group(), version: '3' }),
    await post(here, large),
  ];
  expect(refused.map(({ statusCode }) => statusCode)).toEqual([401, 401, 400, 400, 400, 413]);
  expect(refused.map((answer) => answer.json().error).every((error) => /^Cannot .*: .*\. \S.*\.$/.test(error))).toBe(
    true,
  );
  const reasons = ['unauthenticated', 'unauthenticated', 'malformed', 'malformed', 'unsupported_version', 'oversize'];
  expect(here.seen.refused).toEqual(reasons);
  expect(await here.store.list({ limit: 10 })).toEqual([]);
});

test('X05 what cannot be saved is not taken: Alertmanager sends it again; the cause stays in the log', async () => {
  const here = service();
  here.store.breaks();
  const answer = await post(here, group());
  expect(answer.statusCode).toBe(500);
  expect(answer.body).not.toMatch(/secret|disk|\bat\b/);
  expect(here.seen.errors).toMatchObject([{ message: expect.stringMatching(/disk/) }]);
  expect(here.seen.refused).toEqual([]);
});

test('X01 no body whatsoever breaks it', async () => {
  const here = service();
  const valid = group({ alerts: [{}, {}] });
  const alert = fc.record(
    Object.fromEntries(
      Object.entries(valid.alerts[0] ?? {}).map(([key, value]) => [key, fc.oneof(fc.constant(value), fc.anything())]),
    ),
    { requiredKeys: [] },
  );
  const nearly = fc.record(
    {
      ...Object.fromEntries(
        Object.entries(valid).map(([key, value]) => [
          key,
          fc.oneof({ weight: 9, arbitrary: fc.constant(value) }, fc.anything()),
        ]),
      ),
      alerts: fc.oneof(fc.array(alert, { maxLength: 3 }), fc.constant(valid.alerts)),
    },
    { requiredKeys: [] },
  );
  const body = fc.oneof(
    fc.json(),
    fc.string(),
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
    nearly.map((one) => json(one)),
    fc.constant(json(valid)),
  );
  const statuses = new Set<number>();
  await fc.assert(
    fc.asyncProperty(body, fc.constantFrom('application/json', 'text/plain', 'a/b;c', ''), async (text, type) => {
      const { statusCode } = await post(here, text, { ...webhookHeaders, 'content-type': type });
      statuses.add(statusCode);
      return [200, 400].includes(statusCode);
    }),
    { numRuns: 300 },
  );
  expect([...statuses].sort()).toEqual([200, 400]);
  expect(here.seen.errors).toEqual([]);
});

/** As a sender would write it: what JSON has no word for is null or left out. */
function json(value: unknown): string {
  return JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? Number(one) : one)) ?? 'null';
}
