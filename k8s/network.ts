/** Network policies: nothing may be reached or reach out, but along flows.ts. */
import { type Component, components, stack } from '../stack.ts';
import { flows, ingressLabel, outward, senderLabel } from './flows.ts';
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

/** One policy per component, both ways. */
export function policies(): Manifest[] {
  return components.map((component) => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: component, labels: labels(component) },
    spec: {
      podSelector: { matchLabels: selector(component) },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [...fromOthers(component), ...fromOutside(component)],
      egress: [dns, ...toOthers(component), ...toOutside(component)],
    },
  }));
}

function fromOthers(component: Component) {
  return flows
    .filter(({ to }) => to === component)
    .map(({ from, ports }) => ({ from: [pods(from)], ports: numbers(component, ports) }));
}

function toOthers(component: Component) {
  return flows
    .filter(({ from }) => from === component)
    .map(({ to, ports }) => ({ to: [pods(to)], ports: numbers(to, ports) }));
}

function pods(component: Component) {
  return { podSelector: { matchLabels: selector(component) } };
}

function numbers(component: Component, names: readonly string[]) {
  return names.map((name) => tcp((stack[component].ports as Record<string, number>)[name] as number));
}

function fromOutside(component: Component) {
  const namespaces = (matchLabels: Record<string, string>) => ({ namespaceSelector: { matchLabels } });
  if (component === 'collector')
    return [
      { from: [namespaces(senderLabel), namespaces(ingressLabel)], ports: numbers('collector', ['grpc', 'http']) },
    ];
  if (component === 'grafana' || component === 'escalation')
    return [{ from: [namespaces(ingressLabel)], ports: numbers(component, ['http']) }];
  return [];
}

function toOutside(component: Component) {
  const ports = outward[component];
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
