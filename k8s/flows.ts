/** Who speaks to whom: what the network policies allow, and nothing else. A test compares it with the configurations. */

import type { ObjectStoreVariable } from '../object-store.ts';
import { metricsReader, type Place } from '../place.ts';
import { thanosParts } from '../prometheus/thanos.ts';
import type { Part, PortOf } from '../stack.ts';
import type { Program } from './program.ts';

export interface Flow {
  readonly from: Part;
  readonly to: Part;
  readonly ports: readonly string[];
}

/** Those of a place: of the parts that run there. */
export function flowsOf(place: Place): Flow[] {
  const toEscalation = (from: Part): Flow => ({ from, to: 'escalation', ports: [place.tls ? 'alerts' : 'http'] });
  const there = [...flows, ...(['alertmanager', 'memory'] as const).map(toEscalation)].filter(
    ({ from, to }) => place.has(from) && place.has(to),
  );
  return there.filter(
    ({ from, to }) =>
      // One of its kind asks itself, which no policy sees; who asks for metrics asks one of the two.
      (from !== to || place.replicas(to).length > 1) &&
      // Where reading is apart, questions and rules are its own.
      !(
        place.has('loki-read') &&
        ((from === 'grafana' && to === 'loki') || (from === 'loki' && to === 'alertmanager'))
      ) &&
      !((from === 'grafana' || from === 'memory') && to === 'prometheus' && metricsReader(place) !== to),
  );
}

/** Those whose addresses stand in no configuration: replicas, and the parts of one server, tell each other where they are. */
export function peersOf(place: Place): Flow[] {
  const gossip = (from: Part, to: Part): Flow => ({ from, to, ports: ['gossip'] });
  const lokis = (['loki', 'loki-read', 'loki-backend'] as const).filter((part) => place.has(part));
  const peers = [
    ...lokis.flatMap((from) => lokis.map((to) => gossip(from, to))),
    gossip('alertmanager', 'alertmanager'),
    // Lines to whoever keeps them, questions to them; pieces of a question to whoever is free.
    flow('loki', 'loki', 'grpc'),
    flow('loki-read', 'loki', 'grpc'),
    flow('loki-read', 'loki-read', 'grpc'),
  ];
  return peers.filter(({ from, to }) => place.has(from) && place.replicas(to).length > 1);
}

const flow = <P extends Part>(from: Part, to: P, ...ports: PortOf<P>[]): Flow => ({ from, to, ports });

const flows: readonly Flow[] = [
  flow('collector', 'tempo', 'otlp'),
  flow('collector', 'sampler', 'grpc'),
  flow('sampler', 'tempo', 'otlp'),
  flow('collector', 'loki', 'http'),
  flow('collector', 'prometheus', 'http'),
  flow('collector', 'monitor', 'http'),
  flow('tempo', 'prometheus', 'http'),
  flow('loki', 'alertmanager', 'http'),
  flow('loki-read', 'loki-backend', 'grpc'),
  flow('loki-read', 'alertmanager', 'http'),
  flow('prometheus', 'collector', 'metrics'),
  flow('prometheus', 'tempo', 'http'),
  flow('prometheus', 'loki', 'http'),
  flow('prometheus', 'loki-read', 'http'),
  flow('prometheus', 'loki-backend', 'http'),
  flow('prometheus', 'alertmanager', 'http'),
  flow('prometheus', 'sampler', 'metrics'),
  flow('prometheus', 'prometheus', 'http'),
  ...thanosParts.map((part) => flow('prometheus', part, 'http')),
  flow('thanos-query-frontend', 'thanos-query', 'http'),
  flow('thanos-query', 'thanos-sidecar', 'grpc'),
  flow('thanos-query', 'thanos-store', 'grpc'),
  flow('thanos-query', 'thanos-rule', 'grpc'),
  flow('thanos-rule', 'prometheus', 'http'),
  flow('escalation', 'alertmanager', 'http'),
  flow('escalation', 'collector', 'grpc'),
  flow('monitor', 'collector', 'grpc'),
  flow('memory', 'prometheus', 'http'),
  flow('memory', 'thanos-query-frontend', 'http'),
  flow('grafana', 'tempo', 'http'),
  flow('grafana', 'loki', 'http'),
  flow('grafana', 'loki-read', 'http'),
  flow('grafana', 'prometheus', 'http'),
  flow('grafana', 'thanos-query-frontend', 'http'),
  flow('grafana', 'alertmanager', 'http'),
  // Where a team has it: k8s/components/jaeger.
  flow('collector', 'jaeger', 'otlp'),
  flow('grafana', 'jaeger', 'http'),
];

/** Services of other namespaces may send telemetry where their namespace has this label. */
export const senderLabel = { 'fleetscope.dev/sends-telemetry': 'true' };

/** The ingress controller reaches Grafana and the escalation service where its namespace has this one. */
export const ingressLabel = { 'fleetscope.dev/ingress': 'true' };

/**
 * Ports on which a part reaches the internet. What is in the cluster or in a private network (a store of objects, a database, a mail server of
 * one's own) is not among it: policies add up, so one more of one's own opens the way to it (k8s/example/network.yaml).
 */
export function outwardOf(
  part: Part,
  { env = {}, sidecars = [] }: Pick<Program, 'env' | 'sidecars'>,
): readonly number[] {
  const set = new Set([env, ...sidecars.map(({ env = {} }) => env)].flatMap(Object.keys));
  return [
    // Slack, Discord, PagerDuty, hooks; mail.
    ...(part === 'escalation' ? [https, 465, 587] : []),
    // A store of objects, somebody who says who people are.
    ...(set.has('FLEETSCOPE_S3_ENDPOINT' satisfies ObjectStoreVariable) || set.has(oidcVariable) ? [https] : []),
  ];
}

const https = 443;

/** With it Grafana asks a provider of identities. */
const oidcVariable = 'GF_AUTH_GENERIC_OAUTH_TOKEN_URL';
