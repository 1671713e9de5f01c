/** What has to be there before the stack starts, and is in no file of this repository: found in the manifests of a size themselves. */
import { partSecret } from '../mutual.ts';
import { secrets } from '../place.ts';
import type { Part } from '../stack.ts';
import { Documents } from '../twin.ts';
import { backupSecret } from './backup.ts';
import { authority, type Certificate, signed } from './certificates.ts';
import { edgeCertificateSecret, edgeServiceName, edgeTokensSecret } from './edge.ts';
import { type Manifest, ownLabels } from './manifest.ts';
import { overlay, partsOf } from './overlay.ts';
import { secretName } from './pod.ts';
import type { Size } from './size.ts';
import { certificateNames } from './tls.ts';

/** What only its owner knows. */
export interface Asked {
  readonly secret: string;
  readonly key: string;
  /**
   * By which it is given to us: `fleetscope-grafana`, `client-secret` → `FLEETSCOPE_GRAFANA_CLIENT_SECRET`. Never the pod's own: AWS_ACCESS_KEY_ID of
   * whoever runs the command is another's.
   */
  readonly variable: string;
}

/** Of these any long value will do, where nobody gives one. */
export const byChance: ReadonlySet<string> = new Set([variableOf('fleetscope-grafana', 'secret-key')]);

/** Every key that a pod of this size does not start without, and that is not made here. */
export function askedOf(size: Size): Asked[] {
  const found = Object.values(overlay(size)).flatMap((file) => [...keysIn(file)]);
  const made = new Set([secretName, edgeCertificateSecret, edgeTokensSecret, ...partsOf(size).map(partSecret)]);
  const unique = new Map(found.map((one) => [`${one.secret}/${one.key}`, one]));
  return [...unique.values()]
    .filter(({ secret }) => !made.has(secret))
    .sort((a, b) => (a.secret === b.secret ? 0 : a.secret < b.secret ? -1 : 1));
}

/** What the backup jobs ask for; of the keys of a store, both where one is given: a cloud may know its pods without. */
export function askedOfBackup(known: (variable: string) => string | undefined): Asked[] {
  const keys = ['access-key-id', 'secret-access-key'].map((key) => asked(backupSecret, key));
  return [
    ...['repository', 'password'].map((key) => asked(backupSecret, key)),
    ...(keys.some(({ variable }) => known(variable)) ? keys : []),
  ];
}

/** Wherever in a manifest a variable or a file comes from a Secret that has to be there. */
function* keysIn(value: unknown): Generator<Asked> {
  if (typeof value !== 'object' || value === null) return;
  const { valueFrom, secret } = value as {
    valueFrom?: { secretKeyRef?: { name: string; key: string; optional?: boolean } };
    secret?: { secretName?: string; name?: string; items?: { key: string }[]; optional?: boolean };
  };
  const ref = valueFrom?.secretKeyRef;
  if (ref && !ref.optional) yield asked(ref.name, ref.key);
  const file = secret?.secretName ?? secret?.name;
  if (file !== undefined && !secret?.optional) for (const { key } of secret?.items ?? []) yield asked(file, key);
  for (const one of value instanceof Documents ? value.all : Object.values(value)) yield* keysIn(one);
}

function asked(secret: string, key: string): Asked {
  return { secret, key, variable: variableOf(secret, key) };
}

function variableOf(secret: string, key: string): string {
  return `${secret}_${key}`.toUpperCase().replaceAll(/[^A-Z\d]+/g, '_');
}

/** Those that are made by chance: what parts of the stack know each other by. Changed by replacing it, never in place: pods read it when they start. */
export function ownSecret(namespace: string, make: () => string): Manifest {
  const values = Object.fromEntries(Object.keys(secrets).map((name) => [name, make()]));
  return { ...secret(namespace, secretName, values), immutable: true };
}

/** One sender to begin with. Whoever comes later gets a line of their own; its first word is the token, whatever follows is not read. */
export function tokensSecret(namespace: string, make: () => string): Manifest {
  return secret(namespace, edgeTokensSecret, { tokens: `${make()} whose it is\n` });
}

/** @param pem of the server, and the authority that senders trust, which nobody in the cluster reads. */
export function certificateSecret(namespace: string, pem: Certificate, name = edgeCertificateSecret): Manifest {
  const values = { 'ca.crt': pem.authority, 'tls.crt': pem.certificate, 'tls.key': pem.key };
  return { ...secret(namespace, name, values), type: 'kubernetes.io/tls' };
}

/** One for each part, all by one authority, whose key is thrown away: nobody can join them later. */
export async function partsSecrets(namespace: string, size: Size): Promise<Manifest[]> {
  const by = await authority();
  return Promise.all(
    holders(size).map(async (part) => {
      const pem = await signed(by, certificateNames(part, namespace), { usages: ['serverAuth', 'clientAuth'] });
      return certificateSecret(namespace, pem, partSecret(part));
    }),
  );
}

/** Who has a certificate where parts know each other by them. */
export function holders(size: Size): (Part | 'doctor')[] {
  return size.tls ? [...partsOf(size), 'doctor'] : [];
}

/** By which senders inside the cluster call the door that has the certificate. */
export function namesInside(namespace: string): string[] {
  const name = `${edgeServiceName}.${namespace}.svc`;
  return [name, `${name}.cluster.local`];
}

/** @throws RangeError that names each value that is missing, and the variable to set. */
export function askedSecrets(
  namespace: string,
  asked: readonly Asked[],
  known: (variable: string) => string | undefined,
): Manifest[] {
  const given = asked.map((one) => ({ ...one, value: known(one.variable) }));
  const missing = given.filter(({ value }) => !value);
  const width = Math.max(0, ...missing.map(({ variable }) => variable.length));
  if (missing.length > 0)
    throw new RangeError(
      [
        `Cannot print the Secrets: ${missing.length === 1 ? '1 value is' : `${missing.length} values are`} missing, which only you know (docs/secrets.md).`,
        ...missing.map(({ secret, key, variable }) => `  ${variable.padEnd(width)} ${secret}, key ${key}`),
        'Set each, or its file as <variable>_FILE; or leave a Secret to who else makes it: --without <secret>.',
      ].join('\n'),
    );
  return [...Map.groupBy(given, (one) => one.secret)].map(([name, keys]) =>
    secret(namespace, name, Object.fromEntries(keys.map(({ key, value }) => [key, value as string]))),
  );
}

function secret(namespace: string, name: string, stringData: Record<string, string>): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace, labels: ownLabels },
    type: 'Opaque',
    stringData,
  };
}
