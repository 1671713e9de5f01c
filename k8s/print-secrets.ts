/** The Secrets of a size as manifests: those made by chance, a certificate, and those that were asked for. */
import { readFileSync } from 'node:fs';
import { partsCertificates } from '../mutual.ts';
import { backupSecret } from './backup.ts';
import { selfMade } from './certificates.ts';
import { edgeCertificateSecret, edgeTokensSecret } from './edge.ts';
import type { Manifest } from './manifest.ts';
import { secretName } from './pod.ts';
import {
  askedOf,
  askedOfBackup,
  askedSecrets,
  byChance,
  certificateSecret,
  namesInside,
  ownSecret,
  partsSecrets,
  tokensSecret,
} from './secrets.ts';
import { type Size, sizes } from './size.ts';

export interface Order {
  readonly size: string;
  readonly namespace: string;
  /** By which senders outside call the Collector. */
  readonly otlpHost: readonly string[];
  readonly wanted: (secret: string) => boolean;
  /** That of the backup jobs, too. @default false */
  readonly backup?: boolean;
  /** A value by chance. */
  readonly make: () => string;
  /** What only the user knows. */
  readonly known: (variable: string) => string | undefined;
}

/** @throws RangeError where a size is not known or a value is missing. */
export async function printed(order: Order): Promise<Manifest[]> {
  const { size, namespace, otlpHost, wanted, backup = false, make, known } = order;
  const asked = askedSecrets(
    namespace,
    [...askedOf(sizeOf(size)), ...(backup ? askedOfBackup(known) : [])].filter(({ secret }) => wanted(secret)),
    (variable) => known(variable) ?? (byChance.has(variable) ? make() : undefined),
  );
  return [
    ...(wanted(secretName) ? [ownSecret(namespace, make)] : []),
    ...(wanted(edgeTokensSecret) ? [tokensSecret(namespace, make)] : []),
    ...(wanted(edgeCertificateSecret)
      ? [certificateSecret(namespace, await selfMade([...otlpHost, ...namesInside(namespace)]))]
      : []),
    ...(wanted(partsCertificates) ? await partsSecrets(namespace, sizeOf(size)) : []),
    ...asked,
  ];
}

/** Which of a size's Secrets are meant. @throws RangeError for one that it has not: a misspelt one would be printed, or missing, in silence. */
export function chosen(size: string, only: readonly string[] | undefined, without: readonly string[]): Order['wanted'] {
  const known = new Set([secretName, edgeTokensSecret, edgeCertificateSecret]);
  if (sizeOf(size).tls) known.add(partsCertificates);
  for (const { secret } of askedOf(sizeOf(size))) known.add(secret);
  known.add(backupSecret);
  const strange = [...(only ?? []), ...without].find((name) => !known.has(name));
  if (strange !== undefined)
    throw new RangeError(
      `Cannot print the Secrets: there is none called "${strange}". Those of "${size}" are ${[...known].join(', ')}.`,
    );
  return (name) => (only?.includes(name) ?? true) && !without.includes(name);
}

/** A variable, or what is in the file that `<variable>_FILE` names, without the newline at its end, which editors add. @throws RangeError */
export function given(env: NodeJS.ProcessEnv, variable: string): string | undefined {
  const file = env[`${variable}_FILE`];
  if (env[variable] || !file) return env[variable];
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new RangeError(
      `Cannot print the Secrets: ${variable}_FILE=${file} cannot be read (${code}). Make the file, or let this user read it.`,
      { cause },
    );
  }
}

function sizeOf(name: string): Size {
  const found = sizes.find((size) => size.name === name);
  if (found) return found;
  throw new RangeError(`Cannot print the Secrets of "${name}": sizes are ${sizes.map(({ name }) => name)}.`);
}
