/** A day with a gap, an idle hour, a restart and late samples is put into a real Prometheus, and a real ledger beside it: what is remembered of it? */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { getText, until } from '../../doctor/ask.ts';
import { collectDay, collectHour, type Sources } from '../../monitor/memory/collect/collect.ts';
import { hoursOf } from '../../monitor/memory/collect/day.ts';
import { historyText } from '../../monitor/memory/collect/history-file.ts';
import { readPrometheus } from '../../monitor/memory/collect/prometheus.ts';
import { daySpan } from '../../monitor/memory/collect/read-ledger.ts';
import { snapshotText } from '../../monitor/memory/collect/snapshot.ts';
import { spans } from '../../monitor/memory/collect/span.ts';
import { beginOf } from '../../monitor/memory/periods.ts';
import type { MetricHour } from '../../monitor/memory/record.ts';
import type { MemoryStore } from '../../monitor/memory/store/memory-store.ts';
import { openMemory } from '../../monitor/memory/store/open.ts';
import { openLedger } from '../../monitor/store/open.ts';
import type { Ledger } from '../../monitor/store/store.ts';
import { agent, chat, span, wholeRun, workflow, zero } from '../../monitor/testing/some-facts.ts';
import { freePort } from './free-port.ts';
import { programs } from './stack.ts';

const date = '2026-02-15';
const begin = beginOf(date) / 1000;
const [minute, hour] = [60, 3600];
const folder = mkdtempSync(join(tmpdir(), 'fleetscope-memory-collect-'));
let url: string;
let ledger: Ledger;
let memory: MemoryStore;
let stop: (() => Promise<unknown>) | undefined;
const sources = (): Sources => ({
  ...{ prometheus: { url }, ledger, memory, escalation: 'There is no escalation service here.' },
});

beforeAll(async () => {
  const prometheus = (await programs()).prometheus?.program as string;
  const promtool = join(dirname(prometheus), 'promtool');
  // What comes late is a block of its own, over the same time.
  for (const [name, text] of Object.entries({ day: onTime(), late: late() })) {
    writeFileSync(join(folder, `${name}.txt`), text);
    const blocks = ['tsdb', 'create-blocks-from', 'openmetrics', join(folder, `${name}.txt`), join(folder, 'data')];
    await execa(promtool, blocks);
  }
  writeFileSync(join(folder, 'prometheus.yml'), 'global: {}\n');
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  const running = execa(
    prometheus,
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      '--storage.tsdb.retention.time=10y',
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { reject: false },
  );
  stop = () => {
    running.kill();
    return running;
  };
  const ready = () => getText(`${url}/-/ready`).then(() => true);
  expect(await until(ready, { timeoutMs: 30_000, everyMs: 100 })).toEqual({ found: true });
  ledger = await openLedger(join(folder, 'ledger.db'));
  await ledger.record(facts());
  memory = await openMemory(join(folder, 'memory.db'));
  for (const one of hoursOf(daySpan(date, 'final'))) await memory.keep(await collectHour(sources(), one));
});
afterAll(async () => {
  await Promise.all([stop?.(), ledger?.close(), memory?.close()]);
  rmSync(folder, { recursive: true });
});

/** Nobody was there from 3 to 6; from 20 to 21 Prometheus was not, and what agents had sent came late. */
const isLost = (at: number) => at > 3 * hour && at <= 6 * hour;
const isDown = (at: number) => isLost(at) || (at > 20 * hour && at <= 21 * hour);
/** No agent works from 9 to 10. */
const isIdle = (at: number) => at > 9 * hour && at <= 10 * hour;
const isLate = (at: number) => at > 20 * hour && at <= 21 * hour;
const [restart, birth] = [12 * hour + 30 * minute, 14 * hour + 20 * minute];

/** Every minute, as agents push. */
function pushes(): number[] {
  return Array.from({ length: 1440 }, (_, i) => (i + 1) * minute).filter((at) => !isLost(at) && !isIdle(at));
}

/** Tasks of `code`, one a minute while it works; the counter begins anew at the restart. */
function tasksAt(at: number): number {
  const worked = (until: number) => Math.min(until, 9 * hour) + Math.max(0, until - 10 * hour);
  return (at < restart ? worked(at) : at - restart + minute) / minute;
}

function samples(when: readonly number[], series: string, valueAt: (at: number) => number): string[] {
  return when.map((at) => `${series} ${valueAt(at)} ${begin + at}`);
}

