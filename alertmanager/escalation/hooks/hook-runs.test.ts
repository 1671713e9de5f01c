import * as v from 'valibot';
import { expect, test } from 'vitest';
import type { HookRun, Incident, SeenAlert } from '../incident/incident.ts';
import { type HookConfig, type HookInput, hookConfig } from './hook-config.ts';
import { fits, hookRunsOf } from './hook-runs.ts';

const at = Date.UTC(2026, 10, 26, 9);

function hooksOf(given: Record<string, Partial<HookInput>>): Record<string, HookConfig> {
  const base = { kind: 'command', program: '/usr/bin/true', dryRun: false };
  return Object.fromEntries(
    Object.entries(given).map(([name, hook]) => [name, v.parse(hookConfig, { ...base, ...hook })]),
  );
}

function alert(labels: Record<string, string>, status: SeenAlert['status'] = 'firing'): SeenAlert {
  const fingerprint = JSON.stringify(labels);
  return { fingerprint, status, labels, annotations: {}, startsAt: at, lastSeenAt: at, times: 1 };
}

function incident(given: Partial<Incident>): Incident {
  return {
    ...{ id: '20261026-090000-abcd', version: 1, key: 'k', title: 'Tools fail', team: 'fleet', severity: 'critical' },
    ...{ state: 'open', alerts: [], openedAt: at, changedAt: at, ladder: { startedAt: at, taken: 0 }, reopenedAt: [] },
    ...{ deliveries: [], hookRuns: [], notes: [], journal: [], dueAt: null },
    ...given,
  };
}

const brief = (runs: readonly HookRun[]) => runs.map(({ hook, state, parameters }) => ({ hook, state, ...parameters }));

const circuit = hooksOf({
  break: {
    on: { alertname: ['ToolFailuresHigh'], labels: { severity: 'critical' } },
    with: { tool: '[a-z_]+', 'incident.team': '.+' },
    arguments: ['{tool}'],
    onResolve: 'mend',
  },
  mend: { with: { tool: '[a-z_]+' }, arguments: ['{tool}'] },
});
const failing = (tool: string) => alert({ alertname: 'ToolFailuresHigh', severity: 'critical', tool });

test('X04 an alert starts the hooks that are on it, once for each value that they are given', () => {
  const open = incident({
    alerts: [failing('search'), failing('search'), failing('write'), alert({ alertname: 'Other' })],
  });
  const runs = hookRunsOf(circuit, open, at);
  expect(brief(runs)).toEqual([
    { hook: 'break', state: 'waiting', tool: 'search', 'incident.team': 'fleet' },
    { hook: 'break', state: 'waiting', tool: 'write', 'incident.team': 'fleet' },
  ]);
  expect(runs.map(({ key }) => key)).toEqual(['20261026-090000-abcd/hook/1', '20261026-090000-abcd/hook/2']);
  const again = { ...open, hookRuns: runs };
  expect(hookRunsOf(circuit, again, at + 1)).toBe(runs);
});

test('X04 another severity, another alert, or one that is over starts nothing', () => {
  const alerts = [
    alert({ alertname: 'ToolFailuresHigh', severity: 'info', tool: 'search' }),
    alert({ alertname: 'ToolFailuresLow', severity: 'critical', tool: 'search' }),
    alert({ alertname: 'ToolFailuresHigh', severity: 'critical', tool: 'search' }, 'resolved'),
  ];
  expect(hookRunsOf(circuit, incident({ alerts }), at)).toEqual([]);
});

test('X04 a hook on a class of trouble starts on each of its alerts', () => {
  const hooks = hooksOf({ calm: { on: { remedy: 'high_error_rate' } } });
  const started = (alertname: string) => hookRunsOf(hooks, incident({ alerts: [alert({ alertname })] }), at).length;
  expect([started('FleetErrorRateHigh'), started('ApiErrorRateHigh'), started('FleetTasksSlow')]).toEqual([1, 1, 0]);
});

test.each([
  ['one that ends the argument', 'search; rm -rf /'],
  ['a line break', 'search\nrm'],
  ['a way out', '../../etc/passwd'],
  ['nothing', ''],
  ['what only begins as it should', 'search!'],
])('X04 a label with %s is refused, and the incident says so', (_, tool) => {
  const [run] = hookRunsOf(circuit, incident({ alerts: [failing(tool)] }), at);
  expect(run).toMatchObject({ state: 'refused', result: 'Not done: "tool" is not of the form [a-z_]+.', endedAt: at });
});

