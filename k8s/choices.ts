/** What components add to an overlay: an argument, a file, a way through the network policies. (P07, P11) */
import type { Part } from '../stack.ts';
import { type Manifest, ownLabels, selector } from './manifest.ts';
import { policy, tcp } from './network.ts';

/** One more configuration file of the Collector, from one more key of its ConfigMap: `copy` is the name of both. */
export function collectorReads(copy: string) {
  return {
    configMapGenerator: [{ name: 'collector', behavior: 'merge', files: [`${copy}.yaml=collector-${copy}.yaml`] }],
    arguments: patch('collector', added('args', `--config=/etc/otelcol/${copy}.yaml`)),
  };
}

interface Operation {
  op: 'add';
  path: string;
  value: unknown;
}

/** A patch of the pods of a part. */
export function patch(part: Part, ...operations: Operation[]) {
  return { target: { kind: 'StatefulSet|Deployment', name: part }, patch: JSON.stringify(operations) };
}

/** One more of a list of the part's own container. */
export function added(list: 'args' | 'env' | 'volumeMounts', value: unknown): Operation {
  return { op: 'add', path: `/spec/template/spec/containers/0/${list}/-`, value };
}

export function addedVolume(value: object): Operation {
  return { op: 'add', path: '/spec/template/spec/volumes/-', value };
}

/** One more way out of a part: policies add up. */
export function wayOut(part: Part, name: string, to: object[], ports: readonly number[]): Manifest {
  return policy(`${part}-to-${name}`, ownLabels, selector(part), {
    policyTypes: ['Egress'],
    egress: [{ to, ...(ports.length > 0 && { ports: ports.map(tcp) }) }],
  });
}

/** A variable of a container from a key of a Secret. */
export function fromSecret(secret: string, key: string, optional = false) {
  return { valueFrom: { secretKeyRef: { name: secret, key, ...(optional && { optional }) } } };
}
