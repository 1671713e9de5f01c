/** What an ingress controller leads to: nothing that a controller alone understands. */
import { nowhere } from './hosts.ts';
import { labels, type Manifest, namespace } from './manifest.ts';

type Reached = 'grafana' | 'escalation';

/** Made by whoever gives out certificates: `kubernetes.io/tls`. */
export function certificateSecretOf(part: Reached): string {
  return `fleetscope-${part}-tls`;
}

/** @param paths these and what is below them; whatever else the part serves is not reached from outside. */
export function ingress(part: Reached, paths: readonly string[]): Manifest {
  const service = { name: part, port: { name: 'http' } };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: part, namespace, labels: labels(part) },
    spec: {
      tls: [{ hosts: [nowhere], secretName: certificateSecretOf(part) }],
      rules: [
        {
          host: nowhere,
          http: { paths: paths.map((path) => ({ path, pathType: 'Prefix', backend: { service } })) },
        },
      ],
    },
  };
}
