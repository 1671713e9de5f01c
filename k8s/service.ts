/** The names of parts within the cluster, and who they are to it: nobody. */
import { type Part, parts } from '../stack.ts';
import { labels, type Manifest, selector } from './manifest.ts';

/** Without an address of its own: its name is those of its pods, so that clients of gRPC see all of them. */
export function service(part: Part): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: part, labels: labels(part) },
    spec: {
      clusterIP: 'None',
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

const appProtocols: Record<string, string> = { grpc: 'kubernetes.io/h2c', otlp: 'kubernetes.io/h2c' };

export function account(part: Part): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: part, labels: labels(part) },
    automountServiceAccountToken: false,
  };
}
