/** A day of samples is put into a real Prometheus, and the rules of today are asked what they would have told. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { getText, until } from '../../doctor/ask.ts';
import { repository } from './command-line.ts';
import { freePort } from './free-port.ts';
import { instant } from './prometheus-api.ts';
import { programs } from './stack.ts';

const folder = mkdtempSync(join(tmpdir(), 'fleetscope-rule-history-'));
const step = 15;
/** A whole minute, so that the times below are those of evaluations. */
const end = Math.floor(Date.now() / 60_000) * 60 - 3600;
const start = end - 24 * 3600;
const minute = (at: number) => start + at * 60;
let prometheus: string;
let stop: (() => Promise<unknown>) | undefined;

/** Tasks of two agents: one a second, of which the share that failed is 1 %, in the first fault 20 %. */
const fault = { from: 600, to: 630 };
const blip = { from: 900, to: 902 };

beforeAll(async () => {
  const binary = (await programs()).prometheus?.program as string;
  const data = join(folder, 'data');
  writeFileSync(join(folder, 'day.txt'), day());
  await execa(join(dirname(binary), 'promtool'), [
    'tsdb',
    'create-blocks-from',
    'openmetrics',
    join(folder, 'day.txt'),
    data,
  ]);
  writeFileSync(join(folder, 'prometheus.yml'), 'global: {}\n');
  mkdirSync(join(folder, 'rules'));
  writeFileSync(join(folder, 'rules', 'tasks.yml'), rules);
  const port = await freePort();
  prometheus = `http://127.0.0.1:${port}`;
  const running = execa(
    binary,
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${data}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { reject: false },
  );
  stop = () => {
    running.kill();
    return running;
  };
  const ready = () => getText(`${prometheus}/-/ready`).then(() => true);
  expect(await until(ready, { timeoutMs: 30_000, everyMs: 100 })).toEqual({ found: true });
});
afterAll(async () => {
  await stop?.();
  rmSync(folder, { recursive: true });
});

/** OpenMetrics: counters, a sample every 15 s; of each metric all samples stand together. */
function day(): string {
  const lines = { started: ['# TYPE started counter'], failed: ['# TYPE failed counter'] };
  const within = (time: number, { from, to }: typeof fault) => time > minute(from) && time <= minute(to);
  for (const agent of ['code', 'qa']) {
    let failed = 0;
    for (let time = start; time <= end; time += step) {
      const bad = agent === 'qa' && (within(time, fault) || within(time, blip));
      failed += step * (bad ? 0.2 : 0.01);
      lines.started.push(`started_total{agent="${agent}"} ${time - start} ${time}`);
      lines.failed.push(`failed_total{agent="${agent}"} ${failed} ${time}`);
    }
  }
  return [...lines.started, ...lines.failed, '# EOF', ''].join('\n');
}

const rules = `groups:
  - name: tasks
    rules:
      - record: agent:failures:ratio_rate1m
        expr: sum by (agent) (rate(failed_total[1m])) / sum by (agent) (rate(started_total[1m]))
      - record: agent:failures:ratio_max5m
        expr: max_over_time(agent:failures:ratio_rate1m[5m])
      - alert: TasksFail
        expr: agent:failures:ratio_rate1m > 0.1
        for: 5m
        keep_firing_for: 10m
        labels: { severity: warning }
      - alert: TasksFailBriefly
        expr: agent:failures:ratio_max5m{agent=~"q.*"} > 0.1
        for: 30s
        labels: { severity: info }
      - alert: TasksFailElsewhere
        expr: agent:failures:ratio_max5m{agent!="qa"} > 0.1
        labels: { severity: info }
      - alert: Always
        expr: vector(1)
        labels: { severity: none }
`;

interface Told {
  findings: string[];
  from: string;
  alerts: {
    name: string;
    noisy: boolean;
    incidents: { activeAt: string; firedAt: string; resolvedAt?: string; series: object[]; faults: object[] }[];
  }[];
  faults: { kind: string; caughtBy: { alert: string; afterSeconds: number }[] }[];
}

async function history(...args: string[]) {
  const { exitCode, stdout, stderr } = await execa(
    process.execPath,
    [
      join(repository, 'scripts', 'rules.ts'),
      ...['--prometheus', prometheus, '--rules', join(folder, 'rules'), '--until', new Date(end * 1000).toISOString()],
      ...args,
    ],
    // Its own home: a record of faults in this checkout is none of this test.
    { reject: false, env: { FLEETSCOPE_HOME: folder } },
  );
  return { exitCode, stdout, stderr };
}

