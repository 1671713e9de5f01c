/** A real Kubernetes of one node, made of processes on this machine: gone with all its traces when the test ends. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { execa, type Subprocess } from 'execa';
import getPort from 'get-port';
import { needTool } from '../tool.ts';
import { makeCertificates } from './certificates.ts';
import { containerdConfig, corefile, kubeconfig, kubeletConfig, network } from './cluster-files.ts';
import { needSystem } from './system.ts';
import { coredns, etcd, kubernetes } from './tools.ts';

export interface Cluster {
  readonly folder: string;
  /** Runs kubectl as the administrator. @returns what it printed. @throws Error with what it said. */
  kubectl(args: readonly string[], stdin?: string): Promise<string>;
  /** Runs ctr in the namespace of the kubelet. */
  ctr(args: readonly string[]): Promise<string>;
  /** Folders of volumes; they belong to the cluster. */
  readonly volumes: string;
  stop(): Promise<void>;
}

interface Running {
  readonly name: string;
  readonly process: Pick<Subprocess, 'kill'> & Promise<unknown>;
  hasEnded: boolean;
}

export async function startCluster(notice: (line: string) => void): Promise<Cluster> {
  await needSystem();
  const bin = {
    ...{ kubernetes: await needTool(kubernetes, notice) },
    ...{ etcd: await needTool(etcd, notice), coredns: await needTool(coredns, notice) },
  };
  const folder = mkdtempSync(join(tmpdir(), 'fleetscope-k8s-'));
  const [etcdPort, peerPort, apiPort, ...others] = await freePorts(6);
  const files = { folder, apiPort: apiPort as number };
  const running: Running[] = [];
  const start = (name: string, program: string, args: readonly string[], env: Record<string, string> = {}) => {
    const log = { file: join(folder, `${name}.log`), append: true } as const;
    const process = execa(program, args, {
      env,
      cwd: folder,
      stdin: 'ignore',
      stdout: log,
      stderr: log,
      reject: false,
    });
    const one: Running = { name, process, hasEnded: false };
    void process.then(() => {
      one.hasEnded = true;
    });
    running.push(one);
  };
  const [controllerPort, schedulerPort, healthPort] = others as [number, number, number];
  const cluster: Cluster = {
    folder,
    volumes: join(folder, 'volumes'),
    async kubectl(args, stdin) {
      const { stdout } = await execa(
        join(bin.kubernetes, 'kubectl'),
        ['--kubeconfig', join(folder, 'kubeconfig'), ...args],
        {
          ...(stdin === undefined ? { stdin: 'ignore' } : { input: stdin }),
          env: { HOME: folder },
        },
      );
      return stdout;
    },
    async ctr(args) {
      const { stdout } = await execa('ctr', [
        '--address',
        join(folder, 'containerd.sock'),
        '--namespace',
        'k8s.io',
        ...args,
      ]);
      return stdout;
    },
    async stop() {
      await endPods(folder);
      for (const { process } of running.toReversed()) {
        process.kill('SIGTERM', new Error('the test has ended'));
        await Promise.race([process, delay(5000).then(() => process.kill('SIGKILL'))]);
      }
      await undoNetwork(folder);
      rmSync(folder, { recursive: true, force: true });
    },
  };

  try {
    for (const name of ['volumes', 'kubelet', 'cni', 'pki']) mkdirSync(join(folder, name), { recursive: true });
    await makeCertificates(join(folder, 'pki'));
    const token = Buffer.from(crypto.getRandomValues(new Uint8Array(24))).toString('hex');
    writeFileSync(join(folder, 'tokens.csv'), `${token},admin,admin,system:masters\n`, { mode: 0o600 });
    writeFileSync(join(folder, 'kubeconfig'), kubeconfig(files, token), { mode: 0o600 });
    writeFileSync(join(folder, 'containerd.toml'), containerdConfig(folder));
    writeFileSync(join(folder, 'cni', '10-bridge.conflist'), JSON.stringify(network.cni, null, 2));
    writeFileSync(join(folder, 'kubelet.yaml'), kubeletConfig(folder, healthPort));
    writeFileSync(join(folder, 'Corefile'), corefile(files));
    await makeNetwork();

    start('etcd', join(bin.etcd, 'etcd'), [
      ...['--data-dir', join(folder, 'etcd'), '--listen-client-urls', `http://127.0.0.1:${etcdPort}`],
      ...[
        '--advertise-client-urls',
        `http://127.0.0.1:${etcdPort}`,
        '--listen-peer-urls',
        `http://127.0.0.1:${peerPort}`,
      ],
      ...['--initial-advertise-peer-urls', `http://127.0.0.1:${peerPort}`],
      ...['--initial-cluster', `default=http://127.0.0.1:${peerPort}`, '--unsafe-no-fsync'],
    ]);
    start('containerd', 'containerd', ['--config', join(folder, 'containerd.toml')]);
    start('kube-apiserver', join(bin.kubernetes, 'kube-apiserver'), [
      `--etcd-servers=http://127.0.0.1:${etcdPort}`,
      ...[`--secure-port=${apiPort}`, '--bind-address=127.0.0.1', `--cert-dir=${join(folder, 'api')}`],
      ...[`--token-auth-file=${join(folder, 'tokens.csv')}`, '--authorization-mode=RBAC'],
      ...['--service-cluster-ip-range=10.213.0.0/16', '--endpoint-reconciler-type=none', '--allow-privileged=false'],
      ...['--kubelet-preferred-address-types=InternalIP', '--service-account-issuer=https://kubernetes.default.svc'],
      `--service-account-key-file=${join(folder, 'pki', 'accounts.key')}`,
      `--service-account-signing-key-file=${join(folder, 'pki', 'accounts.key')}`,
      `--kubelet-client-certificate=${join(folder, 'pki', 'client.crt')}`,
      `--kubelet-client-key=${join(folder, 'pki', 'client.key')}`,
    ]);
    await until('the API server answers', () => cluster.kubectl(['get', '--raw', '/readyz']), running, folder);
    const config = `--kubeconfig=${join(folder, 'kubeconfig')}`;
    start('kube-controller-manager', join(bin.kubernetes, 'kube-controller-manager'), [
      ...[config, `--service-account-private-key-file=${join(folder, 'pki', 'accounts.key')}`, '--leader-elect=false'],
      ...[
        `--secure-port=${controllerPort}`,
        '--bind-address=127.0.0.1',
        `--root-ca-file=${join(folder, 'pki', 'ca.crt')}`,
      ],
    ]);
    start('kube-scheduler', join(bin.kubernetes, 'kube-scheduler'), [
      ...[config, '--leader-elect=false', `--secure-port=${schedulerPort}`, '--bind-address=127.0.0.1'],
    ]);
    start('kubelet', join(bin.kubernetes, 'kubelet'), [
      ...[config, `--config=${join(folder, 'kubelet.yaml')}`, `--root-dir=${join(folder, 'kubelet')}`],
      ...[`--cert-dir=${join(folder, 'kubelet-pki')}`, '--hostname-override=node', `--node-ip=${network.gateway}`],
    ]);
    start('coredns', join(bin.coredns, 'coredns'), ['-conf', join(folder, 'Corefile')]);
    await until(
      'the node is ready',
      () => cluster.kubectl(['wait', '--for=condition=Ready', 'node/node', '--timeout=5s']),
      running,
      folder,
    );
    return cluster;
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) ports.push(await getPort({ host: '127.0.0.1', exclude: ports }));
  return ports;
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

async function makeNetwork(): Promise<void> {
  const { bridge, gateway, prefix } = network;
  await execa('ip', ['link', 'delete', bridge], { reject: false }); // Of a run that was killed.
  await execa('ip', ['link', 'add', bridge, 'type', 'bridge']);
  await execa('ip', ['address', 'add', `${gateway}/${prefix}`, 'dev', bridge]);
  await execa('ip', ['link', 'set', bridge, 'up']);
}

/** Containers, their shims and mounts outlive containerd unless they are ended while it lives. */
async function endPods(folder: string): Promise<void> {
  await execa('pkill', ['-9', '-f', join(folder, 'kubelet')], { reject: false });
  const ctr = (args: string[]) =>
    execa('ctr', ['--address', join(folder, 'containerd.sock'), '--namespace', 'k8s.io', ...args], { reject: false });
  const { stdout = '' } = await ctr(['tasks', 'list', '--quiet']);
  await Promise.all(
    stdout
      .split('\n')
      .filter(Boolean)
      .map((id) => ctr(['tasks', 'kill', '--signal', 'SIGKILL', '--all', id])),
  );
  await Promise.all(
    stdout
      .split('\n')
      .filter(Boolean)
      .map((id) => ctr(['tasks', 'delete', '--force', id])),
  );
}

async function undoNetwork(folder: string): Promise<void> {
  const mounts = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '');
  for (const mount of mounts.filter((path) => path.startsWith(folder)).toReversed())
    await execa('umount', ['--lazy', mount], { reject: false });
  await execa('ip', ['link', 'delete', network.bridge], { reject: false });
}
