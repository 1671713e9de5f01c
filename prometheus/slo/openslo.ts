/** The objectives in OpenSLO v1, for tools that read it. The rules are not made of this: they and it are made of the same objectives. */
import { twin } from '../../twin.ts';
import { objectives } from './objectives.ts';
import { period } from './recordings.ts';
import type { Slo } from './slo.ts';

const service = 'fleet';

function openSlo() {
  return [
    {
      apiVersion: 'openslo/v1',
      kind: 'Service',
      metadata: { name: service, displayName: 'Fleet of agents' },
      spec: { description: 'Workflows, agents, the services around them, and the telemetry of all.' },
    },
    {
      apiVersion: 'openslo/v1',
      kind: 'DataSource',
      metadata: { name: 'prometheus', displayName: 'Prometheus' },
      spec: { type: 'Prometheus', connectionDetails: {} },
    },
    ...objectives.map(one),
  ];
}

function one({ name, title, promise, objectiveBp, counts, by, team, events, bad }: Slo) {
  return {
    apiVersion: 'openslo/v1',
    kind: 'SLO',
    metadata: { name, displayName: title, labels: { team: [team] }, annotations: { 'fleetscope/by': by.join(',') } },
    spec: {
      description: `${promise}.`,
      service,
      indicator: {
        metadata: { name: `${name}-ratio`, displayName: `${counts.events} that ${counts.bad}` },
        // Recorded rates, not counters: how they are counted is told in docs/slo.md.
        spec: { ratioMetric: { counter: false, bad: metric(bad.name), total: metric(events.name) } },
      },
      timeWindow: [{ duration: period, isRolling: true }],
      budgetingMethod: 'Occurrences',
      objectives: [{ displayName: title, target: objectiveBp / 10_000 }],
    },
  };
}

function metric(query: string) {
  return { metricSource: { metricSourceRef: 'prometheus', type: 'Prometheus', spec: { query } } };
}

export default twin('yaml', openSlo());
