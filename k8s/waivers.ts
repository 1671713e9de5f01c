/** What kube-score finds and we leave as it is. A waiver that nothing needs any more is an error, as in grafana/waivers.ts. */
import type { Part } from '../stack.ts';

export interface Waiver {
  /** Its rule, as `kube-score list` names it. */
  readonly rule: string;
  readonly parts: 'all' | readonly Part[];
  readonly reason: string;
}

export const waivers: readonly Waiver[] = [
  {
    rule: 'container-resources',
    parts: 'all',
    reason:
      'It asks for a limit of CPU. Throttled, a queue grows while the node idles; what a part needs at least is requested, and memory is limited.',
  },
  {
    rule: 'container-image-pull-policy',
    parts: 'all',
    reason:
      'It asks for Always. Tags are exact, so that a node that has the image has the right one, and starts it while the registry is away.',
  },
  {
    rule: 'statefulset-has-host-podantiaffinity',
    parts: ['collector', 'sampler', 'loki', 'loki-backend', 'prometheus', 'thanos-rule', 'alertmanager'],
    reason:
      'Topology spread says the same of nodes and of zones, and goes on placing when there are fewer nodes than pods (k8s/spread.ts).',
  },
  {
    rule: 'deployment-has-host-podantiaffinity',
    parts: ['loki-read', 'thanos-query', 'thanos-query-frontend', 'grafana'],
    reason: 'As of those with claims: topology spread says it (k8s/spread.ts).',
  },
  {
    rule: 'pod-probes-identical',
    parts: ['collector', 'sampler'],
    reason:
      'Its extension health_check has one answer. Alive is asked six times over two minutes before it is believed, ready three times over fifteen seconds.',
  },
  {
    rule: 'pod-probes-identical',
    parts: [
      ...(['alertmanager', 'thanos-query', 'thanos-query-frontend', 'thanos-rule', 'thanos-store'] as const),
      ...(['thanos-compact', 'thanos-compact-daily'] as const),
    ],
    reason:
      'With certificates the kubelet, which has none, has one question left to these. Alive is asked six times at four times the distance before it is believed.',
  },
  {
    rule: 'statefulset-has-servicename',
    parts: ['grafana', 'escalation'],
    reason:
      'It asks for a headless Service. These have one with an address, for ingress controllers that find no pods by themselves; nobody calls one of their pods by name.',
  },
  {
    rule: 'container-security-context-user-group-id',
    parts: [
      ...(['grafana', 'thanos-query', 'thanos-query-frontend', 'thanos-rule', 'thanos-store'] as const),
      ...(['thanos-compact', 'thanos-compact-daily'] as const),
    ],
    reason:
      "472 and 1001 are the users of these images, who own their files; a node's own users are not in its container.",
  },
];
