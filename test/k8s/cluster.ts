/** A real Kubernetes of one node, made of processes on this machine: gone with all its traces when the test ends, or is killed. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { needTool } from '../../native/tool.ts';
import { twin } from '../../twin.ts';
import { needBusybox } from '../compose/make.ts';
import { makeCertificates } from './certificates.ts';
import { cni, containerdConfig, kubeconfig, kubeletConfig, pauseImage } from './cluster-files.ts';
import { importImage } from './image-archive.ts';
import { nameService, nameServiceImage } from './name-service.ts';
import { type Node, startNode } from './node.ts';
import { needSystem } from './system.ts';
import { coredns, etcd, kubeRouter, kubernetes } from './tools.ts';

export interface Cluster {
  readonly folder: string;
  /** Where its processes run. */
  readonly node: Node;
  /** The program that speaks to it, and the file by which. */
  readonly client: { readonly kubectl: string; readonly kubeconfig: string };
  /** Runs kubectl as the administrator. @returns what it printed. @throws Error with what it said. */
  kubectl(args: readonly string[], stdin?: string): Promise<string>;
  /** Runs ctr in the namespace of the kubelet. */
  ctr(args: readonly string[]): Promise<string>;
  /** Folders of volumes; they belong to the cluster. */
  readonly volumes: string;
  stop(): Promise<void>;
}

export interface ClusterOptions {
  /** Whether network policies are enforced. Then nobody outside of the node reaches a pod that they close. @default false */
  readonly enforcesPolicies?: boolean;
}

interface Running {
  readonly name: string;
  hasEnded: boolean;
}

