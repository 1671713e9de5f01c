/** What has to be there before the stack starts, and is in no file of this repository. */
import { secrets } from '../place.ts';
import { type Manifest, ownLabels } from './manifest.ts';
import { secretName } from './pod.ts';

/** @param make gives a value made by chance. */
export function secretManifest(namespace: string, make: () => string): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: secretName, namespace, labels: ownLabels },
    type: 'Opaque',
    // Changed by replacing it, never in place: pods see a new one when they start.
    immutable: true,
    stringData: Object.fromEntries(Object.keys(secrets).map((name) => [name, make()])),
  };
}
