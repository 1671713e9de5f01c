/** The names of parts within the cluster, and who they are to it: nobody. */
import { isMutual, type Place } from '../place.ts';
import { alertsPort, gossipName, gossipPorts, type Part, type PortOf, parts } from '../stack.ts';
import { labels, type Manifest, selector } from './manifest.ts';

/**
 * Without an address of its own: its name is those of its pods, so that clients of gRPC see all of them. With one where people come in from
 * outside, for not every ingress controller finds pods by itself. @param place absent: as where all is plain.
 */
export function service(part: Part, place?: Place): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: part, labels: labels(part) },
    spec: {
      ...(!forPeople.includes(part) && { clusterIP: 'None' }),
      // A pod is ready when all in it are: the ledger takes what comes while the memory beside it is ill. Who is not ready says so itself.
      ...(part === 'monitor' && { publishNotReadyAddresses: true }),
      selector: selector(part),
      ports: Object.entries(parts[part].ports).map(([name, port]) => ({
        name,
        port,
        targetPort: name,
        appProtocol: appProtocol(part, name, place),
      })),
    },
  };
}

/** What is said differently of a name that the base has as if all were plain, where its part has certificates: for `patches`. */
export function secured(part: Part, place: Place): Manifest[] {
  const ports = Object.entries(parts[part].ports)
    .filter(([name]) => isMutual(place, part, name as PortOf<Part>))
    .map(([name, port]) => ({ port, appProtocol: appProtocol(part, name, place) }));
  return ports.length === 0 ? [] : [{ apiVersion: 'v1', kind: 'Service', metadata: { name: part }, spec: { ports } }];
}

const forPeople: readonly Part[] = ['grafana', 'escalation'];

/** The name by which its replicas find each other, where it has several: of those too that are not ready yet, for that they need it. */
export function gossip(part: Part, place: Place): Manifest[] {
  if (!isGossip(part) || place.replicas(part).length === 1) return [];
  const port = { name: 'gossip', port: gossipPorts[part], targetPort: 'gossip', appProtocol: 'tcp' };
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: gossipName(part), labels: labels(part) },
      spec: { clusterIP: 'None', publishNotReadyAddresses: true, selector: selector(part), ports: [port] },
    },
  ];
}

/** The name by which Alertmanager hands over alerts where parts have certificates: that of the part leads to the port of people. */
export function alerts(part: Part, place: Place): Manifest[] {
  if (part !== 'escalation' || !place.tls) return [];
  const port = { name: 'alerts', port: alertsPort, targetPort: 'alerts', appProtocol: 'https' };
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: `${part}-alerts`, labels: labels(part) },
      spec: { clusterIP: 'None', selector: selector(part), ports: [port] },
    },
  ];
}

/** The name by which Prometheus finds those that come and go: of those too that are not ready, or their `up` would go instead of being 0. */
export function scraped(part: Part, place: Place): Manifest[] {
  if (!place.elastic(part)) return [];
  const { ports } = parts[part];
  const name = 'metrics' in ports ? 'metrics' : 'http';
  const port = {
    ...{ name, port: (ports as Record<string, number>)[name], targetPort: name },
    appProtocol: appProtocol(part, name, place),
  };
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: `${part}-scrape`, labels: labels(part) },
      spec: { clusterIP: 'None', publishNotReadyAddresses: true, selector: selector(part), ports: [port] },
    },
  ];
}

function isGossip(part: Part): part is Parameters<typeof gossipName>[0] {
  return part === 'loki' || part === 'alertmanager';
}

/** With certificates `https`, of gRPC too: `h2c` is plain by its name, none is known for gRPC by TLS, and a mesh takes `https` for TLS that is not its own. */
function appProtocol(part: Part, name: string, place?: Place): string {
  if (place && isMutual(place, part, name as PortOf<Part>)) return 'https';
  return name === 'grpc' || name === 'otlp' ? 'kubernetes.io/h2c' : 'http';
}

export function account(name: string, labels: Record<string, string>): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name, labels },
    automountServiceAccountToken: false,
  };
}
