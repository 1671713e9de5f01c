import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { receiverOf, type Severity, severities, type Team, teams } from '../../alertmanager/routes.ts';
import { until } from '../../doctor/ask.ts';
import { needSecrets } from '../../engine/secrets.ts';
import { repository } from '../../scripts/twins.ts';
import { type AlertmanagerAlone, receiverFor, type Seen, startAlertmanager } from './alertmanager-alone.ts';
import { tellTrial, trial } from './trial-alert.ts';

const shipped = join(repository, 'alertmanager', 'alertmanager.yml');

describe('X01 amtool says who gets', () => {
  const all = (Object.keys(teams) as Team[]).flatMap((team) =>
    (Object.keys(severities) as Severity[]).map((severity) => ({ team, severity })),
  );
  test.each(all)('$severity of $team: its own receiver', async ({ team, severity }) => {
    expect(await receiverFor(shipped, { alertname: 'Any', team, severity })).toBe(receiverOf(team, severity));
  });

  test.each([
    ['an unknown team', { alertname: 'Any', team: 'nobody', severity: 'critical' }, 'unrouted'],
    ['an unknown severity', { alertname: 'Any', team: 'fleet', severity: 'dire' }, 'unrouted'],
    ['no labels at all', { alertname: 'Any' }, 'unrouted'],
    ['the doctor’s test alert', { alertname: 'DoctorTestAlert', severity: 'none', doctor: 'x' }, 'doctor'],
    ['a sign of life that is no Watchdog', { alertname: 'Any', team: 'platform', severity: 'none' }, 'doctor'],
    [
      'what a rule for any service tells of the run ledger: it waits for the day',
      { alertname: 'ServicePartDown', team: 'platform', severity: 'critical', service_name: 'fleetscope-monitor' },
      'platform-warning',
    ],
    [
      'who tries the doors of the run ledger',
      { alertname: 'Any', team: 'security', severity: 'critical', service_name: 'fleetscope-monitor' },
      'security-critical',
    ],
    ['the Watchdog', { alertname: 'Watchdog', team: 'platform', severity: 'none' }, 'watchdog'],
  ])('%s', async (_, labels, receiver) => {
    expect(await receiverFor(shipped, labels)).toBe(receiver);
  });
});

