import { Documents, twins } from '../../../twin.ts';
import { edgeCertificateSecret } from '../../edge.ts';
import { component, fromHosts, type HostKey, nowhere } from '../../hosts.ts';
import { certificateSecretOf } from '../../ingress.ts';
import { type Manifest, namespace, ownLabels } from '../../manifest.ts';

const names = {
  otlp: edgeCertificateSecret,
  grafana: certificateSecretOf('grafana'),
  escalation: certificateSecretOf('escalation'),
} as const satisfies Partial<Record<HostKey, string>>;
const ours = Object.keys(names) as (keyof typeof names)[];

/** Certificates that cert-manager asks for and renews: of the `ClusterIssuer` that the hosts name as `issuer`. */
export default twins('yaml', {
  kustomization: component({
    resources: ['certificates.yaml'],
    replacements: [
      ...ours.map((name) => fromHosts(name, { kind: 'Certificate', name, fieldPaths: ['spec.dnsNames.0'] })),
      // By name: whoever adds a Certificate of their own chose its issuer.
      fromHosts('issuer', ...ours.map((name) => ({ kind: 'Certificate', name, fieldPaths: ['spec.issuerRef.name'] }))),
    ],
  }),
  certificates: new Documents(...Object.entries(names).map(([name, secretName]) => certificate(name, secretName))),
});

function certificate(name: string, secretName: string): Manifest {
  return {
    apiVersion: 'cert-manager.io/v1',
    kind: 'Certificate',
    metadata: { name, namespace, labels: ownLabels },
    spec: {
      secretName,
      dnsNames: [nowhere],
      issuerRef: { group: 'cert-manager.io', kind: 'ClusterIssuer', name: nowhere },
      privateKey: { algorithm: 'ECDSA', size: 256, rotationPolicy: 'Always' },
      usages: ['digital signature', 'server auth'],
    },
  };
}
