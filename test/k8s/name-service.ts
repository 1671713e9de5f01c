/** The cluster's name service, as clusters have it: pods of kube-system behind an address, which the network policies speak of. */
import { Documents } from '../../twin.ts';
import { dnsAddress, kubeconfig } from './cluster-files.ts';
import type { Node } from './node.ts';

export const nameServiceImage = 'fleetscope.test/coredns:1';

export function nameService(node: Node, token: string): Documents {
  const metadata = { name: 'coredns', namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } };
  return new Documents(
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata,
      stringData: { Corefile: corefile, kubeconfig: kubeconfig(node, token) },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: {
        clusterIP: dnsAddress(node),
        selector: metadata.labels,
        ports: ['UDP', 'TCP'].map((protocol) => ({ name: `dns-${protocol.toLowerCase()}`, protocol, port: 53 })),
      },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        selector: { matchLabels: metadata.labels },
        template: {
          metadata: { labels: metadata.labels },
          spec: {
            automountServiceAccountToken: false,
            // It asks the name servers of the node, not itself.
            dnsPolicy: 'Default',
            tolerations: [{ operator: 'Exists' }],
            priorityClassName: 'system-cluster-critical',
            containers: [
              {
                name: 'coredns',
                image: nameServiceImage,
                args: ['-conf', '/etc/coredns/Corefile'],
                readinessProbe: { httpGet: { path: '/ready', port: 8181 }, periodSeconds: 1 },
                volumeMounts: [{ name: 'config', mountPath: '/etc/coredns', readOnly: true }],
              },
            ],
            volumes: [{ name: 'config', secret: { secretName: metadata.name } }],
          },
        },
      },
    },
  );
}

const corefile = `.:53 {
    errors
    ready
    kubernetes cluster.local in-addr.arpa {
        kubeconfig /etc/coredns/kubeconfig
        ttl 2
    }
    forward . /etc/resolv.conf
}
`;
