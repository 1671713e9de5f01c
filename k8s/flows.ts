/** Who speaks to whom: what the network policies allow, and nothing else. A test compares it with the configurations. */
import type { Place } from '../place.ts';
import type { Part, PortOf } from '../stack.ts';

export interface Flow {
  readonly from: Part;
  readonly to: Part;
  readonly ports: readonly string[];
}

/** Those of a place: of the parts that run there. */
export function flowsOf(place: Place): Flow[] {
  return flows.filter(({ from, to }) => place.has(from) && place.has(to));
}

const flow = <P extends Part>(from: Part, to: P, ...ports: PortOf<P>[]): Flow => ({ from, to, ports });

const flows: readonly Flow[] = [
  flow('collector', 'tempo', 'otlp'),
  flow('collector', 'loki', 'http'),
  flow('collector', 'prometheus', 'http'),
  flow('collector', 'monitor', 'http'),
  flow('tempo', 'prometheus', 'http'),
  flow('loki', 'alertmanager', 'http'),
  flow('prometheus', 'collector', 'metrics'),
  flow('prometheus', 'tempo', 'http'),
  flow('prometheus', 'loki', 'http'),
  flow('prometheus', 'alertmanager', 'http'),
  flow('alertmanager', 'escalation', 'http'),
  flow('escalation', 'alertmanager', 'http'),
  flow('escalation', 'collector', 'grpc'),
  flow('monitor', 'collector', 'grpc'),
  flow('grafana', 'tempo', 'http'),
  flow('grafana', 'loki', 'http'),
  flow('grafana', 'prometheus', 'http'),
  flow('grafana', 'alertmanager', 'http'),
];

/** Services of other namespaces may send telemetry where their namespace has this label. */
export const senderLabel = { 'fleetscope.dev/sends-telemetry': 'true' };

/** Reached from outside the namespace: by senders, or by the ingress controller where its namespace is labelled so. */
export const ingressLabel = { 'fleetscope.dev/ingress': 'true' };

/** Those that reach people and providers on the internet, on these ports. */
export const outward: Partial<Record<Part, readonly number[]>> = {
  // Slack, Discord, PagerDuty, hooks; mail.
  escalation: [443, 465, 587],
};
