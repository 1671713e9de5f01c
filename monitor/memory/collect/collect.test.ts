import { expect, test } from 'vitest';
import { MemoryLedger } from '../../testing/memory-ledger.ts';
import { agent, chat, span, workflow, zero } from '../../testing/some-facts.ts';
import { prepared } from '../store/batch.ts';
import { comparedHours } from './anomalies.ts';
import { collectDay, collectHour, type Sources } from './collect.ts';
import { hoursOf } from './day.ts';
import { hourRows } from './hour.ts';
import { daySpan, readLedgerDay } from './read-ledger.ts';

const date = '2026-11-26';
const hour = `${date}T09`;

/** Answers the same to every question. */
const prometheus = (value: string) => ({
  url: 'http://p:9090',
  fetch: (async () =>
    Response.json({
      status: 'success',
      data: { resultType: 'vector', result: [{ metric: {}, value: [0, value] }] },
    })) as unknown as typeof fetch,
});
const memory = (rows = hourRows(hour, { coverage: 1, answers: new Map() })): Sources['memory'] => ({
  hours: async ({ from = '', to = '' }) => rows.filter((row) => row.hour >= from && row.hour <= `${to}~`),
});
const away = { url: 'http://127.0.0.1:1', token: () => 'token' };
const sources = (more: Partial<Sources> = {}): Sources => ({
  ...{
    prometheus: prometheus('5'),
    ledger: new MemoryLedger(),
    memory: memory(),
    escalation: 'There is none.',
    ...more,
  },
});

test('M03 an hour is a batch that the store takes, with what is unusual in it', async () => {
  const usual = comparedHours(hour).flatMap((at) =>
    hourRows(at, { coverage: 1, answers: new Map([['cost', [{ labels: {}, value: 1 }]]]) }),
  );
  // 5000 scrapes of 240: the whole hour.
  const batch = await collectHour({ prometheus: prometheus('5000'), memory: memory(usual) }, hour);
  expect(prepared(batch).count).toBeGreaterThan(15);
  expect(batch.rows.anomalies).toMatchObject([{ metric: 'cost', value: 5000, expected: 1, hour }]);
});

test('M01 M03 a day is a batch that the store takes, so far and for good', async () => {
  for (const [state, job] of [
    ['open', 'day-so-far'],
    ['final', 'day'],
  ] as const) {
    const batch = await collectDay(sources(), date, state);
    expect(batch).toMatchObject({ job, period: date, rows: { snapshots: [{ state, date }] } });
    expect(prepared(batch).count).toBeGreaterThan(5);
  }
});

test('M03 a final day reads its hours anew, and has of each what more of it was measured of: then or now', async () => {
  // Answers 5 to everything: 5 scrapes of 240 are little. Of one hour memory has the whole.
  const kept = hourRows(hour, { coverage: 1, answers: new Map([['cost', [{ labels: {}, value: 7 }]]]) });
  const { rows } = await collectDay(sources({ memory: memory(kept) }), date, 'final');
  const costs = rows.metrics_hourly?.filter((row) => row.metric === 'cost' && Object.keys(row.labels).length === 0);
  expect(costs).toHaveLength(24);
  expect(costs?.filter(({ value }) => value === 7).map((row) => row.hour)).toEqual([hour]);
  expect(costs?.filter(({ value }) => value === 5)).toHaveLength(23);
  // So far it tells of the hours as they were read.
  expect((await collectDay(sources(), date, 'open')).rows.metrics_hourly).toBeUndefined();
});

test('M01 without an escalation service a day so far says so; a final one waits for it, unless it is told that there is none', async () => {
  const { rows } = await collectDay(sources({ escalation: away }), date, 'open');
  expect(rows.snapshots?.[0]).toMatchObject({
    incidents: { raised: null, resolved: null, open: null, alerts: [] },
    gaps: expect.arrayContaining([
      expect.stringMatching(/^Incidents are not known\. Cannot reach the escalation service/),
    ]),
  });
  await expect(collectDay(sources({ escalation: away }), date, 'final')).rejects.toThrow('Cannot reach the escalation');
  const without = await collectDay(sources(), date, 'final');
  expect(without.rows.snapshots?.[0]?.gaps).toContain('There is none.');
});

test('M01 a day of work that the ledger has no row of is not known, and no quiet day', async () => {
  const [gone] = (await collectDay(sources(), date, 'final')).rows.snapshots ?? [];
  expect(gone).toMatchObject({ ledger: 'gone', success_rate: null, cost: { micro_usd: null } });
  // 23 hours of 5, and one in memory in which nothing was sent.
  expect(gone?.gaps).toContain(
    'The ledger has no row of the day, and Prometheus counted 115 tasks: what the ledger tells is not known.',
  );
  // Nobody worked: that is known.
  const [idle] = (await collectDay(sources({ prometheus: prometheus('0') }), date, 'final')).rows.snapshots ?? [];
  expect(idle).toMatchObject({ ledger: 'known', tasks: { started: 0 } });
  // Work of yesterday that went on: with a step it is not gone, and what was counted besides is lacking.
  const ledger = new MemoryLedger();
  const [before, morning] = [since('2026-11-25T22:00Z'), since('2026-11-26T08:00Z')];
  await ledger.record([
    agent('code', { trace: 't1', id: '01', from: before, to: morning + 9 }),
    chat({ trace: 't1', id: '02', parent: '01', from: morning, to: morning + 5, usd: 1 }),
  ]);
  const [busy] = (await collectDay(sources({ ledger }), date, 'final')).rows.snapshots ?? [];
  expect(busy).toMatchObject({ ledger: 'part', tasks: { started: 0 }, models: [{ calls: 1 }] });
  const idleSources = sources({ ledger, prometheus: prometheus('0') });
  expect((await collectDay(idleSources, date, 'final')).rows.snapshots?.[0]?.ledger).toBe('known');
});