describe('A20 a real Alertmanager hides', () => {
  let alertmanager: AlertmanagerAlone;
  afterEach(() => alertmanager.stop());

  const production = { deployment_environment_name: 'production' };
  const cases: [what: string, alerts: Record<string, string>[], hidden: string[]][] = [
    [
      'what is less urgent of the same alert about the same, and nothing about another',
      [
        { id: 'critical', alertname: 'AgentErrorRateHigh', agent_name: 'qa', severity: 'critical' },
        { id: 'high', alertname: 'AgentErrorRateHigh', agent_name: 'qa', severity: 'high' },
        { id: 'info', alertname: 'AgentErrorRateHigh', agent_name: 'qa', severity: 'info' },
        { id: 'other agent', alertname: 'AgentErrorRateHigh', agent_name: 'code', severity: 'info' },
        { id: 'other alert', alertname: 'AgentTasksSlow', agent_name: 'qa', severity: 'info' },
      ],
      ['high', 'info'],
    ],
    [
      'what waits for the run ledger, which is down; what is lost to it is told',
      [
        { id: 'down', alertname: 'LedgerDown', severity: 'warning' },
        { id: 'queue', alertname: 'LedgerQueueFilling', instance: 'collector-1', severity: 'warning' },
        { id: 'writes', alertname: 'LedgerNotWriting', ...production, severity: 'warning' },
        { id: 'lost', alertname: 'LedgerSpansLost', reason: 'queue full', severity: 'warning' },
      ],
      ['queue', 'writes'],
    ],
    [
      'nothing of the same severity',
      [
        { id: 'one', alertname: 'QueueBacklogHigh', queue_name: 'a', severity: 'high' },
        { id: 'two', alertname: 'QueueBacklogHigh', queue_name: 'b', severity: 'high' },
      ],
      [],
    ],
    [
      'the slower windows of a budget, of the same objective',
      [
        {
          id: '1h',
          alertname: 'AgentSuccessBudgetBurn',
          slo: 'agent-success',
          severity: 'critical',
          long: '1h',
          short: '5m',
        },
        {
          id: '6h',
          alertname: 'AgentSuccessBudgetBurn',
          slo: 'agent-success',
          severity: 'high',
          long: '6h',
          short: '30m',
        },
        {
          id: '3d',
          alertname: 'AgentSuccessBudgetBurn',
          slo: 'agent-success',
          severity: 'info',
          long: '3d',
          short: '6h',
        },
        {
          id: 'other',
          alertname: 'WorkflowSuccessBudgetBurn',
          slo: 'workflow-success',
          severity: 'info',
          long: '3d',
          short: '6h',
        },
      ],
      ['3d', '6h'],
    ],
    [
      'everything of a service that is down, but not what somebody tries there',
      [
        { id: 'down', alertname: 'ServiceDown', service_name: 'shop', severity: 'critical', team: 'platform' },
        { id: 'slow', alertname: 'ApiLatencyHigh', service_name: 'shop', severity: 'critical', team: 'platform' },
        {
          id: 'budget',
          alertname: 'ApiAvailabilityBudgetBurn',
          service_name: 'shop',
          severity: 'critical',
          team: 'platform',
        },
        {
          id: 'doors',
          alertname: 'SecurityAuthenticationFailures',
          service_name: 'shop',
          severity: 'critical',
          team: 'security',
        },
        { id: 'other service', alertname: 'ApiLatencyHigh', service_name: 'pay', severity: 'high', team: 'platform' },
      ],
      ['budget', 'slow'],
    ],
    [
      'what follows from a store that is down, of its signal',
      [
        { id: 'tempo', alertname: 'StackPartDown', job: 'tempo', signal: 'traces', severity: 'critical' },
        {
          id: 'stuck',
          alertname: 'CollectorExportStuck',
          exporter: 'otlp_grpc/tempo',
          signal: 'traces',
          severity: 'high',
        },
        { id: 'stale', alertname: 'TelemetryStale', signal: 'traces', severity: 'high' },
        { id: 'burn', alertname: 'TelemetryFreshnessBudgetBurn', signal: 'traces', severity: 'critical' },
        { id: 'stale logs', alertname: 'TelemetryStale', signal: 'logs', severity: 'high' },
        { id: 'full', alertname: 'CollectorQueueFilling', signal: 'traces', severity: 'critical' },
      ],
      ['burn', 'stale', 'stuck'],
    ],
    [
      'what follows when nobody can be told, and not that itself behind it',
      [
        { id: 'down', alertname: 'EscalationDown', service_name: 'fleetscope-escalation', severity: 'critical' },
        { id: 'service', alertname: 'ServiceDown', service_name: 'fleetscope-escalation', severity: 'critical' },
        { id: 'failing', alertname: 'AlertmanagerNotificationsFailing', integration: 'webhook', severity: 'critical' },
        { id: 'other', alertname: 'ServiceDown', service_name: 'shop', severity: 'critical' },
      ],
      ['failing', 'service'],
    ],
    [
      'messages that wait behind the channel that fails',
      [
        { id: 'slack', alertname: 'EscalationChannelFailing', escalation_channel_name: 'slack', severity: 'high' },
        { id: 'wait', alertname: 'EscalationUndelivered', escalation_channel_name: 'slack', severity: 'high' },
        { id: 'mail', alertname: 'EscalationUndelivered', escalation_channel_name: 'email', severity: 'high' },
      ],
      ['wait'],
    ],
    [
      'a slow burn behind what happens now, but not a fast one',
      [
        { id: 'now', alertname: 'WorkflowFailureRateHigh', workflow_name: 'release', severity: 'high' },
        {
          id: 'fast',
          alertname: 'WorkflowSuccessBudgetBurn',
          slo: 'workflow-success',
          service_name: 'a',
          severity: 'critical',
        },
        {
          id: 'slow',
          alertname: 'WorkflowSuccessBudgetBurn',
          slo: 'workflow-success',
          service_name: 'b',
          severity: 'info',
        },
      ],
      ['slow'],
    ],
  ];
  test.each(cases)('%s', async (_, alerts, hidden) => {
    alertmanager = await startAlertmanager();
    const seen = await alertmanager.post(...alerts.map((labels) => ({ ...production, ...labels })));
    expect(ids(seen.filter(({ status }) => status.inhibitedBy.length > 0))).toEqual(hidden);
    expect(seen).toHaveLength(alerts.length);
  });

  test('A20 an alert of another environment is not hidden', async () => {
    alertmanager = await startAlertmanager();
    const seen = await alertmanager.post(
      {
        id: 'staging',
        alertname: 'ServiceDown',
        service_name: 'shop',
        deployment_environment_name: 'staging',
        severity: 'critical',
      },
      { id: 'production', alertname: 'ApiLatencyHigh', service_name: 'shop', ...production, severity: 'high' },
    );
    expect(ids(seen.filter(({ status }) => status.inhibitedBy.length > 0))).toEqual([]);
  });
});

