/** Network policies: nothing may be reached or reach out, but along flows.ts. */
import type { Place } from '../place.ts';
import { alertsPort, gossipPorts, type Part, parts, podOf } from '../stack.ts';
import { type Flow, flowsOf, ingressLabel, outwardOf, peersOf, senderLabel } from './flows.ts';
import { labels, type Manifest, ownLabels, selector } from './manifest.ts';
import { programs } from './workloads.ts';

/** Whoever no other policy speaks of. */
export function denyAll(): Manifest {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'deny-all', labels: ownLabels },
    spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
  };
}

/** @param pods whom it is about. @param spec everything else of it. */
export function policy(
  name: string,
  labels: Record<string, string>,
  pods: Record<string, string>,
  spec: object,
): Manifest {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, labels },
    spec: { podSelector: { matchLabels: pods }, ...spec },
  };
}

/** One policy per part, both ways. */
export function policies(place: Place, present: readonly Part[]): Manifest[] {
  const flows = [...flowsOf(place), ...peersOf(place)];
  const all = programs(place);
  return present.map((part) =>
    policy(part, labels(part), selector(part), {
      policyTypes: ['Ingress', 'Egress'],
      ingress: [...fromOthers(flows, part), ...fromOutside(part, place)],
      egress: [dns, ...toOthers(flows, part), ...toOutside(outwardOf(part, all[part] ?? {}))],
    }),
  );
}

function fromOthers(flows: readonly Flow[], part: Part) {
  return flows
    .filter(({ to }) => podOf(to) === part)
    .map(({ from, to, ports }) => ({ from: [pods(podOf(from))], ports: numbers(to, ports) }));
}

function toOthers(flows: readonly Flow[], part: Part) {
  return flows
    .filter(({ from }) => podOf(from) === part)
    .map(({ to, ports }) => ({ to: [pods(podOf(to))], ports: numbers(to, ports) }));
}

function pods(part: Part) {
  return { podSelector: { matchLabels: selector(part) } };
}

function numbers(part: Part, names: readonly string[]) {
  const gossip = gossipPorts[part as keyof typeof gossipPorts];
  const ports: Record<string, number> = { ...parts[part].ports, gossip, alerts: alertsPort };
  return names.flatMap((name) => {
    const port = tcp(ports[name] as number);
    // Alertmanager's gossip is both.
    return name === 'gossip' && part === 'alertmanager' ? [port, { ...port, protocol: 'UDP' }] : [port];
  });
}

function fromOutside(part: Part, { edge }: Place) {
  const namespaces = (matchLabels: Record<string, string>) => ({ namespaceSelector: { matchLabels } });
  if (part === 'collector')
    return [
      { from: [namespaces(senderLabel)], ports: numbers('collector', ['grpc', 'http']) },
      // Anybody: a balancer shows its own address or the sender's, and TLS and the token decide.
      ...(edge ? [{ ports: Object.values(edge.ports).map(tcp) }] : []),
    ];
  if (part === 'grafana' || part === 'escalation')
    return [{ from: [namespaces(ingressLabel)], ports: numbers(part, ['http']) }];
  return [];
}

function toOutside(ports: readonly number[]) {
  if (ports.length === 0) return [];
  return [{ to: internet, ports: ports.map(tcp) }];
}

export function tcp(port: number) {
  return { protocol: 'TCP', port };
}

/** Where clusters are, and the address at which clouds hand out credentials. */
const privateNetworks = ['10.0.0.0/8', '100.64.0.0/10', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16'];

/** Neither the cluster nor what is private. */
export const internet = [{ ipBlock: { cidr: '0.0.0.0/0', except: privateNetworks } }];

/** Wherever the cluster's name service is, and where nodes have a cache of it. */
export const dns = {
  to: [
    { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } } },
    { ipBlock: { cidr: '169.254.20.10/32' } },
  ],
  ports: [
    { protocol: 'UDP', port: 53 },
    { protocol: 'TCP', port: 53 },
  ],
};
