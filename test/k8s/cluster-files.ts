/** The files that the programs of the cluster read. */
import { join } from 'node:path';
import { yaml } from '../../twin.ts';
import { cniFolder } from './tools.ts';

const [bridge, gateway, prefix] = ['fleetscope0', '10.212.0.1', 16];

/** One bridge; what leaves it is masked by the node's address. */
export const network = {
  bridge,
  gateway,
  prefix,
  cni: {
    cniVersion: '0.4.0',
    name: 'fleetscope',
    plugins: [
      {
        ...{ type: 'bridge', bridge, isGateway: true, ipMasq: true, hairpinMode: true },
        ipam: {
          type: 'host-local',
          ranges: [[{ subnet: '10.212.0.0/16', rangeStart: '10.212.1.1', gateway }]],
          routes: [{ dst: '0.0.0.0/0' }],
        },
      },
    ],
  },
};

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

export function kubeconfig({ apiPort }: { apiPort: number }, token: string): string {
  return yaml({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server: `https://127.0.0.1:${apiPort}`, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'admin', user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'admin' } }],
    'current-context': 'test',
  });
}

export function kubeletConfig(folder: string, healthPort: number): string {
  return yaml({
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    ...{ cgroupDriver: 'cgroupfs', failCgroupV1: false, failSwapOn: false, address: gateway },
    ...{ healthzPort: healthPort, readOnlyPort: 0 },
    containerRuntimeEndpoint: `unix://${join(folder, 'containerd.sock')}`,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: false },
      x509: { clientCAFile: join(folder, 'pki', 'ca.crt') },
    },
    authorization: { mode: 'AlwaysAllow' },
    clusterDNS: [gateway],
    clusterDomain: 'cluster.local',
    // A developer's disk may be fuller than a node's ought to be.
    evictionHard: { 'memory.available': '100Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
    imageGCHighThresholdPercent: 100,
    podLogsDir: join(folder, 'pod-logs'),
    volumePluginDir: join(folder, 'volume-plugins'),
  });
}

export function corefile({ folder }: { folder: string }): string {
  return `.:53 {
    bind ${gateway}
    errors
    kubernetes cluster.local in-addr.arpa {
        kubeconfig ${join(folder, 'kubeconfig')}
        ttl 2
    }
    forward . /etc/resolv.conf
}
`;
}