test('X02 in quiet hours a warning waits and what is urgent does not; an info waits for business hours', async () => {
  const always = [{ times: [{ start_time: '00:00', end_time: '24:00' }] }];
  const never = [{ years: ['2000'] }];
  const alertmanager = await startAlertmanager((config) => ({
    ...config,
    route: { ...config.route, group_wait: '0s' },
    time_intervals: config.time_intervals.map(({ name }) => ({
      name,
      time_intervals: name === 'quiet-hours' ? always : never,
    })),
  }));
  try {
    await alertmanager.post(
      ...['critical', 'high', 'warning', 'info'].map((severity) => ({
        id: severity,
        alertname: severity,
        team: 'fleet',
        severity,
      })),
      { id: 'security', alertname: 'security', team: 'security', severity: 'warning' },
    );
    await until(async () => (await alertmanager.muted()).length === 2, { timeoutMs: 20_000, everyMs: 100 });
    expect(await alertmanager.muted()).toEqual(['info', 'warning']);
  } finally {
    await alertmanager.stop();
  }
});

test('X01 the alert of docs/deploy.md is taken as it is typed there', async () => {
  const alertmanager = await startAlertmanager();
  try {
    await tellTrial(alertmanager.port);
    const [told, ...others] = await alertmanager.post();
    expect(told).toMatchObject({ labels: { alertname: trial, severity: 'critical', team: 'platform' } });
    expect(told).toMatchObject({ annotations: { summary: 'trial' } });
    expect(others).toEqual([]);
  } finally {
    await alertmanager.stop();
  }
});

test('X01 what a team gets is posted with the token of the file; the doctor’s alert at once', async () => {
  const seen: { token: string | undefined; body: { receiver: string; status: string; alerts: Seen[] } }[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (part) => {
      text += part;
    });
    request.on('end', () => {
      seen.push({ token: request.headers.authorization, body: JSON.parse(text) });
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const alertmanager = await startAlertmanager((config, home) => {
    needSecrets(home);
    const text = JSON.stringify({ ...config, route: { ...config.route, group_wait: '0s' } });
    return JSON.parse(text.replaceAll(/http:[^"]+\/alerts/g, `http://127.0.0.1:${port}/alerts`));
  });
  try {
    const told = (receiver: string) => seen.find(({ body }) => body.receiver === receiver);
    await alertmanager.post(
      { id: 'one', alertname: 'Any', team: 'fleet', severity: 'critical' },
      { id: 'test', alertname: 'DoctorTestAlert', severity: 'none', doctor: 'x' },
    );
    await until(async () => Boolean(told('fleet-critical') && told('doctor')), { timeoutMs: 20_000, everyMs: 50 });
    expect(told('fleet-critical')?.body).toMatchObject({ status: 'firing', alerts: [{ labels: { id: 'one' } }] });
    expect(told('doctor')?.token).toMatch(/^Bearer [\w-]{43}$/);
    expect(told('fleet-critical')?.token).toBe(told('doctor')?.token);
  } finally {
    await alertmanager.stop();
    server.close();
  }
});

function ids(alerts: readonly Seen[]): string[] {
  return alerts.map(({ labels }) => labels.id as string).sort();
}