function fleet(when: readonly number[]): string[] {
  const code = 'agent_name="code",service_name="fleet",job="fleet"';
  const qa = 'agent_name="qa",service_name="fleet",job="fleet"';
  const qaPushes = when.filter((at) => at >= birth);
  const model = 'gen_ai_request_model="claude-sonnet-5"';
  const buckets = { 1: 0.5, 5: 0.9, 10: 1, '+Inf': 1 };
  return [
    '# TYPE agent_tasks_started counter',
    ...samples(when, `agent_tasks_started_total{${code}}`, tasksAt),
    '# TYPE agent_tasks_completed counter',
    ...samples(when, `agent_tasks_completed_total{${code}}`, (at) => tasksAt(at) * 0.75),
    // Born with seven.
    ...samples(qaPushes, `agent_tasks_completed_total{${qa}}`, (at) => 7 + (2 * (at - birth)) / minute),
    '# TYPE agent_tasks_failed counter',
    ...samples(when, `agent_tasks_failed_total{${code}}`, (at) => tasksAt(at) * 0.25),
    '# TYPE agent_cost_usd counter',
    ...samples(when, `agent_cost_usd_total{${code},${model}}`, (at) => tasksAt(at) * 0.01),
    ...samples(when, `agent_cost_usd_total{${code},gen_ai_tool_name="search"}`, (at) => tasksAt(at) * 0.002),
    '# TYPE llm_errors counter',
    // There, and never moved.
    ...samples(when, `llm_errors_total{${model},service_name="fleet"}`, () => 4),
    '# TYPE agent_task_duration_seconds histogram',
    ...Object.entries(buckets).flatMap(([le, share]) =>
      samples(
        when,
        `agent_task_duration_seconds_bucket{${code},outcome="success",le="${le}"}`,
        (at) => tasksAt(at) * share,
      ),
    ),
    ...samples(when, `agent_task_duration_seconds_count{${code},outcome="success"}`, tasksAt),
    ...samples(when, `agent_task_duration_seconds_sum{${code},outcome="success"}`, tasksAt),
    '# TYPE agent_last_heartbeat_timestamp_seconds gauge',
    ...samples(when, `agent_last_heartbeat_timestamp_seconds{${code}}`, (at) => begin + at),
    ...samples(qaPushes, `agent_last_heartbeat_timestamp_seconds{${qa}}`, () => begin + birth),
    '# TYPE pending_approvals_count gauge',
    ...samples(when, 'pending_approvals_count{approval_kind="deploy"}', (at) => (at === 2 * hour + 7 * minute ? 3 : 1)),
  ];
}

function onTime(): string {
  const scrapes = Array.from({ length: 5760 }, (_, i) => (i + 1) * 15).filter((at) => !isDown(at));
  return [
    '# TYPE up gauge',
    ...samples(scrapes, 'up{job="prometheus",instance="p:9090"}', () => 1),
    ...fleet(pushes().filter((at) => !isLate(at))),
    '# TYPE ALERTS gauge',
    ...samples(scrapes, 'ALERTS{alertname="Watchdog",alertstate="firing",severity="none"}', () => 1),
    ...samples(
      scrapes.filter((at) => at > 11 * hour && at < 11 * hour + 10 * minute),
      'ALERTS{alertname="AgentErrorRateHigh",alertstate="firing",severity="critical",agent_name="code"}',
      () => 1,
    ),
    ...['# EOF', ''],
  ].join('\n');
}

function late(): string {
  return [...fleet(pushes().filter(isLate)), '# EOF', ''].join('\n');
}

/** Seconds from the day's begin, as facts count them. */
const since = (seconds: number) => begin - zero / 1000 + seconds;

