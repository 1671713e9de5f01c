/** The hooks of the default policy, let loose on a fleet that is really there. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FleetControl, fleetControl } from '../../../instrumentation/src/fleet/control.ts';
import { type ControlServer, controlServer } from '../../../instrumentation/src/fleet/control-server.ts';
import type { HookRun, Incident, SeenAlert } from '../incident/incident.ts';
import { readSecret } from '../secret.ts';
import { defaultHooks } from './default-hooks.ts';
import { type HookConfig, hookConfig } from './hook-config.ts';
import { hookRunsOf } from './hook-runs.ts';
import { runHook } from './run-hook.ts';

const at = Date.UTC(2026, 10, 26, 9);
const token = 'the token of a test fleet';
let folder: string;
let control: FleetControl;
let server: ControlServer;
let hooks: Record<string, HookConfig>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fleetscope-control-'));
  control = fleetControl({ capacity: 250 });
  server = await controlServer(control, { token });
  // As the demo fleet writes them.
  writeFileSync(join(folder, 'url'), `${server.url}\n`);
  writeFileSync(join(folder, 'token'), `${token}\n`);
  const given = defaultHooks({ url: { file: join(folder, 'url') }, token: { file: join(folder, 'token') } });
  hooks = Object.fromEntries(
    Object.entries(given).map(([name, hook]) => [
      name,
      v.parse(hookConfig, { ...hook, dryRun: false, approval: false }),
    ]),
  );
});
afterAll(async () => {
  await server.close();
  control.close();
  rmSync(folder, { recursive: true });
});

function incident(labels: Record<string, string>, given: Partial<Incident> = {}): Incident {
  const alert: SeenAlert = {
    ...{ fingerprint: 'f', status: 'firing', labels, annotations: {}, startsAt: at, lastSeenAt: at, times: 1 },
  };
  return {
    ...{
      id: '20261026-090000-abcd',
      version: 1,
      key: 'k',
      title: 'It "fails"; badly',
      team: 'fleet',
      severity: 'critical',
    },
    ...{ state: 'open', alerts: [alert], openedAt: at, changedAt: at, ladder: { startedAt: at, taken: 0 } },
    ...{ reopenedAt: [], deliveries: [], hookRuns: [], notes: [], journal: [], dueAt: null },
    ...given,
  };
}

/** Runs those of an incident that steer the fleet. */
async function runAll(runs: readonly HookRun[]): Promise<HookRun[]> {
  const ended: HookRun[] = [];
  for (const run of runs) {
    const hook = hooks[run.hook] as HookConfig;
    if (run.state !== 'waiting' || hook.lock !== 'fleet-control') {
      ended.push(run);
      continue;
    }
    const { ok, result } = await runHook(hook, run, { secret: readSecret, env: {} }, new AbortController().signal);
    expect(ok, result).toBe(true);
    ended.push({ ...run, state: 'done', endedAt: at, result });
  }
  return ended;
}

const standing = () =>
  control
    .orders()
    .map(({ action, name, value }) => [action, name, value].filter((part) => part !== undefined).join(' '));

test.each([
  ['pauses the fleet', { alertname: 'FleetErrorRateHigh', severity: 'critical' }, ['pause true']],
  ['throttles it', { alertname: 'ApiRateLimitNear', severity: 'high' }, ['throttle 30']],
  [
    'keeps it away from a tool',
    { alertname: 'ToolFailuresHigh', severity: 'info', gen_ai_tool_name: 'search_docs' },
    ['circuit-breaker search_docs open'],
  ],
  ['has another model stand in', { alertname: 'FleetTasksSlow', team: 'fleet' }, ['fallback model gpt-4.1-mini']],
  ['gives it room', { alertname: 'QueueBacklogHigh', severity: 'critical' }, ['capacity 400']],
  ['asks less of its gates', { alertname: 'GateFailuresHigh', severity: 'high' }, ['fallback gates required-only']],
])(
  'X04 the default policy really %s, and takes it back when the incident is resolved',
  async (words, labels, expected) => {
    // The fleet knows a remedy by its key, and obeys it once.
    const id = words.replaceAll(' ', '-');
    const open = await runAll(hookRunsOf(hooks, incident(labels, { id }), at));
    expect(standing()).toEqual(expected);
    expect(control.orders()[0]).toMatchObject({ by: `incident ${id}`, reason: 'It "fails"; badly' });
    await runAll(hookRunsOf(hooks, incident(labels, { id, state: 'resolved', hookRuns: open }), at + 1));
    expect(standing()).toEqual([]);
  },
);

test('X04 without a fleet that says where it is, a hook fails and names the file', async () => {
  const missing = v.parse(hookConfig, {
    ...defaultHooks({ url: { file: '/nowhere/url' }, token: { file: '/nowhere/token' } })['resume-fleet'],
    ...{ dryRun: false, with: {}, body: {} },
  });
  const run: HookRun = {
    ...{ key: 'i/hook/1', hook: 'resume-fleet', parameters: {}, state: 'running', dryRun: false },
    ...{ createdAt: at, attemptAt: at },
  };
  const { ok, result } = await runHook(missing, run, { secret: readSecret, env: {} }, new AbortController().signal);
  expect(ok).toBe(false);
  expect(result).toMatch(/\/nowhere\/url/);
});
