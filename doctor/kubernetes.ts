/** The parts of a stack in a cluster, each at a port of this machine: by `kubectl port-forward`, which network policies do not keep out. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { execa } from 'execa';
import { partSecret, partsCertificates } from '../mutual.ts';
import { mutualPorts, type Part, type PortOf, parts } from '../stack.ts';
import { endWithUs } from './end-with-us.ts';
import { asKnown, type Identity, type Way } from './known.ts';
import type { Targets } from './targets.ts';

export interface Reached {
  readonly targets: Targets;
  close(): Promise<void>;
}

export interface ClusterOptions {
  readonly namespace: string;
  readonly context?: string;
  /** OTLP/gRPC as a sender outside reaches it; left out: the Collector's plain port, forwarded as well. */
  readonly endpoint?: string;
  /** The program; `kubectl` unless said. */
  readonly kubectl?: string;
}

const openingTimeoutMs = 30_000;

/** Of each at least one pod; and of one that answers for logs. */
const always = [
  'collector',
  'alertmanager',
  'tempo',
  'prometheus',
  'escalation',
  'monitor',
] as const satisfies readonly Part[];

/** @throws Error that names what kubectl said. */
export async function reachCluster({
  namespace,
  context,
  endpoint,
  kubectl = 'kubectl',
}: ClusterOptions): Promise<Reached> {
  const shared = [...(context ? ['--context', context] : []), '--namespace', namespace];
  const running: ChildProcess[] = [];
  const ways: Way[] = [];
  const letGo = endWithUs(running);
  const close = async () => {
    const ends = running
      .filter((one) => one.pid !== undefined && one.exitCode === null && one.signalCode === null)
      .map((one) => once(one, 'exit'));
    for (const way of ways) way.close();
    for (const one of running) one.kill();
    await Promise.all(ends);
    letGo();
  };

  async function get(...wanted: string[]): Promise<string> {
    const got = await execa(kubectl, [...shared, 'get', ...wanted, '--output=json'], {
      reject: false,
      timeout: openingTimeoutMs,
    });
    if (got.failed) throw new Error(refused(got.stderr || got.shortMessage || 'it failed'));
    return got.stdout;
  }

  /** @returns the URL of each of the ports. */
  async function forward<P extends Part>(pod: string, part: P, ...ports: PortOf<P>[]): Promise<string[]> {
    const numbers = ports.map((port) => (parts[part].ports as Record<string, number>)[port] as number);
    const one = spawn(kubectl, [...shared, 'port-forward', `pod/${pod}`, ...numbers.map((port) => `:${port}`)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.push(one);
    const at = await opened(one, numbers, pod);
    const mutual: readonly string[] = mutualPorts[part] ?? [];
    if (identity)
      for (const [i, port] of ports.entries())
        if (mutual.includes(port)) at[i] = await shown(identity, at[i] as string);
    return at;
  }

  async function shown(identity: Identity, url: string): Promise<string> {
    const way = await asKnown(identity, Number(new URL(url).port));
    ways.push(way);
    return `http://127.0.0.1:${way.port}`;
  }

  let identity: Identity | undefined;
  try {
    const listed = await get('pods', '--selector', 'app.kubernetes.io/part-of=fleetscope');
    const all = readyPods(listed);
    // Pods that have certificates ask whoever comes for one.
    if (listed.includes(`"${partsCertificates}-`)) identity = identityIn(await get('secret', partSecret('doctor')));
    // Where reading is apart, logs are asked for there.
    const logs = all.has('loki-read') ? 'loki-read' : 'loki';
    // Before the first port is opened: whoever is missing, nothing is left behind.
    const missing = [...always, logs].filter((part) => !all.has(part));
    if (missing.length > 0)
      throw new Error(refused(`there is no ready pod of ${missing.join(', ')} in the namespace "${namespace}"`));
    const of = (part: Part) => all.get(part) as string[];
    const first = (part: Part) => of(part)[0] as string;
    const url = async <P extends Part>(part: P, port: PortOf<P>) =>
      (await forward(first(part), part, port))[0] as string;
    const [collectors, alertmanagers, tempo, loki, prometheus, escalation, monitor] = await Promise.all([
      Promise.all(of('collector').map((pod) => forward(pod, 'collector', 'grpc', 'health', 'metrics'))),
      Promise.all(of('alertmanager').map(async (pod) => (await forward(pod, 'alertmanager', 'http'))[0] as string)),
      ...[url('tempo', 'http'), url(logs, 'http'), url('prometheus', 'http'), url('escalation', 'http')],
      url('monitor', 'http'),
    ] as const);
    const [otlp = '', collectorHealth = '', collectorMetrics = ''] = collectors[0] ?? [];
    const alertmanager = alertmanagers[0] ?? '';
    return {
      close,
      targets: {
        ...{ otlp: endpoint ?? otlp, collectorHealth, collectorMetrics, tempo, loki, prometheus, alertmanager },
        ...{ escalation, monitor },
        replicas: { collectorMetrics: collectors.map(([, , metrics = '']) => metrics), alertmanager: alertmanagers },
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function identityIn(secret: string): Identity {
  const { data } = JSON.parse(secret) as { data: Record<string, string> };
  const text = (key: string) => Buffer.from(data[key] ?? '', 'base64').toString();
  return { authority: text('ca.crt'), certificate: text('tls.crt'), key: text('tls.key') };
}

/** Names by part, of those that are ready. */
export function readyPods(text: string): Map<string, string[]> {
  const { items } = JSON.parse(text) as {
    items: {
      metadata: { name: string; labels?: Record<string, string> };
      status?: {
        conditions?: { type: string; status: string }[];
        containerStatuses?: { name: string; ready: boolean }[];
      };
    }[];
  };
  const found = new Map<string, string[]>();
  for (const { metadata, status } of items) {
    const part = metadata.labels?.['app.kubernetes.io/name'] ?? '';
    // What stands beside it in its pod may be ill, and it is not.
    const own = status?.containerStatuses?.find(({ name }) => name === part)?.ready;
    const whole = status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True');
    if (!(own ?? whole)) continue;
    found.set(part, [...(found.get(part) ?? []), metadata.name]);
  }
  return found;
}

/** Waits for `Forwarding from 127.0.0.1:39871 -> 3200`, a line for each port. */
async function opened(one: ChildProcess, numbers: readonly number[], pod: string): Promise<string[]> {
  const here = new Map<number, string>();
  let said = '';
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(refused(`no port to ${pod} was opened`))), openingTimeoutMs);
    one.stdout?.on('data', (chunk: Buffer) => {
      said += chunk;
      for (const [, local, remote] of said.matchAll(/Forwarding from (127\.0\.0\.1:\d+) -> (\d+)/g))
        here.set(Number(remote), `http://${local}`);
      if (here.size < numbers.length) return;
      clearTimeout(late);
      resolve(numbers.map((port) => here.get(port) as string));
    });
    let why = '';
    one.stderr?.on('data', (chunk: Buffer) => {
      why += chunk;
    });
    const ended = (reason: string) => {
      clearTimeout(late);
      reject(new Error(refused(why.trim() || reason)));
    };
    one.on('error', ({ message }) => ended(message));
    one.on('close', () => ended('kubectl ended'));
  });
}

function refused(said: string): string {
  // kubectl's own log goes before what it says to people: the severity and the date, the time, the place in its source.
  const lines = said.trim().split('\n');
  const why = lines.filter((line) => !/^[EIWF]\d{4} /.test(line)).join(' ') || said.trim();
  return `Cannot reach the stack by kubectl: ${why.slice(-300).replace(/[.?]$/, '')}. Look at --context and --namespace, and whether you may "get pods" and "create pods/portforward", and where parts have certificates "get" the Secret ${partSecret('doctor')}.`;
}
