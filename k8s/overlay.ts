/** An overlay: the base, and each component in its size, with its configuration. */
import { kubernetes } from '../place.ts';
import { type Component, components } from '../stack.ts';
import { configs } from './configs.ts';
import { type Manifest, namespace } from './manifest.ts';
import { statefulSet } from './pod.ts';
import type { Size } from './size.ts';
import { programs } from './workloads.ts';

export function overlay(size: Size): { kustomization: object } & Record<Component, Manifest> {
  const place = kubernetes(size);
  const all = programs(place);
  const workloads = Object.fromEntries(
    components.map((component) => [component, statefulSet(component, place, size, all[component])]),
  ) as Record<Component, Manifest>;
  return {
    kustomization: {
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      namespace,
      resources: ['../../base', ...components.map((component) => `${component}.yaml`)],
      // A name with a hash of what is in it: whoever mounts it rolls when it changes.
      configMapGenerator: [
        ...Object.keys(configs(place)).map((name) => ({ name, files: [`config/${name}.yaml`] })),
        { name: 'escalation', literals: ['FLEETSCOPE_ESCALATION_URL=http://127.0.0.1:9002'] },
      ],
    },
    ...workloads,
  };
}