function facts() {
  const [run, evening] = [since(10 * hour), since(23 * hour + 50 * minute)];
  return [
    ...wholeRun('run-1', 't1', run),
    workflow('run-2', { trace: 't2', id: '01', from: since(11 * hour), to: since(11 * hour + 60), error: true }),
    agent('code', {
      ...{ trace: 't2', id: '02', parent: '01', from: since(11 * hour), to: since(11 * hour + 40) },
      ...{ error: true, message: 'no answer' },
    }),
    // Begun on the day before, it decides on this one, and ends after this one is closed.
    workflow('long', { trace: 't3', id: '01', from: since(-hour), to: since(31 * hour) }),
    agent('planner', { trace: 't3', id: '02', parent: '01', from: since(-hour), to: since(31 * hour) }),
    span({
      ...{ trace: 't3', id: '03', parent: '02', name: 'agent.decide', from: since(hour), to: since(hour) },
      attributes: { 'agent.decision.name': 'split', 'agent.decision.final_choice': 'two' },
    }),
    // Begun on this day, it calls its model on the next.
    workflow('evening', { trace: 't4', id: '01', from: evening, to: since(24 * hour + 1200) }),
    agent('writer', { trace: 't4', id: '02', parent: '01', from: evening, to: since(24 * hour + 900) }),
    chat({ trace: 't4', id: '03', parent: '02', from: since(24 * hour + 60), to: since(24 * hour + 62), usd: 0.5 }),
    // Of no run.
    agent('stray', { trace: 't5', id: '01', from: since(12 * hour), to: since(12 * hour + 5) }),
    // Of the next day.
    ...wholeRun('tomorrow', 't6', since(25 * hour)),
  ];
}

/** The rows of a metric, by hour of the day. */
async function byHour(metric: string, labels: object = {}): Promise<(number | string | null)[]> {
  const rows = await memory.hours({ from: date, to: date }, metric);
  return hoursOf(daySpan(date, 'final')).map((one) => {
    const row = rows.find((each) => each.hour === one && JSON.stringify(each.labels) === JSON.stringify(labels));
    return row ? (row.gap ?? row.value) : 'no row';
  });
}

test('M03 tasks of an hour are exact over a gap, an idle hour, a restart and what came late', async () => {
  const hours: (number | string)[] = Array(24).fill(60);
  // The first minute after the gap cannot be told from what happened inside it.
  hours.splice(3, 4, 'prometheus', 'prometheus', 'prometheus', 59);
  // The first push ever: from then on growth is known, and it is not known whether it began with one.
  hours[0] = 59;
  hours[9] = 'nothing sent';
  expect(await byHour('tasks_started')).toEqual(hours);
  expect(await byHour('tasks_started', { agent_name: 'code' })).toEqual(
    hours.map((one) => (typeof one === 'string' ? 'no row' : one)),
  );
  const ofQa = await byHour('tasks_completed', { agent_name: 'qa' });
  expect(ofQa.slice(13, 16)).toEqual(['no row', 7 + 80, 120]);
});

test('M03 zero is what was there and did not move; what nobody ever sent is a gap', async () => {
  const errors = await byHour('model_errors');
  expect([errors[2], errors[4], errors[9]]).toEqual([0, 'prometheus', 'nothing sent']);
  expect((await byHour('queue_depth'))[2]).toBe('nothing sent');
  expect((await byHour('alerts_firing')).slice(10, 13)).toEqual([0, 1, 0]);
  expect((await byHour('alerts_firing', { alertname: 'AgentErrorRateHigh' })).slice(10, 13)).toEqual([
    'no row',
    1,
    'no row',
  ]);
});

test('M03 each row says how much of its hour was measured', async () => {
  const rows = await memory.hours({ from: date, to: date }, 'tasks_started');
  const coverage = new Map(rows.map((row) => [row.hour.slice(11), row.coverage]));
  expect(['02', '03', '05', '06', '20'].map((one) => coverage.get(one))).toEqual([1, 0, 0, 1, 0]);
  // Delivered late, it is there, though Prometheus was not.
  expect((await byHour('tasks_started'))[20]).toBe(60);
});

test('M03 money, rates, percentiles and the most at once', async () => {
  const at = async (metric: string, labels?: object) => (await byHour(metric, labels))[2];
  expect(await at('cost')).toBeCloseTo(0.72, 9);
  expect(await at('cost', { gen_ai_request_model: 'claude-sonnet-5' })).toBeCloseTo(0.6, 9);
  expect(await at('error_rate')).toBeCloseTo(0.25, 9);
  // Half way between 5 and 10 seconds.
  expect(await at('task_p95')).toBeCloseTo(7.5, 6);
  expect(await at('approvals_pending')).toBe(3);
  // The last sample before the gap is no value in it.
  expect((await byHour('approvals_pending')).slice(2, 5)).toEqual([3, 'prometheus', 'prometheus']);
  expect((await byHour('agents_active')).slice(13, 16)).toEqual([1, 2, 1]);
});

