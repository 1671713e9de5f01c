/** The host names of a cluster: its owner writes them down once, in a ConfigMap beside the overlay (k8s/example/hosts.yaml), and components read them there. */
import type { Manifest } from './manifest.ts';

export const hostsConfigMap = 'fleetscope-hosts';

/** What stands where its owner's name is to come: by RFC 2606 it never leads anywhere. */
export const nowhere = 'nowhere.invalid';

export type HostKey = 'grafana' | 'escalation' | 'otlp' | 'issuer';

/**
 * kustomize's way to say: here stands what the ConfigMap has under this key. Without it nothing is built. Each target is one kind and one name:
 * a pattern is no error to an older kubectl, it finds nothing and leaves `nowhere` where it was.
 */
export function fromHosts(key: HostKey, ...targets: readonly Target[]) {
  return {
    source: { kind: 'ConfigMap', name: hostsConfigMap, fieldPath: `data.${key}` },
    targets: targets.map(({ kind, name, fieldPaths, options }) => ({
      select: { kind, name },
      fieldPaths,
      ...(options && { options }),
    })),
  };
}

export interface Target {
  readonly kind: string;
  readonly name: string;
  readonly fieldPaths: readonly string[];
  readonly options?: { readonly delimiter: string; readonly index: number };
}

/** The host between the slashes of a URL in a variable of a part, whichever kind a size makes of it: what is not there is passed over. */
export function urlIn(part: string, variable: string): Target[] {
  return ['StatefulSet', 'Deployment'].map((kind) => ({
    ...{ kind, name: part },
    fieldPaths: [`spec.template.spec.containers.[name=${part}].env.[name=${variable}].value`],
    options: { delimiter: '/', index: 2 },
  }));
}

/** A kustomization that is added to another's. */
export function component(content: object): object {
  return { apiVersion: 'kustomize.config.k8s.io/v1alpha1', kind: 'Component', ...content };
}

/** An environment variable of a part, whatever it was before. */
export function setVariables(part: string, variables: Readonly<Record<string, string>>) {
  const env = Object.entries(variables).map(([name, value]) => ({ name, value, valueFrom: null }));
  const patch: Manifest = {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: part },
    spec: { template: { spec: { containers: [{ name: part, env }] } } },
  };
  return { target: { kind: 'StatefulSet|Deployment', name: part }, patch: JSON.stringify(patch) };
}