function faults(...windows: { kind: string; from: number; to: number }[]): string {
  const path = join(folder, 'faults.jsonl');
  const iso = (at: number) => new Date(minute(at) * 1000).toISOString();
  writeFileSync(
    path,
    windows.map(({ kind, from, to }) => `${JSON.stringify({ kind, from: iso(from), to: iso(to) })}\n`).join(''),
  );
  return path;
}

/** Minutes and seconds from the start. */
function from(time: string): number {
  return Date.parse(time) / 1000 - start;
}

test('B08 rules that were never loaded tell what they would have told, to the evaluation', async () => {
  expect(await instant(prometheus, 'count({__name__=~"agent:.+"})')).toEqual([]);
  const file = faults({ kind: 'error-spike', ...fault }, { kind: 'blip', ...blip });
  const { exitCode, stdout, stderr } = await history('--history', '1d', '--faults', file, '--json');
  expect(exitCode, stderr).toBe(0);
  const { alerts, ...told } = JSON.parse(stdout) as Told;
  const incidents = Object.fromEntries(alerts.map((alert) => [alert.name, alert.incidents]));

  // rate(…[1m]) is above 10 % with two bad stretches of its three: from 30 s after the beginning to before 30 s after the end.
  const [first, ...others] = incidents.TasksFail as Told['alerts'][0]['incidents'];
  expect(others).toEqual([]);
  expect(first?.series).toEqual([{ agent: 'qa' }]);
  expect(from(first?.activeAt as string)).toBe(600 * 60 + 30);
  expect(from(first?.firedAt as string)).toBe(605 * 60 + 30);
  expect(from(first?.resolvedAt as string)).toBe(630 * 60 + 30 + 10 * 60);
  // The maximum of 5 minutes remembers what lasted 2.
  expect(incidents.TasksFailBriefly?.map(({ firedAt }) => from(firedAt))).toEqual([601 * 60, 901 * 60]);
  expect(incidents.TasksFailElsewhere).toEqual([]);
  expect(incidents.Always).toMatchObject([{ series: [{}] }]);
  expect(told.faults).toMatchObject([
    {
      kind: 'error-spike',
      caughtBy: [
        { alert: 'TasksFailBriefly', afterSeconds: 60 },
        { alert: 'TasksFail', afterSeconds: 330 },
      ],
    },
    { kind: 'blip', caughtBy: [{ alert: 'TasksFailBriefly' }] },
  ]);
  expect(told.findings).toEqual([]);
});

test('B08 an alert that fires without a fault too often is a finding, and so is a fault that nobody told of', async () => {
  const file = faults({ kind: 'silent-agent', from: 100, to: 110 });
  const { exitCode, stdout } = await history('--history', '1d', '--faults', file);
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(/TasksFailBriefly \(info\) is noisy: 2 times without a fault/);
  expect(stdout).toMatch(/No alert told of silent-agent at/);
  expect(stdout).not.toMatch(/TasksFail \(warning\) is noisy|Always \(none\) is noisy/);
  expect(stdout).toMatch(/^TasksFail +warning +1 +0 +1 +/m);
  expect(await history('--history', '1d', '--at-most', '2')).toMatchObject({ exitCode: 0 });
});

test('B08 of thirty days only the day that there is counts', async () => {
  const { stdout } = await history('--history', '30d', '--alert', 'TasksFail', '--json');
  const { from: begun, alerts } = JSON.parse(stdout) as Told;
  expect(from(begun)).toBe(0);
  expect(alerts).toMatchObject([{ name: 'TasksFail', incidents: [{}] }]);
});

test('B08 an expression that Prometheus refuses, a server that is away, a question that is wrong', async () => {
  const broken = join(folder, 'broken.yml');
  writeFileSync(broken, 'groups: [{ name: g, rules: [{ alert: Two, expr: "started_total / on () failed_total" }] }]\n');
  const refused = await history('--history', '1d', '--rules', broken);
  expect(refused).toMatchObject({ exitCode: 1, stdout: expect.stringMatching(/Cannot judge Two: .*duplicate series/) });
  const away = await history('--history', '1d', '--prometheus', 'http://127.0.0.1:1');
  expect(away).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('Start the stack with "npm run up"') });
  expect(await history('--history', 'yesterday')).toMatchObject({ exitCode: 2 });
  expect(await history()).toMatchObject({ exitCode: 2 });
});
