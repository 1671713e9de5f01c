/** The names of parts within the cluster, and who they are to it: nobody. */
import type { Place } from '../place.ts';
import { gossipPorts, isComponent, type Part, parts } from '../stack.ts';
import { labels, type Manifest, selector } from './manifest.ts';

/**
 * Without an address of its own: its name is those of its pods, so that clients of gRPC see all of them. With one where people come in from
 * outside, for not every ingress controller finds pods by itself.
 */
export function service(part: Part): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: part, labels: labels(part) },
    spec: {
      ...(!forPeople.includes(part) && { clusterIP: 'None' }),
      selector: selector(part),
      ports: Object.entries(parts[part].ports).map(([name, port]) => ({
        name,
        port,
        targetPort: name,
        appProtocol: appProtocols[name] ?? 'http',
      })),
    },
  };
}

const forPeople: readonly Part[] = ['grafana', 'escalation'];

/** The name by which its replicas find each other, where it has several: of those too that are not ready yet, for that they need it. */
export function gossip(part: Part, place: Place): Manifest[] {
  // The parts of Loki beside the first find it, and by it each other.
  if (!isGossip(part) || !isComponent(part) || place.replicas(part).length === 1) return [];
  const port = { name: 'gossip', port: gossipPorts[part], targetPort: 'gossip', appProtocol: 'tcp' };
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: `${part}-gossip`, labels: labels(part) },
      spec: { clusterIP: 'None', publishNotReadyAddresses: true, selector: selector(part), ports: [port] },
    },
  ];
}

/** The name by which Prometheus finds those that come and go: of those too that are not ready, or their `up` would go instead of being 0. */
export function scraped(part: Part, place: Place): Manifest[] {
  if (!place.elastic(part)) return [];
  const { ports } = parts[part];
  const name = 'metrics' in ports ? 'metrics' : 'http';
  const port = { name, port: (ports as Record<string, number>)[name], targetPort: name, appProtocol: 'http' };
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: `${part}-scrape`, labels: labels(part) },
      spec: { clusterIP: 'None', publishNotReadyAddresses: true, selector: selector(part), ports: [port] },
    },
  ];
}

function isGossip(part: Part): part is keyof typeof gossipPorts {
  return part in gossipPorts;
}

const appProtocols: Record<string, string> = { grpc: 'kubernetes.io/h2c', otlp: 'kubernetes.io/h2c' };

export function account(name: string, labels: Record<string, string>): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name, labels },
    automountServiceAccountToken: false,
  };
}
