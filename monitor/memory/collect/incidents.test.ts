import { afterAll, beforeAll, expect, test } from 'vitest';
import { apiHeaders, group, service, webhookHeaders } from '../../../alertmanager/escalation/http/testing/service.ts';
import { type Entry, incidentDay, readIncidents } from './incidents.ts';
import { daySpan } from './read-ledger.ts';

const date = '2026-11-27';
const span = daySpan(date, 'final');

/** The real escalation service: what it answers is what is read. */
const here = service();
let url: string;
beforeAll(async () => {
  url = await here.app.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(() => here.app.close());

const token = () => apiHeaders.authorization.replace('Bearer ', '');
const read = (of = span) => readIncidents({ url, token }, of);
const clockAt = (iso: string) => {
  here.clock.now = Date.parse(iso);
};

async function told(alertname: string, alerts: Record<string, unknown>[]): Promise<string> {
  const payload = group({ labels: { alertname }, alerts });
  const answer = await here.app.inject({ method: 'POST', url: '/alerts', headers: webhookHeaders, payload });
  return answer.json().incidents[0];
}
const over = { status: 'resolved', endsAt: '2026-11-27T10:00:00Z' };

test('M01 a day knows what was raised and resolved in it and was open when it was closed, by alert, whenever it is asked', async () => {
  clockAt('2026-11-26T22:00:00Z');
  const [before, long] = [await told('AgentSilent', [{}]), await told('CostHigh', [{}])];
  clockAt('2026-11-27T10:00:00Z');
  await told('AgentSilent', [over]);
  clockAt('2026-11-27T11:00:00Z');
  const storm = await told('AgentErrorRateHigh', [{}, { fingerprint: 'f9' }]);
  clockAt('2026-11-27T12:00:00Z');
  await told('AgentErrorRateHigh', [over, { ...over, fingerprint: 'f9' }]);
  clockAt('2026-11-27T12:05:00Z');
  expect(await told('AgentErrorRateHigh', [{}])).toBe(storm);
  const day = await read();
  expect(day).toEqual({
    gaps: [],
    incidents: {
      // One that was opened again is raised again.
      ...{ raised: 2, resolved: 2, open: 2 },
      alerts: [
        { alertname: 'AgentErrorRateHigh', severity: 'critical', raised: 3, resolved: 2, incidents: [storm] },
        { alertname: 'AgentSilent', severity: 'critical', raised: 0, resolved: 1, incidents: [before] },
      ],
    },
  });
  // Days later others have come, and those of then are over.
  clockAt('2026-11-28T07:00:00Z');
  await here.desk.apply(long, { kind: 'resolve', by: 'Ana', via: 'api' });
  await told('AgentErrorRateHigh', [over]);
  await told('QueueLong', [{}]);
  clockAt('2026-11-30T07:00:00Z');
  expect(await read()).toEqual(day);
  expect((await read(daySpan('2026-11-28', 'final'))).incidents).toMatchObject({ raised: 1, resolved: 2, open: 1 });
  expect((await read(daySpan('2026-11-20', 'final'))).incidents).toEqual({
    raised: 0,
    resolved: 0,
    open: 0,
    alerts: [],
  });
});

test('M01 what is open is looked at when the day is closed, six hours after midnight', () => {
  const entry = (at: string, what: string): Entry => ({ at, what });
  const opened = entry('2026-11-27T23:00:00.000Z', 'opened');
  const of = (at: string) => incidentDay(span, [{ id: 'a', entries: [opened, entry(at, 'resolved')] }]).incidents;
  expect(of('2026-11-28T05:59:00.000Z')).toMatchObject({ raised: 1, resolved: 0, open: 0 });
  expect(of('2026-11-28T06:00:00.001Z')).toMatchObject({ raised: 1, resolved: 0, open: 1 });
});

test('M01 of a storm it is said how many alerts are not told by name', () => {
  const labels = { alertname: 'AgentSilent', severity: 'high' };
  const changed = Array.from({ length: 100 }, () => ({ status: 'firing' as const, labels }));
  const entry = { at: '2026-11-27T23:00:00.000Z', what: 'alerts received', data: { changed, more: 40 } };
  const { incidents, gaps } = incidentDay(span, [{ id: 'a', entries: [entry] }]);
  expect(incidents.alerts).toMatchObject([{ raised: 100 }]);
  expect(gaps).toEqual([expect.stringMatching(/^Of a storm of alerts 40 are not told by name/)]);
});

test('M01 a service that refuses, or is not there, is an error', async () => {
  await expect(readIncidents({ url, token: () => 'wrong' }, span)).rejects.toThrow(/^Cannot ask .* it answers 401\./);
  await expect(readIncidents({ url: 'http://127.0.0.1:1', token }, span)).rejects.toThrow(
    'Cannot reach the escalation service at http://127.0.0.1:1.',
  );
});
