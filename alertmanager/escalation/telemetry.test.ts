import { type DataPoint, MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterEach, beforeEach, expect, test } from 'vitest';
import * as catalog from '../../instrumentation/src/catalog/escalation.ts';
import type { Delivery, HookRun, Incident } from './incident/incident.ts';
import { changeOf, standingOf } from './measures.ts';
import { Telemetry } from './telemetry.ts';

class Reader extends MetricReader {
  protected override async onForceFlush() {}
  protected override async onShutdown() {}
}

const spans = new InMemorySpanExporter();
const channels = { slack: { kind: 'slack' as const }, log: { kind: 'log' as const } };
let reader: Reader;
let telemetry: Telemetry;
let now = 0;
let policyCurrent = true;

beforeEach(() => {
  now = 1_000_000;
  spans.reset();
  reader = new Reader();
  policyCurrent = true;
  telemetry = new Telemetry({
    now: () => now,
    channels: () => channels,
    isPolicyCurrent: () => policyCurrent,
    meter: new MeterProvider({ readers: [reader] }).getMeter('test'),
    tracer: new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter: spans })] }).getTracer('test'),
  });
});

afterEach(() => reader.shutdown());

const delivery: Delivery = {
  ...{ key: 'i/1', message: 'alert', step: 0, channel: 'slack', state: 'waiting' },
  ...{ attempts: 0, createdAt: 1_000, attemptAt: 1_000 },
};

function incident(changes: Partial<Incident> = {}): Incident {
  return {
    ...{ id: 'i', version: 1, key: 'k', title: 't', team: 'fleet', severity: 'critical', state: 'open', alerts: [] },
    ...{ openedAt: 1_000, changedAt: 1_000, ladder: { startedAt: 1_000, taken: 0 }, reopenedAt: [] },
    ...{ deliveries: [delivery], hookRuns: [], notes: [], journal: [], dueAt: null },
    ...changes,
  };
}

const sent = { ...delivery, state: 'sent', sentAt: 1_400, attempts: 1 } as const;
const everybody = () => true;

/** The points of a metric, as `value labels`. */
async function points(metric: { name: string }): Promise<string[]> {
  const { resourceMetrics } = await reader.collect();
  const all = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
  const found: DataPoint<unknown>[] = all
    .filter(({ descriptor }) => descriptor.name === metric.name)
    .flatMap(({ dataPoints }) => [...dataPoints]);
  return found.map(({ value, attributes }) => {
    const number = typeof value === 'number' ? value : (value as { sum?: number }).sum;
    return `${number} ${Object.values(attributes).join(' ')}`;
  });
}

test('X03 the times to notify, to acknowledge and to resolve are from the opening, once each', () => {
  const answered = { state: 'acknowledged', acknowledged: { by: 'ann', at: 61_000 } } as const;
  const resolved = { state: 'resolved', resolved: { by: 'alertmanager', at: 121_000 } } as const;
  const opened = incident();
  const told = incident({ deliveries: [sent] });
  expect(changeOf(undefined, opened, everybody)).toEqual({ opened: true, ended: [], ran: [] });
  expect(changeOf(opened, told, everybody)).toEqual({ opened: false, toNotify: 0.4, ended: [sent], ran: [] });
  expect(changeOf(told, { ...told, ...answered }, everybody)).toMatchObject({ toAcknowledge: 60, ended: [] });
  expect(changeOf(told, { ...told, ...resolved }, everybody)).toMatchObject({ toResolve: 120 });
  expect(changeOf({ ...told, ...answered }, { ...told, ...answered }, everybody)).toEqual({
    ...{ opened: false, ended: [], ran: [] },
  });
});

test('X03 an incident that opens again is told and answered anew, from then on', () => {
  const over = incident({ deliveries: [sent], resolved: { by: 'alertmanager', at: 5_000 }, state: 'resolved' });
  const { resolved: _, ...rest } = over;
  const again = { ...rest, state: 'open' as const, reopenedAt: [9_000] };
  const second = { ...sent, key: 'i/2', createdAt: 9_000, sentAt: 9_250 };
  expect(changeOf(over, again, everybody)).toEqual({ opened: true, ended: [], ran: [] });
  expect(changeOf(again, { ...again, deliveries: [sent, second] }, everybody)).toMatchObject({
    ...{ opened: false, toNotify: 0.25, ended: [second] },
  });
});

test('X05 what only the log took is told to nobody, unless there is nothing but the log', async () => {
  const logged = incident({ deliveries: [{ ...sent, channel: 'log' }] });
  expect(changeOf(incident(), logged, telemetry.reaches).toNotify).toBeUndefined();
  const only = new Telemetry({ now: () => now, channels: () => channels, isConfigured: (name) => name === 'log' });
  expect(changeOf(incident(), logged, only.reaches).toNotify).toBe(0.4);
  const standing = await standingOf(stored(logged), 61_000, telemetry.reaches);
  expect([...standing.untold]).toEqual([['critical', 60]]);
  expect([...(await standingOf(stored(logged), 61_000, only.reaches)).untold]).toEqual([]);
});

