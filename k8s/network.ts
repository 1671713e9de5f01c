/** Network policies: nothing may be reached or reach out, but along flows.ts. */
import type { Place } from '../place.ts';
import { type Part, parts } from '../stack.ts';
import { type Flow, flowsOf, ingressLabel, outward, senderLabel } from './flows.ts';
import { labels, type Manifest, ownLabels, selector } from './manifest.ts';

/** Whoever no other policy speaks of. */
export function denyAll(): Manifest {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'deny-all', labels: ownLabels },
    spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
  };
}

/** One policy per part, both ways. */
export function policies(place: Place, present: readonly Part[]): Manifest[] {
  const flows = flowsOf(place);
  return present.map((part) => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: part, labels: labels(part) },
    spec: {
      podSelector: { matchLabels: selector(part) },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [...fromOthers(flows, part), ...fromOutside(part)],
      egress: [dns, ...toOthers(flows, part), ...toOutside(part)],
    },
  }));
}

function fromOthers(flows: readonly Flow[], part: Part) {
  return flows
    .filter(({ to }) => to === part)
    .map(({ from, ports }) => ({ from: [pods(from)], ports: numbers(part, ports) }));
}

function toOthers(flows: readonly Flow[], part: Part) {
  return flows
    .filter(({ from }) => from === part)
    .map(({ to, ports }) => ({ to: [pods(to)], ports: numbers(to, ports) }));
}

function pods(part: Part) {
  return { podSelector: { matchLabels: selector(part) } };
}

function numbers(part: Part, names: readonly string[]) {
  return names.map((name) => tcp((parts[part].ports as Record<string, number>)[name] as number));
}

function fromOutside(part: Part) {
  const namespaces = (matchLabels: Record<string, string>) => ({ namespaceSelector: { matchLabels } });
  if (part === 'collector')
    return [
      { from: [namespaces(senderLabel), namespaces(ingressLabel)], ports: numbers('collector', ['grpc', 'http']) },
    ];
  if (part === 'grafana' || part === 'escalation')
    return [{ from: [namespaces(ingressLabel)], ports: numbers(part, ['http']) }];
  return [];
}

function toOutside(part: Part) {
  const ports = outward[part];
  if (!ports) return [];
  // Not inside the cluster, and not the address at which clouds hand out credentials.
  const except = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16'];
  return [{ to: [{ ipBlock: { cidr: '0.0.0.0/0', except } }], ports: ports.map(tcp) }];
}

function tcp(port: number) {
  return { protocol: 'TCP', port };
}

/** Wherever the cluster's name service is. */
const dns = {
  to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } } }],
  ports: [
    { protocol: 'UDP', port: 53 },
    { protocol: 'TCP', port: 53 },
  ],
};
