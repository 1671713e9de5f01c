/** An overlay: the base, and each part in its size, with its configuration. */
import { kubernetes } from '../place.ts';
import { components, isComponent, type Part, parts, podOf } from '../stack.ts';
import { Documents, yaml } from '../twin.ts';
import { autoscaler } from './autoscale.ts';
import { budget } from './budget.ts';
import { configs } from './configs.ts';
import { labels, namespace } from './manifest.ts';
import { policies } from './network.ts';
import { workload } from './pod.ts';
import { account, alerts, gossip, scraped, secured, service } from './service.ts';
import type { Size } from './size.ts';
import { clusterConfigMap } from './thanos.ts';
import { programs } from './workloads.ts';

/** By the names of the files: what `kubectl apply -k` reads. */
export function overlay(size: Size): Record<string, object> {
  const place = kubernetes(size);
  const present = partsOf(size);
  const all = programs(place);
  const workloads = present.map((part) => {
    const program = all[part];
    if (!program) throw new RangeError(`Cannot write the overlay ${size.name}: k8s/workloads.ts has no ${part}.`);
    // Names and accounts of what every size has are in the base.
    const own = isComponent(part) ? [] : [account(part, labels(part)), service(part, place)];
    const names = [...own, ...gossip(part, place), ...alerts(part, place), ...scraped(part, place)];
    const beside = [...names, ...budget(part, size), ...autoscaler(part, place, size)];
    return [part, new Documents(...beside, workload(part, place, size, program))] as const;
  });
  return {
    kustomization: {
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      namespace,
      resources: ['../../base', 'network.yaml', ...present.map((part) => `${part}.yaml`)],
      ...(place.tls && {
        patches: components.flatMap((part) => secured(part, place)).map((one) => ({ patch: yaml(one) })),
      }),
      // A name with a hash of what is in it: whoever mounts it rolls when it changes.
      configMapGenerator: [
        ...Object.keys(configs(place)).map((name) => ({ name, files: [`config/${name}.yaml`] })),
        ...(place.has('thanos-sidecar') ? [{ name: clusterConfigMap, literals: ['name=fleetscope'] }] : []),
      ],
    },
    network: new Documents(...policies(place, present)),
    ...Object.fromEntries(workloads),
  };
}

/** Those that run as pods of their own in a size, in stack.ts's order. */
export function partsOf({ replicas }: Size): Part[] {
  return (Object.keys(parts) as Part[]).filter((part) => replicas[part] && podOf(part) === part);
}
