/** The HTTP side with the real decisions, a store in memory and a clock that the test turns. */
import { decide } from '../../incident/decide.ts';
import { nextStepOf } from '../../incident/ladder.ts';
import type { Policy } from '../../policy/policy.ts';
import type { ServerDeps } from '../deps.ts';
import { openDesk } from '../desk.ts';
import { serverOf } from '../server.ts';
import { memoryStore } from './memory-store.ts';

export const tokens = { webhook: 'webhook-token-of-the-test', api: 'api-token-of-the-test' };

const step = { afterMs: 0, level: 'L1', tell: ['log'] } as const;
const severity = { steps: [step, { ...step, afterMs: 300_000 }], respectsQuietHours: false };

export const policy: Policy = {
  timeZone: 'UTC',
  sameIncidentMs: 600_000,
  flapping: { times: 4, withinMs: 3_600_000 },
  channels: { log: { kind: 'log', timeoutMs: 1000, giveUpMs: 60_000, ratePerMinute: 1000 } },
  people: { ana: { name: 'Ana', contacts: {} }, ben: { name: 'Ben', contacts: {} } },
  teams: { fleet: { levels: { L1: { people: ['ana'] } } } },
  severities: { critical: severity, high: severity, warning: severity, info: severity },
  hooks: {},
};

/** 2026-11-26 09:30:15 UTC */
export const startedAt = Date.UTC(2026, 10, 26, 9, 30, 15);

export function service(more: Partial<ServerDeps> & { policy?: Policy } = {}) {
  const seen = { refused: [] as string[], heartbeats: [] as number[], errors: [] as unknown[], saved: 0 };
  const clock = { now: startedAt };
  const store = memoryStore();
  const now = () => clock.now;
  const desk = openDesk({
    store,
    now,
    decide: (incident, event, at) => decide(more.policy ?? policy, incident, event, at),
    onSaved: () => void seen.saved++,
    pause: async () => {},
  });
  const deps: ServerDeps = {
    ...{ desk, store, tokens, now, signingKey: 'a-signing-key-of-the-test-0123456789', bind: '127.0.0.1', port: 0 },
    publicUrl: 'https://ops.example',
    policyInfo: () => ({ loadedAt: startedAt, source: 'policy.yml', people: Object.keys(policy.people) }),
    dispatcherState: () => ({ waiting: 0 }),
    nextStep: (incident) => nextStepOf(more.policy ?? policy, incident),
    onRefused: (reason) => seen.refused.push(reason),
    onHeartbeat: (at) => seen.heartbeats.push(at),
    onError: (error) => seen.errors.push(error),
    ...more,
  };
  return { app: serverOf(deps), deps, store, desk, clock, seen };
}

type Labels = Record<string, string>;

/** A group as Alertmanager 0.31 sends it. */
export function group(
  given: { receiver?: string; labels?: Labels; alerts?: Record<string, unknown>[]; more?: object } = {},
) {
  const { receiver = 'fleet-critical', labels = {}, alerts = [{}], more = {} } = given;
  const groupLabels = { alertname: 'AgentSilent', service_name: 'agents', ...labels };
  return {
    receiver,
    status: 'firing',
    alerts: alerts.map((alert, at) => ({
      status: 'firing',
      labels: { ...groupLabels, severity: 'critical', team: 'fleet', agent_name: `agent-${at}` },
      annotations: {
        summary: `The agent agent-${at} is silent`,
        description: 'No sign of life for 6 minutes.',
        dashboard_url: 'http://localhost:3003/d/agent?var-agent=agent-0',
        runbook_url: 'https://runbooks.example/AgentSilent.md',
      },
      startsAt: '2026-11-26T09:24:15.123456789Z',
      endsAt: '0001-01-01T00:00:00Z',
      generatorURL: 'http://prometheus:9090/graph?g0.expr=up',
      fingerprint: `f${at}`,
      ...alert,
    })),
    groupLabels,
    commonLabels: groupLabels,
    commonAnnotations: {},
    externalURL: 'http://alertmanager:9093',
    version: '4',
    groupKey: '{}/{team="fleet"}:{alertname="AgentSilent"}',
    truncatedAlerts: 0,
    ...more,
  };
}

export const webhookHeaders = { authorization: `Bearer ${tokens.webhook}`, 'content-type': 'application/json' };
export const apiHeaders = { authorization: `Bearer ${tokens.api}`, 'content-type': 'application/json' };
