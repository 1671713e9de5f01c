/** The Secrets of a size as manifests: those made by chance, a certificate, and those that were asked for. */
import { selfMade } from './certificates.ts';
import { edgeCertificateSecret, edgeTokensSecret } from './edge.ts';
import type { Manifest } from './manifest.ts';
import { secretName } from './pod.ts';
import { askedOf, askedSecrets, byChance, certificateSecret, namesInside, ownSecret, tokensSecret } from './secrets.ts';
import { sizes } from './size.ts';

export interface Order {
  readonly size: string;
  readonly namespace: string;
  /** By which senders outside call the Collector. */
  readonly otlpHost: readonly string[];
  readonly wanted: (secret: string) => boolean;
  /** A value by chance. */
  readonly make: () => string;
  /** What only the user knows. */
  readonly known: (variable: string) => string | undefined;
}

/** @throws RangeError where a size is not known or a value is missing. */
export async function printed({ size, namespace, otlpHost, wanted, make, known }: Order): Promise<Manifest[]> {
  const found = sizes.find(({ name }) => name === size);
  if (!found)
    throw new RangeError(`Cannot print the Secrets of "${size}": sizes are ${sizes.map(({ name }) => name)}.`);
  const asked = askedSecrets(
    namespace,
    askedOf(found).filter(({ secret }) => wanted(secret)),
    (variable) => known(variable) ?? (byChance.has(variable) ? make() : undefined),
  );
  return [
    ...(wanted(secretName) ? [ownSecret(namespace, make)] : []),
    ...(wanted(edgeTokensSecret) ? [tokensSecret(namespace, make)] : []),
    ...(wanted(edgeCertificateSecret)
      ? [certificateSecret(namespace, await selfMade([...otlpHost, ...namesInside(namespace)]))]
      : []),
    ...asked,
  ];
}