test('X04 a label that the alert has not is named', () => {
  const alerts = [alert({ alertname: 'ToolFailuresHigh', severity: 'critical' })];
  expect(hookRunsOf(circuit, incident({ alerts }), at)[0]?.result).toBe('Not done: the alert has no label "tool".');
});

test('X04 no pattern lets a line break or a control character through', () => {
  expect(fits('a b', '.*')).toBe(true);
  for (const value of ['a\nb', 'a\0', '\r', '\x1b[2J', 'x'.repeat(1001)]) expect(fits(value, '[\\s\\S]*')).toBe(false);
  // The whole of it, also with an alternative.
  expect(fits('ab', 'a|b')).toBe(false);
});

test('X04 a hook that needs approval is proposed; saying what it would do needs none', () => {
  const on = { alertname: ['A'] };
  const hooks = hooksOf({ real: { on, approval: true }, dry: { on, approval: true, dryRun: true } });
  expect(brief(hookRunsOf(hooks, incident({ alerts: [alert({ alertname: 'A' })] }), at))).toEqual([
    { hook: 'real', state: 'proposed' },
    { hook: 'dry', state: 'waiting' },
  ]);
});

test('X04 resolved: what was done is undone, with the same values; what was not begun is dropped', () => {
  const alerts = [failing('search'), failing('write'), failing('read')];
  const [done, waiting, failed] = hookRunsOf(circuit, incident({ alerts }), at) as [HookRun, HookRun, HookRun];
  const hookRuns: HookRun[] = [
    { ...done, state: 'done', endedAt: at + 1 },
    waiting,
    { ...failed, state: 'failed', endedAt: at + 1 },
  ];
  const resolved = incident({ state: 'resolved', alerts, hookRuns });
  const runs = hookRunsOf(circuit, resolved, at + 60);
  expect(brief(runs)).toMatchObject([
    { hook: 'break', state: 'done' },
    { hook: 'break', state: 'refused' },
    { hook: 'break', state: 'failed' },
    { hook: 'mend', state: 'waiting', tool: 'search' },
  ]);
  expect(hookRunsOf(circuit, { ...resolved, hookRuns: runs }, at + 61)).toEqual(runs);
});

test('X04 one that is still running when the incident is resolved is undone when it has ended', () => {
  const alerts = [failing('search')];
  const [run] = hookRunsOf(circuit, incident({ alerts }), at) as [HookRun];
  const running = incident({ state: 'resolved', alerts, hookRuns: [{ ...run, state: 'running' }] });
  expect(brief(hookRunsOf(circuit, running, at + 1))).toMatchObject([{ state: 'running' }]);
  const ended = incident({ state: 'resolved', alerts, hookRuns: [{ ...run, state: 'done', endedAt: at + 2 }] });
  expect(brief(hookRunsOf(circuit, ended, at + 2))).toMatchObject([
    { state: 'done' },
    { hook: 'mend', state: 'waiting' },
  ]);
});

test('X04 what was only said is only said to be undone', () => {
  const hooks = hooksOf({ a: { on: { alertname: ['A'] }, dryRun: true, onResolve: 'b' }, b: {} });
  const alerts = [alert({ alertname: 'A' })];
  const [run] = hookRunsOf(hooks, incident({ alerts }), at) as [HookRun];
  const hookRuns: HookRun[] = [{ ...run, state: 'done', endedAt: at }];
  expect(hookRunsOf(hooks, incident({ state: 'resolved', alerts, hookRuns }), at)[1]).toMatchObject({
    hook: 'b',
    dryRun: true,
  });
});

test('X04 an incident that is opened again starts its hooks again, and undoes them again', () => {
  const alerts = [failing('search')];
  const done = (runs: readonly HookRun[], now: number) =>
    runs.map((run) => (run.state === 'waiting' ? { ...run, state: 'done' as const, endedAt: now } : run));
  let runs = done(hookRunsOf(circuit, incident({ alerts }), at), at);
  runs = done(hookRunsOf(circuit, incident({ state: 'resolved', alerts, hookRuns: runs }), at + 10), at + 11);
  const reopened = { alerts, reopenedAt: [at + 20] };
  runs = done(hookRunsOf(circuit, incident({ ...reopened, hookRuns: runs }), at + 20), at + 21);
  runs = done(hookRunsOf(circuit, incident({ ...reopened, state: 'resolved', hookRuns: runs }), at + 30), at + 31);
  expect(runs.map(({ hook }) => hook)).toEqual(['break', 'mend', 'break', 'mend']);
  expect(hookRunsOf(circuit, incident({ ...reopened, state: 'resolved', hookRuns: runs }), at + 40)).toHaveLength(4);
});
