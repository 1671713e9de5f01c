/** Posts groups of alerts as Alertmanager does: each until it is taken. */
import { setTimeout as delay } from 'node:timers/promises';
import { receiverOf, type Severity } from '../alertmanager/routes.ts';

export interface Group {
  readonly number: number;
  readonly severity: Severity;
  /** How many alerts are in it. */
  readonly alerts: number;
}

/** What a receiver of Alertmanager is: an address and its token. */
export interface Target {
  readonly url: string;
  readonly token: string;
}

/** As Alertmanager has them: half a second at first, half as much again each time. */
const firstPauseMs = 500;
const longestPauseMs = 5000;

/** Sent again after a 5xx, or none at all; any other refusal is an error. @returns attempts. */
export async function post(target: Target, group: Group, status: 'firing' | 'resolved'): Promise<number> {
  const body = bodyOf(group, status);
  for (let attempts = 1, pauseMs = firstPauseMs; ; attempts++) {
    const answer = await once(target, body);
    if (answer >= 200 && answer < 300) return attempts;
    if (answer >= 300 && answer < 500) throw new Error(`Group ${group.number} was refused: ${answer}.`);
    await delay(pauseMs * (0.5 + Math.random()));
    pauseMs = Math.min(longestPauseMs, pauseMs * 1.5);
  }
}

/** By which an incident's alerts say which group they are. */
export const groupLabel = 'storm';

/** Webhook version 4. */
function bodyOf({ number, severity, alerts }: Group, status: 'firing' | 'resolved'): string {
  const receiver = receiverOf('fleet', severity);
  const groupLabels = { alertname: 'AgentSilent', [groupLabel]: String(number) };
  const commonLabels = { ...groupLabels, severity, team: 'fleet' };
  const summary = `Group ${number} is silent`;
  return JSON.stringify({
    version: '4',
    groupKey: `{}/{team="fleet",severity="${severity}"}:{alertname="AgentSilent", ${groupLabel}="${number}"}`,
    truncatedAlerts: 0,
    ...{ status, receiver, groupLabels, commonLabels },
    commonAnnotations: { summary },
    externalURL: 'http://127.0.0.1:9093',
    alerts: Array.from({ length: alerts }, (_, index) => ({
      status,
      labels: { ...commonLabels, agent_name: `agent-${number}-${index}` },
      annotations: { summary, description: 'It has shown no sign of life for 6m.' },
      startsAt: '2026-11-26T09:30:15.123Z',
      endsAt: status === 'firing' ? '0001-01-01T00:00:00Z' : '2026-11-26T09:42:15.123Z',
      generatorURL: 'http://127.0.0.1:9090/graph?g0.expr=silent',
      fingerprint: fingerprintOf(number, index),
    })),
  });
}

export function fingerprintOf(number: number, index: number): string {
  return `${number.toString(16).padStart(8, '0')}${index.toString(16).padStart(8, '0')}`;
}

/** 0: no answer. */
async function once({ url, token }: Target, body: string): Promise<number> {
  try {
    const response = await fetch(`${url}/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body,
      signal: AbortSignal.timeout(10_000),
    });
    await response.arrayBuffer();
    return response.status;
  } catch {
    return 0;
  }
}
