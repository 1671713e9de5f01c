import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../../doctor/ask.ts';
import { fleetNamespace, fleetPods } from '../../k8s/fleet.ts';
import { flowsOf, ingressLabel, outwardOf, peersOf, senderLabel } from '../../k8s/flows.ts';
import { namespace, selector } from '../../k8s/manifest.ts';
import { partsOf } from '../../k8s/overlay.ts';
import { type Size, sizes } from '../../k8s/size.ts';
import { programs } from '../../k8s/workloads.ts';
import { kubernetes } from '../../place.ts';
import { repository } from '../../scripts/twins.ts';
import { edgePorts, gossipPorts, type Part, parts, podOf } from '../../stack.ts';
import { Documents, twin } from '../../twin.ts';
import { type Cluster, startCluster } from './cluster.ts';
import { pauseImage } from './cluster-files.ts';
import { type Address, listen, makeInternet, networksOf, reached } from './reach.ts';

/** A pod, and where it stands. Of each part there are two, so that it can be asked whether it reaches its kind. */
interface Probe {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Record<string, string>;
}

const every = [...new Set(sizes.flatMap(partsOf))];
const strangers: readonly Probe[] = [
  { name: 'stranger', namespace, labels: { 'app.kubernetes.io/name': 'stranger' } },
  { name: 'sender', namespace: 'senders', labels: {} },
  { name: 'controller', namespace: 'gateway', labels: {} },
  { name: 'other', namespace: 'others', labels: {} },
  // Its namespace has rules of its own.
  { name: 'fleet', namespace: fleetNamespace, labels: fleetPods },
];
const probes: readonly Probe[] = [
  ...every.flatMap((part) =>
    ['from', 'to'].map((end) => ({ name: `${end}-${part}`, namespace, labels: selector(part) })),
  ),
  ...strangers,
];

const internet = '203.0.113.7';
/** Where clouds hand out credentials. */
const metadata = '169.254.169.254';
const outwardPorts = [80, 443, 465, 587];

let cluster: Cluster;
/** Name of a probe → its address, and its network. */
const at = new Map<string, { ip: string; network: string }>();
let names: string;

beforeAll(async () => {
  cluster = await startCluster((line) => process.stderr.write(`${line}\n`), { enforcesPolicies: true });
  const labelled = {
    [namespace]: {},
    senders: senderLabel,
    gateway: ingressLabel,
    others: {},
    [fleetNamespace]: senderLabel,
  };
  const spaces = Object.entries(labelled).map(([name, labels]) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels },
  }));
  const pods = probes.map(({ name, namespace, labels }) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels },
    spec: {
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 0,
      containers: [{ name: 'pause', image: pauseImage }],
    },
  }));
  await apply(...spaces);
  await until(async () => (await accounts(Object.keys(labelled))) === spaces.length, {
    timeoutMs: 30_000,
    everyMs: 200,
  });
  await apply(...pods);
  for (const name of Object.keys(labelled))
    await cluster.kubectl(['--namespace', name, 'wait', '--for=condition=Ready', 'pod', '--all', '--timeout=120s']);

  const networks = await networksOf(cluster.node);
  const { items } = JSON.parse(await cluster.kubectl(['get', 'pods', '--all-namespaces', '--output=json'])) as {
    items: { metadata: { name: string }; status: { podIP: string } }[];
  };
  for (const { metadata, status } of items)
    at.set(metadata.name, { ip: status.podIP, network: networks.get(status.podIP) as string });
  names = items.find(({ metadata }) => metadata.name.startsWith('coredns'))?.status.podIP as string;
  const outside = await makeInternet(cluster.node, [internet, metadata]);
  await Promise.all([
    listen(cluster.node, outside, outwardPorts),
    ...every.map((part) => listen(cluster.node, at.get(`to-${part}`)?.network as string, portsOf(part))),
  ]);
});

afterAll(() => cluster?.stop());

/** How many of the namespaces have the account that pods run as. */
async function accounts(of: readonly string[]): Promise<number> {
  const output = '--output=jsonpath={range .items[*]}{.metadata.namespace} {end}';
  const said = await cluster.kubectl(['get', 'serviceaccounts', '--all-namespaces', output]);
  return of.filter((name) => said.split(' ').includes(name)).length;
}

async function apply(...objects: object[]): Promise<void> {
  const [text = ''] = Object.values(twin('yaml', new Documents(...objects)).render('test/k8s/network.test.ts'));
  await cluster.kubectl(['apply', '--filename', '-'], text);
}

/** Of all parts in its pod. */
function portsOf(pod: Part): number[] {
  const within = (Object.keys(parts) as Part[]).filter((part) => podOf(part) === pod);
  return [
    ...new Set([
      ...within.flatMap((part) => Object.values(parts[part].ports)),
      ...(pod in gossipPorts ? [gossipPorts[pod as keyof typeof gossipPorts]] : []),
      ...(pod === 'collector' ? Object.values(edgePorts) : []),
    ]),
  ];
}