export async function startCluster(
  notice: (line: string) => void,
  { enforcesPolicies = false }: ClusterOptions = {},
): Promise<Cluster> {
  await needSystem();
  const bin = {
    ...{ kubernetes: await needTool(kubernetes, notice), etcd: await needTool(etcd, notice) },
    ...{ coredns: await needTool(coredns, notice) },
    ...(enforcesPolicies && { router: await needTool(kubeRouter, notice) }),
  };
  const node = await startNode();
  const { folder, address } = node;
  const running: Running[] = [];
  const start = (name: string, program: string, args: readonly string[]) => {
    const log = { file: join(folder, `${name}.log`), append: true } as const;
    const one: Running = { name, hasEnded: false };
    running.push(one);
    const process = node.run(program, args, { stdin: 'ignore', stdout: log, stderr: log, reject: false });
    void process.then(() => {
      one.hasEnded = true;
    });
  };
  const client = { kubectl: join(bin.kubernetes, 'kubectl'), kubeconfig: join(folder, 'kubeconfig') };
  const cluster: Cluster = {
    folder,
    node,
    client,
    volumes: join(folder, 'volumes'),
    async kubectl(args, stdin) {
      const { stdout } = await execa(client.kubectl, ['--kubeconfig', client.kubeconfig, ...args], {
        ...(stdin === undefined ? { stdin: 'ignore' } : { input: stdin }),
        env: { HOME: folder },
      });
      return stdout;
    },
    async ctr(args) {
      const socket = join(folder, 'containerd.sock');
      const { stdout } = await execa('ctr', ['--address', socket, '--namespace', 'k8s.io', ...args]);
      return stdout;
    },
    stop: () => node.stop(),
  };

  try {
    for (const name of ['volumes', 'kubelet', 'cni', 'pki']) mkdirSync(join(folder, name), { recursive: true });
    await makeCertificates(join(folder, 'pki'));
    const token = Buffer.from(crypto.getRandomValues(new Uint8Array(24))).toString('hex');
    writeFileSync(join(folder, 'tokens.csv'), `${token},admin,admin,system:masters\n`, { mode: 0o600 });
    writeFileSync(client.kubeconfig, kubeconfig(node, token), { mode: 0o600 });
    writeFileSync(join(folder, 'containerd.toml'), containerdConfig(folder));
    writeFileSync(join(folder, 'cni', '10-bridge.conflist'), JSON.stringify(cni(node), null, 2));
    writeFileSync(join(folder, 'kubelet.yaml'), kubeletConfig(node));

    start('etcd', join(bin.etcd, 'etcd'), ['--data-dir', join(folder, 'etcd'), '--unsafe-no-fsync']);
    start('containerd', 'containerd', ['--config', join(folder, 'containerd.toml')]);
    start('kube-apiserver', join(bin.kubernetes, 'kube-apiserver'), [
      ...['--etcd-servers=http://127.0.0.1:2379', `--bind-address=${address}`, `--cert-dir=${join(folder, 'api')}`],
      ...[`--token-auth-file=${join(folder, 'tokens.csv')}`, '--authorization-mode=RBAC'],
      ...[`--service-cluster-ip-range=${node.servicePrefix}.0/24`, '--endpoint-reconciler-type=none'],
      ...['--allow-privileged=false', '--kubelet-preferred-address-types=InternalIP'],
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-key-file=${join(folder, 'pki', 'accounts.key')}`,
      `--service-account-signing-key-file=${join(folder, 'pki', 'accounts.key')}`,
      `--kubelet-client-certificate=${join(folder, 'pki', 'client.crt')}`,
      `--kubelet-client-key=${join(folder, 'pki', 'client.key')}`,
      // By which it is known to whoever answers for a part of its API (metrics-server.ts).
      ...[
        `--requestheader-client-ca-file=${join(folder, 'pki', 'ca.crt')}`,
        '--requestheader-allowed-names=api-server',
      ],
      ...['--requestheader-username-headers=X-Remote-User', '--requestheader-group-headers=X-Remote-Group'],
      '--requestheader-extra-headers-prefix=X-Remote-Extra-',
      `--proxy-client-cert-file=${join(folder, 'pki', 'client.crt')}`,
      `--proxy-client-key-file=${join(folder, 'pki', 'client.key')}`,
    ]);
    await until('the API server answers', () => cluster.kubectl(['get', '--raw', '/readyz']), running, folder);
    const config = `--kubeconfig=${client.kubeconfig}`;
    start('kube-controller-manager', join(bin.kubernetes, 'kube-controller-manager'), [
      ...[config, '--leader-elect=false', '--bind-address=127.0.0.1'],
      `--service-account-private-key-file=${join(folder, 'pki', 'accounts.key')}`,
      `--root-ca-file=${join(folder, 'pki', 'ca.crt')}`,
    ]);
    start('kube-scheduler', join(bin.kubernetes, 'kube-scheduler'), [
      ...[config, '--leader-elect=false', '--bind-address=127.0.0.1'],
    ]);
    start('kubelet', join(bin.kubernetes, 'kubelet'), [
      ...[config, `--config=${join(folder, 'kubelet.yaml')}`, `--root-dir=${join(folder, 'kubelet')}`],
      ...[`--cert-dir=${join(folder, 'kubelet-pki')}`, '--hostname-override=node', `--node-ip=${address}`],
    ]);
    start('kube-proxy', join(bin.kubernetes, 'kube-proxy'), [
      ...[config, '--hostname-override=node', '--proxy-mode=iptables', `--cluster-cidr=${node.podPrefix}.0/24`],
      // These limits are the whole machine's.
      ...[
        '--conntrack-max-per-core=0',
        '--conntrack-tcp-timeout-established=0',
        '--conntrack-tcp-timeout-close-wait=0',
      ],
    ]);
    const ready = () => cluster.kubectl(['wait', '--for=condition=Ready', 'node/node', '--timeout=5s']);
    await until('the node is ready', ready, running, folder);
    // It looks for its node once, when it starts.
    if (bin.router)
      start('kube-router', join(bin.router, 'kube-router'), [
        ...[config, '--run-firewall', '--run-router=false', '--run-service-proxy=false', '--hostname-override=node'],
        ...[`--service-cluster-ip-range=${node.servicePrefix}.0/24`, '--iptables-sync-period=10s'],
      ]);
    await provide(cluster, join(bin.coredns, 'coredns'), token);
    return cluster;
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

/** What holds a pod's network open, and who answers its questions for names. */
async function provide(cluster: Cluster, program: string, token: string): Promise<void> {
  const pause = { entrypoint: ['/bin/busybox', 'sleep', '2147483647'], user: '65534' };
  await importImage(cluster, pauseImage, [{ path: '/bin/busybox', program: needBusybox() }], pause);
  const names = { entrypoint: ['/coredns'], user: '0' };
  await importImage(cluster, nameServiceImage, [{ path: '/coredns', program }], names);
  const [text = ''] = Object.values(twin('yaml', nameService(cluster.node, token)).render('test/k8s/name-service.ts'));
  await cluster.kubectl(['apply', '--filename', '-'], text);
  await cluster.kubectl([
    ...['--namespace', 'kube-system', 'rollout', 'status', 'deployment/coredns', '--timeout=120s'],
  ]);
}

/** Asks again for two minutes. @throws Error with the end of the log of a process that has ended, or the last answer. */
async function until(
  what: string,
  ask: () => Promise<unknown>,
  running: readonly Running[],
  folder: string,
): Promise<void> {
  for (const since = performance.now(); ; await delay(500)) {
    try {
      await ask();
      return;
    } catch (error) {
      const ended = running.find(({ hasEnded }) => hasEnded);
      if (ended) throw new Error(`Cannot start the cluster: ${ended.name} has ended.\n${tail(folder, ended.name)}`);
      if (performance.now() - since > 120_000)
        throw new Error(`Cannot start the cluster: waited two minutes until ${what}. ${(error as Error).message}`);
    }
  }
}

function tail(folder: string, name: string): string {
  return readFileSync(join(folder, `${name}.log`), 'utf8')
    .split('\n')
    .slice(-12)
    .join('\n');
}
