import { partSecret, partsCertificates } from '../../../mutual.ts';
import type { Part } from '../../../stack.ts';
import { Documents, twins } from '../../../twin.ts';
import { component } from '../../hosts.ts';
import { type Manifest, namespace, ownLabels } from '../../manifest.ts';
import { holders } from '../../secrets.ts';
import { scale } from '../../size.ts';
import { certificateNames } from '../../tls.ts';

const authority = `${partsCertificates}-authority`;

/**
 * Certificates by which the parts of team and scale know each other, given out and renewed by cert-manager in an authority of this namespace.
 * Of the larger of the two: what a part of it that is not there would show lies unused.
 */
export default twins('yaml', {
  kustomization: component({ resources: ['certificates.yaml'] }),
  certificates: new Documents(
    issuer(`${authority}-itself`, { selfSigned: {} }),
    certificate(authority, `${authority}-itself`, {
      isCA: true,
      commonName: authority,
      // Its key stays: what it signed before is still believed when it has a new certificate itself.
      ...{ duration: years(10), renewBefore: years(2) },
      privateKey: { algorithm: 'ECDSA', size: 256, rotationPolicy: 'Never' },
      usages: ['cert sign'],
    }),
    issuer(authority, { ca: { secretName: authority } }),
    ...holders(scale).map((part) => ofPart(part)),
  ),
});

function ofPart(part: Part | 'doctor'): Manifest {
  return certificate(partSecret(part), authority, {
    dnsNames: certificateNames(part, namespace),
    // Some show the one that they were started with (docs/secrets.md): theirs lasts until somebody starts them again for another reason.
    ...(part === 'grafana' || part.startsWith('loki')
      ? { duration: years(1), renewBefore: '2160h0m0s' }
      : { duration: '2160h0m0s', renewBefore: '720h0m0s' }),
    privateKey: { algorithm: 'ECDSA', size: 256, rotationPolicy: 'Always' },
    usages: ['digital signature', 'server auth', 'client auth'],
  });
}

/** As cert-manager writes a time back. */
function years(count: number): string {
  return `${count * 8760}h0m0s`;
}

function issuer(name: string, spec: object): Manifest {
  return { apiVersion: 'cert-manager.io/v1', kind: 'Issuer', metadata: { name, namespace, labels: ownLabels }, spec };
}

/** Its Secret has its name. */
function certificate(name: string, issuerName: string, spec: object): Manifest {
  return {
    apiVersion: 'cert-manager.io/v1',
    kind: 'Certificate',
    metadata: { name, namespace, labels: ownLabels },
    spec: {
      secretName: name,
      issuerRef: { group: 'cert-manager.io', kind: 'Issuer', name: issuerName },
      ...spec,
    },
  };
}
