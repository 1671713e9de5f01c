/** Incidents and messages as tests need them. */
import type { Delivery, Incident, SeenAlert } from '../../incident/incident.ts';
import type { Message } from '../channel.ts';

/** 2026-11-26 09:30 UTC. */
export const openedAt = Date.UTC(2026, 10, 26, 9, 30, 15);

export function anAlert(given: Partial<SeenAlert> = {}): SeenAlert {
  return {
    fingerprint: 'f1',
    status: 'firing',
    labels: { alertname: 'AgentSilent', severity: 'critical', team: 'fleet', agent_name: 'research' },
    annotations: {
      summary: 'The agent research is silent',
      description: 'research has shown no sign of life for 6m.',
      runbook_url: 'https://runbooks.example/AgentSilent',
      dashboard_url: 'https://grafana.example/d/agent?from=now-1h&to=now&var-agent=research',
    },
    startsAt: openedAt,
    lastSeenAt: openedAt,
    times: 1,
    ...given,
  };
}

export function anIncident(given: Partial<Incident> = {}): Incident {
  return {
    id: '20261126-093015-k7qx',
    version: 1,
    key: 'fleet/AgentSilent',
    title: 'The agent research is silent',
    team: 'fleet',
    severity: 'critical',
    state: 'open',
    alerts: [anAlert()],
    openedAt,
    changedAt: openedAt,
    ladder: { startedAt: openedAt, taken: 0 },
    reopenedAt: [],
    deliveries: [],
    hookRuns: [],
    notes: [],
    journal: [],
    dueAt: null,
    ...given,
  };
}

export function aDelivery(given: Partial<Delivery> = {}): Delivery {
  return {
    key: '20261126-093015-k7qx/1',
    message: 'alert',
    step: 0,
    channel: 'slack',
    state: 'waiting',
    attempts: 0,
    createdAt: openedAt,
    attemptAt: openedAt,
    ...given,
  };
}

export function aMessage(given: Partial<Message> & { incident?: Incident } = {}): Message {
  return {
    key: '20261126-093015-k7qx/1',
    kind: 'alert',
    incident: anIncident(),
    links: {
      page: 'https://fleetscope.example/incidents/20261126-093015-k7qx',
      acknowledge: 'https://fleetscope.example/a/token-of-acknowledge',
      resolve: 'https://fleetscope.example/a/token-of-resolve',
    },
    ...given,
  };
}

/** The same incident, over. */
export function aResolved(given: Partial<Message> = {}): Message {
  const at = openedAt + 12 * 60_000;
  const alerts = [anAlert({ status: 'resolved', endsAt: at })];
  return aMessage({
    key: '20261126-093015-k7qx/2',
    kind: 'resolved',
    incident: anIncident({ state: 'resolved', resolved: { by: 'alertmanager', at }, alerts, changedAt: at }),
    ...given,
  });
}
