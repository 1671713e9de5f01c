/** The files that the programs of the cluster read. */
import { join } from 'node:path';
import { yaml } from '../../twin.ts';
import type { Node } from './node.ts';
import { cniFolder } from './tools.ts';

/** One bridge; what leaves it is masked by the node's address. */
export function cni({ podPrefix }: Node) {
  return {
    cniVersion: '0.4.0',
    name: 'pods',
    plugins: [
      {
        ...{ type: 'bridge', bridge: 'pods', isGateway: true, ipMasq: true, hairpinMode: true },
        ipam: {
          type: 'host-local',
          ranges: [[{ subnet: `${podPrefix}.0/24`, gateway: `${podPrefix}.1` }]],
          routes: [{ dst: '0.0.0.0/0' }],
        },
      },
    ],
  };
}

/** Where the cluster's name service is asked. */
export function dnsAddress({ servicePrefix }: Node): string {
  return `${servicePrefix}.10`;
}

export function containerdConfig(folder: string): string {
  return `version = 2
root = "${join(folder, 'containerd')}"
state = "${join(folder, 'containerd-state')}"
[grpc]
  address = "${join(folder, 'containerd.sock')}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${pauseImage}"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "${cniFolder}"
    conf_dir = "${join(folder, 'cni')}"
[plugins."io.containerd.internal.v1.opt"]
  path = "${join(folder, 'opt')}"
`;
}

/** Holds a pod's network open. */
export const pauseImage = 'fleetscope.test/pause:1';

export function kubeconfig({ address }: Node, token: string): string {
  return yaml({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server: `https://${address}:6443`, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'admin', user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'admin' } }],
    'current-context': 'test',
  });
}

export function kubeletConfig(node: Node): string {
  const { folder, address, cgroup } = node;
  return yaml({
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    ...{ cgroupDriver: 'cgroupfs', cgroupRoot: `/${cgroup}`, failCgroupV1: false, failSwapOn: false },
    ...{ address, readOnlyPort: 0 },
    containerRuntimeEndpoint: `unix://${join(folder, 'containerd.sock')}`,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: false },
      x509: { clientCAFile: join(folder, 'pki', 'ca.crt') },
    },
    authorization: { mode: 'AlwaysAllow' },
    clusterDNS: [dnsAddress(node)],
    clusterDomain: 'cluster.local',
    // A developer's disk may be fuller than a node's ought to be.
    evictionHard: { 'memory.available': '100Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
    imageGCHighThresholdPercent: 100,
    podLogsDir: join(folder, 'pod-logs'),
    volumePluginDir: join(folder, 'volume-plugins'),
  });
}
