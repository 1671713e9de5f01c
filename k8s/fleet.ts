/** The demo fleet as any team's service stands in a cluster: in a namespace of its own, with one way out, to the Collector. */
import { kubernetes, url } from '../place.ts';
import { demoFleet, nodeHeapShare, stack } from '../stack.ts';
import { Documents } from '../twin.ts';
import { confined, confinedPod } from './confined.ts';
import { quantity, unkeptMib } from './container.ts';
import { senderLabel } from './flows.ts';
import { type Manifest, ownLabels, restricted, selector, namespace as stackNamespace } from './manifest.ts';
import { denyAll, dns, policy, tcp } from './network.ts';
import { account } from './service.ts';
import { single } from './size.ts';

export const fleetNamespace = 'fleetscope-fleet';

export function fleetManifests(): Record<string, object> {
  return {
    kustomization: {
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      namespace: fleetNamespace,
      resources: ['namespace.yaml', 'network.yaml', 'fleet.yaml'],
    },
    namespace: {
      apiVersion: 'v1',
      kind: 'Namespace',
      // The first is all that a team's own namespace needs for its telemetry to be let in.
      metadata: { name: fleetNamespace, labels: { ...senderLabel, ...ownLabels, ...restricted } },
    },
    network: new Documents(denyAll(), wayToCollector()),
    fleet: new Documents(account(name, labels), deployment()),
  };
}

const name = 'fleet';

/** By which its policies find its pods. */
export const fleetPods = { 'app.kubernetes.io/name': name, 'app.kubernetes.io/part-of': 'fleetscope' };

const labels = { ...ownLabels, ...fleetPods };

function wayToCollector(): Manifest {
  const collector = {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': stackNamespace } },
    podSelector: { matchLabels: selector('collector') },
  };
  return policy(name, labels, fleetPods, {
    policyTypes: ['Ingress', 'Egress'],
    egress: [dns, { to: [collector], ports: [tcp(stack.collector.ports.grpc)] }],
  });
}

function deployment(): Manifest {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, labels },
    spec: {
      replicas: 1,
      selector: { matchLabels: fleetPods },
      template: { metadata: { labels }, spec: pod() },
    },
  };
}

function pod() {
  return {
    ...confinedPod(name, demoFleet.user),
    // Work that is under way has five seconds, the telemetry of it ten.
    terminationGracePeriodSeconds: 30,
    containers: [container()],
    // What agents write, run and remember: theirs alone, and gone with them.
    volumes: [{ name: 'scratch', emptyDir: { sizeLimit: quantity(unkeptMib.scratch) } }],
  };
}

/** Without probes: nobody calls it, and whatever of it ends takes the container with it. */
function container() {
  const { image, memory } = demoFleet;
  const place = kubernetes(single);
  const collector = new URL(url(place, 'collector', 'grpc'));
  collector.hostname = `${collector.hostname}.${stackNamespace}`;
  return {
    name,
    image,
    args: ['--rate=3'],
    env: [
      { name: 'OTEL_EXPORTER_OTLP_ENDPOINT', value: collector.origin },
      // Of each of its two processes.
      { name: 'NODE_OPTIONS', value: `--max-old-space-size=${Math.floor((memory * nodeHeapShare) / 2)}` },
    ],
    resources: {
      requests: { cpu: '100m', memory: quantity(memory / 2), 'ephemeral-storage': quantity(unkeptMib.log) },
      // As of the stack's own: no limit of CPU.
      limits: { memory: quantity(memory), 'ephemeral-storage': quantity(unkeptMib.log + unkeptMib.scratch) },
    },
    securityContext: confined,
    volumeMounts: [{ name: 'scratch', mountPath: '/tmp' }],
  };
}
