/** What a cluster of one node is made of, built from pinned Go modules; the rest is Debian's. */
import type { Tool } from '../../native/tool.ts';

const remedy = 'Install a Go as new as its go.mod asks for (https://go.dev/dl).';

/** As native/kubernetes/go.mod pins it. */
export const kubernetesVersion = '1.36.3';

const [major, minor] = kubernetesVersion.split('.') as [string, string];
const version = 'k8s.io/component-base/version';
const command = 'k8s.io/kubernetes/cmd';

export const kubernetes: Tool = {
  name: 'kubernetes',
  programs: {
    'kube-apiserver': `${command}/kube-apiserver`,
    'kube-controller-manager': `${command}/kube-controller-manager`,
    'kube-scheduler': `${command}/kube-scheduler`,
    'kube-proxy': `${command}/kube-proxy`,
    kubelet: `${command}/kubelet`,
    kubectl: `${command}/kubectl`,
  },
  variables: {
    [`${version}.gitVersion`]: `v${kubernetesVersion}`,
    [`${version}.gitMajor`]: major,
    [`${version}.gitMinor`]: minor,
  },
  remedy,
};

export const etcd: Tool = { name: 'etcd', programs: { etcd: 'go.etcd.io/etcd/server/v3' }, remedy };

export const coredns: Tool = { name: 'coredns', programs: { coredns: 'github.com/coredns/coredns' }, remedy };

/** Enforces network policies, with rules of the node's own iptables. */
export const kubeRouter: Tool = {
  name: 'kube-router',
  programs: { 'kube-router': 'github.com/cloudnativelabs/kube-router/v2/cmd/kube-router' },
  remedy,
};

/** Tells autoscalers what pods use of CPU and memory. */
export const metricsServer: Tool = {
  name: 'metrics-server',
  programs: { 'metrics-server': 'sigs.k8s.io/metrics-server/cmd/metrics-server' },
  remedy,
};

/** Looks over manifests for what goes wrong in production. */
export const kubeScore: Tool = {
  name: 'kube-score',
  programs: { 'kube-score': 'github.com/zegl/kube-score/cmd/kube-score' },
  remedy,
};

/** Programs of the system, and the Debian packages that bring them. */
export const systemPrograms = {
  containerd: 'containerd',
  ctr: 'containerd',
  runc: 'runc',
  iptables: 'iptables',
  ipset: 'ipset',
  conntrack: 'conntrack',
  ip: 'iproute2',
  unshare: 'util-linux',
  nsenter: 'util-linux',
  openssl: 'openssl',
} as const;

/** Where Debian's containernetworking-plugins puts them. */
export const cniFolder = '/usr/lib/cni';
