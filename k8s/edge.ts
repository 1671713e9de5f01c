/** The Collector's door to the world outside the cluster: the Secrets it needs, and the name by which it is found. */
import { dirname } from 'node:path';
import type { Place } from '../place.ts';
import { type edgePorts, stack } from '../stack.ts';
import { type Manifest, ownLabels, selector } from './manifest.ts';
import type { Program } from './program.ts';

/** Of type `kubernetes.io/tls`: from whoever gives out certificates. */
export const edgeCertificateSecret = 'fleetscope-otlp-tls';

/** Its key `tokens`: a line for each sender. It may be changed at any time; Collectors follow within two minutes. */
export const edgeTokensSecret = 'fleetscope-otlp-tokens';

/** What the Collector's container has because of it. Without the Secrets it does not start, and the pod names the one that is missing. */
export function edgeProgram({ edge }: Place): Pick<Program, 'secretFiles' | 'ports'> {
  if (!edge) return {};
  return {
    ports: edge.ports,
    secretFiles: {
      [dirname(edge.certificate)]: { secret: edgeCertificateSecret, keys: ['tls.crt', 'tls.key'] },
      [dirname(edge.tokens)]: { secret: edgeTokensSecret, keys: ['tokens'] },
    },
  };
}

/**
 * On the ports that every sender knows. Inside the cluster only: nothing is open to the world because manifests were applied.
 * k8s/components/load-balancer opens it. Not by an Ingress: OTLP/gRPC through one is different for each controller, and TLS would end before the token.
 */
export function edgeService(): Manifest {
  const { grpc, http } = stack.collector.ports;
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: edgeServiceName, labels: ownLabels },
    spec: {
      type: 'ClusterIP',
      selector: selector('collector'),
      ports: [
        { name: 'grpc', port: grpc, targetPort: 'edge-grpc' satisfies keyof typeof edgePorts },
        { name: 'http', port: http, targetPort: 'edge-http' satisfies keyof typeof edgePorts },
      ],
    },
  };
}

export const edgeServiceName = 'otlp';