/** What may be reached: `from → to:port`, by UDP `from → to:port/udp`. Derived from who speaks to whom, not from the policies. */
function allowedIn(size: Size): Set<string> {
  const place = kubernetes(size);
  const all = programs(place);
  const line = (from: string, to: string, port: number) => `${from} → ${to}:${port}`;
  const { grpc, http } = parts.collector.ports;
  return new Set([
    ...[...flowsOf(place), ...peersOf(place)].flatMap(({ from, to, ports }) =>
      ports.map((name) => {
        const numbers: Record<string, number | undefined> = {
          ...parts[to].ports,
          gossip: gossipPorts[to as keyof typeof gossipPorts],
        };
        return line(`from-${podOf(from)}`, `to-${podOf(to)}`, numbers[name] as number);
      }),
    ),
    ...[grpc, http].map((port) => line('sender', 'to-collector', port)),
    line('fleet', 'to-collector', grpc),
    ...(['grafana', 'escalation'] as const).map((part) => line('controller', `to-${part}`, parts[part].ports.http)),
    ...(place.edge
      ? ['sender', 'controller', 'other'].flatMap((from) =>
          Object.values(edgePorts).map((port) => line(from, 'to-collector', port)),
        )
      : []),
    // Names are everybody's who runs here; others are closed by no policy of ours.
    ...[...partsOf(size).map((part) => `from-${part}`), 'sender', 'controller', 'other', 'fleet'].flatMap((from) => [
      line(from, 'names', 53),
      `${line(from, 'names', 53)}/udp`,
    ]),
    // Alertmanagers tell each other by both.
    ...(peersOf(place).some(({ to }) => to === 'alertmanager')
      ? [`${line('from-alertmanager', 'to-alertmanager', gossipPorts.alertmanager)}/udp`]
      : []),
    ...partsOf(size).flatMap((part) =>
      outwardOf(part, all[part] ?? {}).map((port) => line(`from-${part}`, 'internet', port)),
    ),
    ...['sender', 'controller', 'other'].flatMap((from) =>
      outwardPorts.flatMap((port) => ['internet', 'metadata'].map((to) => line(from, to, port))),
    ),
  ]);
}

/**
 * kube-router reads a policy's two directions as one list, so that what anybody may send to a Collector a Collector may send to its kind. The
 * policies do not allow it, and it needs TLS and the token all the same.
 */
const eitherWay = Object.values(edgePorts).map((port) => `from-collector → to-collector:${port}`);

/** Everybody tries everything. */
async function tried(): Promise<{ all: string[]; open: Set<string> }> {
  const targets: (Address & { name: string })[] = [
    ...every.flatMap((part) =>
      portsOf(part).map((port) => ({ name: `to-${part}`, ip: at.get(`to-${part}`)?.ip as string, port })),
    ),
    ...(['tcp', 'udp'] as const).map((protocol) => ({ name: 'names', ip: names, port: 53, protocol })),
    ...every.map((part) => ({
      ...{ name: `to-${part}`, ip: at.get(`to-${part}`)?.ip as string },
      ...{
        port: portsOf(part).includes(gossipPorts.alertmanager)
          ? gossipPorts.alertmanager
          : (portsOf(part)[0] as number),
      },
      protocol: 'udp' as const,
    })),
    ...outwardPorts.flatMap((port) => [
      { name: 'internet', ip: internet, port },
      { name: 'metadata', ip: metadata, port },
    ]),
  ];
  const all: string[] = [];
  const open = new Set<string>();
  for (const { name } of probes.filter(({ name }) => !name.startsWith('to-'))) {
    const answers = await reached(cluster.node, at.get(name)?.network as string, targets);
    for (const [i, target] of targets.entries()) {
      const line = `${name} → ${target.name}:${target.port}${target.protocol === 'udp' ? '/udp' : ''}`;
      all.push(line);
      if (answers[i]) open.add(line);
    }
  }
  return { all, open };
}

test('P03 without policies everybody reaches everything: the probes can tell', async () => {
  const { all, open } = await tried();
  expect(all.filter((line) => !open.has(line))).toEqual([]);
  expect(all.length).toBeGreaterThan(500);
});

describe.each(sizes)('P03 the policies of $name', (size) => {
  test('P03 what is allowed is open, and everything else is closed', async () => {
    await cluster.kubectl(['--namespace', namespace, 'delete', 'networkpolicy', '--all']);
    for (const [space, file] of [
      [namespace, 'base/network.yaml'],
      [namespace, `overlays/${size.name}/network.yaml`],
      [fleetNamespace, 'fleet/network.yaml'],
    ] as const) {
      const text = readFileSync(join(repository, 'k8s', file), 'utf8');
      await cluster.kubectl(['--namespace', space, 'apply', '--filename', '-'], text);
    }
    const allowed = allowedIn(size);
    let wrong: string[] = [];
    let count = 0;
    // They are enforced some moments after they are accepted.
    await until(
      async () => {
        const { all, open } = await tried();
        count = all.length;
        wrong = all.filter((line) => open.has(line) !== allowed.has(line) && !eitherWay.includes(line));
        return wrong.length === 0;
      },
      { timeoutMs: 60_000, everyMs: 2_000 },
    );
    console.log(`${size.name}: ${allowed.size} of ${count} pairs are allowed`);
    expect(wrong.map((line) => `${line} should be ${allowed.has(line) ? 'open' : 'closed'}`)).toEqual([]);
  });
});