test('M01 a ledger that lost a part of the day is told from the hours of Prometheus', async () => {
  const all = { coverage: 1, answers: new Map(['tasks_started', 'tasks_completed'].map(counted)) };
  const usual = ['2026-11-25T23', ...hoursOf(daySpan(date, 'final'))].flatMap((at) => hourRows(at, all));
  const ledger = new MemoryLedger();
  const tasks = (only: (n: number) => boolean) =>
    Array.from({ length: 24 }, (_, n) => n)
      .filter(only)
      .flatMap((n) =>
        Array.from({ length: 25 }, (_, i) => {
          const from = since('2026-11-26T00:00Z') + n * 3600 + i * 60;
          return agent('code', { trace: `t${n}-${i}`, id: '01', from, to: from + 9 });
        }),
      );
  await ledger.record(tasks((n) => n !== 13));
  // Answers 5 to everything, and to how much it measured: what memory has of the hours is more.
  const snapshot = async () =>
    (await collectDay(sources({ ledger, memory: memory(usual) }), date, 'final')).rows.snapshots?.[0];
  expect(await snapshot()).toMatchObject({
    ledger: 'part',
    tasks: { started: 23 * 25 },
    gaps: expect.arrayContaining([
      'The ledger has 0 tasks of 1 hour (13 UTC) in which Prometheus counted 25: what the ledger tells is a part.',
    ]),
  });
  await ledger.record(tasks((n) => n === 13));
  const whole = await snapshot();
  expect(whole?.ledger).toBe('known');
  expect(whole?.gaps.join()).not.toContain('The ledger');
});

const counted = (metric: string) => [metric, [{ labels: {}, value: 25 }]] as const;

/** Seconds of the tests' clock until a time of the day. */
const since = (time: string) => (Date.parse(time) - zero) / 1000;

test('M01 a day of the ledger knows the model of work that went on after midnight, and the agent of a decision that began before', async () => {
  const ledger = new MemoryLedger();
  const [before, morning] = [since('2026-11-25T22:00Z'), since('2026-11-26T08:00Z')];
  const [late, after] = [since('2026-11-26T23:58Z'), since('2026-11-27T00:10Z')];
  await ledger.record([
    workflow('long', { trace: 't1', id: '01', from: before, to: morning + 60 }),
    agent('planner', { trace: 't1', id: '02', parent: '01', from: before, to: morning + 30 }),
    span({
      ...{ trace: 't1', id: '03', parent: '02', name: 'agent.decide', from: morning, to: morning },
      attributes: { 'agent.decision.name': 'split', 'agent.decision.final_choice': 'two' },
    }),
    agent('writer', { trace: 't2', id: '01', from: late, to: after + 60 }),
    chat({ trace: 't2', id: '02', parent: '01', from: after, to: after + 5, usd: 1 }),
    agent('next', { trace: 't3', id: '01', from: after, to: after + 9 }),
  ]);
  const { part, decisions } = await readLedgerDay(ledger, daySpan(date, 'final'));
  // Of the day are what began in it, and nothing else.
  expect(part.agents.map(({ agent_name }) => agent_name)).toEqual(['writer']);
  expect(part.work).toMatchObject([{ agent_name: 'writer', model: 'm-1', went_well: ['t2/01'] }]);
  expect(part.models).toEqual([]);
  expect(decisions).toMatchObject([
    { name: 'split', agent_name: 'planner', session_id: 'long', outcome: 'success', choice: 'two' },
  ]);
  // At 23:00 nobody knew of the evening.
  const open = await readLedgerDay(ledger, daySpan(date, 'open'));
  expect(open.part.tasks.started).toBe(0);
  expect(open.decisions).toHaveLength(1);
});

test('M01 more rows than are in memory at once are all counted, once', async () => {
  const ledger = new MemoryLedger();
  const facts = Array.from({ length: 1203 }, (_, i) =>
    agent('code', {
      trace: `t${i}`,
      id: '01',
      from: since('2026-11-26T10:00Z') + (i % 7),
      to: since('2026-11-26T11:00Z'),
    }),
  );
  await ledger.record(facts);
  expect((await readLedgerDay(ledger, daySpan(date, 'final'))).part.tasks).toMatchObject({
    ...{ started: 1203, completed: 1203 },
  });
});