test('X05 a message that was taken back is no failure of its channel', async () => {
  const failed = { ...delivery, state: 'failed' } as const;
  const data = { key: delivery.key, channel: 'slack' };
  const journal = [{ ...{ id: 'i/2/1', incident: 'i', at: 2_000, who: 'policy', what: 'cancelled' }, data }];
  telemetry.changed(incident(), incident({ deliveries: [failed], journal }));
  expect(await points(catalog.deliveries)).toEqual(['1 slack slack cancelled']);
  telemetry.changed(incident(), incident({ deliveries: [failed] }));
  expect(await points(catalog.deliveries)).toContain('1 slack slack failure');
});

test('X05 what waits is counted by channel, with its age; what is gone is 0', async () => {
  let open = [
    incident(),
    incident({ id: 'j', state: 'acknowledged', deliveries: [{ ...delivery, createdAt: 31_000 }] }),
  ];
  telemetry.standing(() => standingOf(stored(...open), 61_000, telemetry.reaches));
  expect(await points(catalog.deliveriesWaiting)).toEqual(['2 slack', '0 log']);
  expect(await points(catalog.oldestWaiting)).toEqual(['60 slack', '0 log']);
  expect(await points(catalog.untold)).toContain('60 critical');
  expect(await points(catalog.openIncidents)).toContain('1 critical acknowledged');
  open = [];
  expect(await points(catalog.oldestWaiting)).toEqual(['0 slack', '0 log']);
  expect(await points(catalog.openIncidents)).toContain('0 critical acknowledged');
});

test('X05 an attempt is a span and a time, with the error where it failed', async () => {
  const about = { incident: 'i', key: 'i/1', attempt: 1, channel: 'slack' };
  expect(await telemetry.deliver(about, async () => 'reference')).toBe('reference');
  const refused = Object.assign(new Error('no'), { code: 'ECONNREFUSED' });
  await expect(telemetry.deliver(about, () => Promise.reject(refused))).rejects.toBe(refused);
  const labels = (await points(catalog.deliveryDuration)).map((point) => point.replace(/^\S+ /, ''));
  expect(labels).toEqual(['slack slack success', 'slack slack failure ECONNREFUSED']);
  expect(spans.getFinishedSpans().map(({ name, attributes }) => [name, attributes['error.type']])).toEqual([
    ['escalation.deliver slack', undefined],
    ['escalation.deliver slack', 'ECONNREFUSED'],
  ]);
});

test('X05 a channel that is not set up has tried nothing, and failed at nothing', async () => {
  reader = new Reader();
  const meter = new MeterProvider({ readers: [reader] }).getMeter('test');
  const unset = new Telemetry({ now: () => now, channels: () => channels, isConfigured: () => false, meter });
  const about = { incident: 'i', key: 'i/1', attempt: 1, channel: 'slack' };
  await expect(unset.deliver(about, () => Promise.reject(new Error('not configured')))).rejects.toThrow();
  unset.changed(incident(), incident({ deliveries: [{ ...delivery, state: 'failed' }] }));
  expect(await points(catalog.deliveryDuration)).toEqual([]);
  expect(await points(catalog.deliveries)).toEqual(['1 slack slack cancelled']);
});

test('X04 X05 what came to its end is counted once, under bounded labels', async () => {
  const run: HookRun = {
    ...{ key: 'i/hook/1', hook: 'pause', parameters: {}, state: 'done', dryRun: false },
    ...{ createdAt: 0, attemptAt: 0 },
  };
  const before = incident({ team: 'team-0' });
  const after = incident({
    team: 'team-0',
    deliveries: [sent],
    hookRuns: [run, { ...run, key: 'i/hook/2', dryRun: true }],
  });
  telemetry.changed(before, after);
  telemetry.changed(after, after);
  expect(spans.getFinishedSpans().map(({ name, attributes }) => [name, attributes['incident.id']])).toEqual([
    ['escalation.decide', 'i'],
    ['escalation.decide', 'i'],
  ]);
  expect(await points(catalog.deliveries)).toEqual(['1 slack slack success']);
  expect(await points(catalog.hookRuns)).toEqual(['1 pause success']);
  for (let team = 0; team < 60; team++) telemetry.changed(undefined, incident({ team: `team-${team}` }));
  const opened = await points(catalog.incidentsOpened);
  expect(opened).toHaveLength(catalog.incidentTeam.atMost + 1);
  expect(opened.some((point) => point.endsWith('_OTHER'))).toBe(true);
});

test('X01 a refusal, a breaker, the policy, the audit trail and the Watchdog are told', async () => {
  telemetry.refused('unauthenticated');
  telemetry.breaker('slack', 'open');
  policyCurrent = false;
  telemetry.audit(true);
  telemetry.heard(now);
  now += 90_000;
  expect(await points(catalog.requestsRefused)).toEqual(['1 unauthenticated']);
  expect(await points(catalog.breakerOpen)).toEqual(['2 slack', '0 log']);
  expect(await points(catalog.policyCurrent)).toEqual(['0 ']);
  expect(await points(catalog.auditIntact)).toEqual(['1 ']);
  expect(await points(catalog.heartbeatAge)).toEqual(['90 ']);
});

async function* stored(...all: Incident[]) {
  yield* all;
}