test('M01 a day joins what Prometheus and the ledger know, as it was when it was closed', async () => {
  const batch = await collectDay(sources(), date, 'final');
  await memory.keep(batch);
  const snapshot = await memory.snapshot(date);
  expect(snapshot).toMatchObject({
    ...{ date, state: 'final', through: '2026-02-16T06:00:00.000Z', hours_measured: 20, ledger: 'part' },
    tasks: { started: 5, completed: 4, failed: 1, in_progress: 0 },
    runs: { started: 3, completed: 2, failed: 1, in_progress: 0 },
    gaps: [
      'Prometheus did not measure 4 of 24 hours: 03–05, 20 UTC.',
      'No agent sent metrics in 1 hour: 09 UTC.',
      // After a gap, and at the beginning, what is heard may be of before.
      'The ledger has 3 tasks of 17 hours (01–02, 07–08, 11–23 UTC) in which Prometheus counted 1020: what the ledger tells is a part.',
      '1 model call has no price: the cost is that of the others.',
      'There is no escalation service here.',
    ],
    incidents: { raised: null, alerts: [] },
  });
  // The call was on the next day, the work on this one.
  const work = snapshot?.work.map(({ agent_name, model, went_well }) => [agent_name, model, went_well]);
  expect(work).toContainEqual(['writer', 'm-1', ['evening']]);
  // Of no run, by its own name.
  expect(work).toContainEqual(['stray', null, ['t5/01']]);
  const decisions = await memory.decisions({ from: date, to: date });
  expect(decisions.map(({ name, agent_name, session_id, outcome }) => [name, agent_name, session_id, outcome])).toEqual(
    [
      ['split', 'planner', 'long', 'unknown'],
      ['merge', 'code', 'run-1', 'success'],
    ],
  );
  const [tasks] = await memory.days({ from: date, to: date }, 'tasks_started');
  // 20 hours of 60, of which two lack a minute, and nothing of the four that are gaps.
  expect(tasks).toMatchObject({ labels: {}, value: 20 * 60 - 2, gap: null });
  expect(tasks?.coverage).toBeCloseTo(20 / 24, 3);
  const [active] = await memory.days({ from: date, to: date }, 'agents_active');
  expect(active?.value).toBe(2);
});

test('M01 M03 made again, rows and files are the same to the byte', async () => {
  const again = await collectDay(sources(), date, 'final');
  expect(JSON.stringify(again)).toBe(JSON.stringify(await collectDay(sources(), date, 'final')));
  const [snapshot] = again.rows.snapshots ?? [];
  expect(snapshot && snapshotText(snapshot)).toBe(snapshotText((await memory.snapshot(date)) as never));
  const one = `${date}T12`;
  const rows = (await collectHour(sources(), one)).rows.metrics_hourly as MetricHour[];
  expect(rows).toEqual(await memory.hours({ from: one, to: one }));
  const history = historyText(`${date}T05`, await memory.hours({ from: date, to: date }));
  expect(JSON.parse(history)).toMatchObject({ from: `${date}T00:00:00.000Z`, to: `${date}T06:00:00.000Z` });
  expect(history).toContain(
    '{"metric":"tasks_started","unit":"{task}","labels":{},"values":[59,60,60,null,null,null],"gaps":["prometheus"]}',
  );
});

test('M01 the day so far knows nothing of its last hour', async () => {
  const { rows } = await collectDay(sources(), date, 'open');
  const [snapshot] = rows.snapshots ?? [];
  expect(snapshot).toMatchObject({ state: 'open', through: `${date}T23:00:00.000Z`, tasks: { started: 4 } });
});

test('M03 a Prometheus that does not answer, or has only a part, is an error, and no row', async () => {
  const at = beginOf(`${date}T05`);
  const nobody = await freePort();
  await expect(readPrometheus({ url: `http://127.0.0.1:${nobody}` }, at, spans['1h'])).rejects.toThrow(
    /^Cannot read its own scrapes from Prometheus at http.*ECONNREFUSED/,
  );
  const server = createServer((_, answer) => {
    answer.end('{"status":"success","warnings":["no store matched"],"data":{"resultType":"vector","result":[]}}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await expect(readPrometheus({ url: `http://127.0.0.1:${port}` }, at, spans['1h'])).rejects.toThrow('only a part');
  server.close();
});
