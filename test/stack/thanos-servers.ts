/** Real Prometheus and Thanos of a size of Kubernetes on one machine: each replica at a loopback address of its own, on the shipped ports. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { until } from '../../doctor/ask.ts';
import { team } from '../../k8s/size.ts';
import { needTool, type Tool } from '../../native/tool.ts';
import { kubernetes, type Place } from '../../place.ts';
import { prometheus, prometheusArgs } from '../../prometheus/prometheus.ts';
import { type ThanosPart, thanosArgs } from '../../prometheus/thanos.ts';
import { type Part, parts } from '../../stack.ts';
import { yaml } from '../../twin.ts';
import { type S3, startS3 } from '../s3.ts';
import { programs } from './stack.ts';

export const thanos: Tool = {
  name: 'thanos',
  programs: { thanos: 'github.com/thanos-io/thanos/cmd/thanos' },
  // Thanos's own; Prometheus's default representation of labels is not made for it.
  tags: 'netgo,slicelabels',
  variables: { 'github.com/prometheus/common/version.Version': '0.42.4' },
  remedy: 'Install a Go as new as its go.mod asks for (https://go.dev/dl).',
};

/** What a test may bend of a command line. */
export type Bend = (args: string[]) => string[];

export interface Cluster {
  readonly home: string;
  readonly s3: S3;
  readonly promtool: string;
  /** Where a replica's HTTP port is. */
  url(part: Part, replica?: number): string;
  startPrometheus(replica: number): Promise<void>;
  start(part: ThanosPart, replica?: number, bend?: Bend, others?: readonly string[]): Promise<void>;
  /** Runs a role until it ends by itself. @throws Error with what it said. */
  run(part: ThanosPart, bend: Bend): Promise<void>;
  /** Another command of Thanos, with the bucket. */
  tools(...args: string[]): Promise<string>;
  stop(): Promise<void>;
}

/** @param net second number of its addresses, so that two clusters share a machine. @param s3 of another cluster; else its own. */
export async function startCluster(name: string, net: number, shared?: S3): Promise<Cluster> {
  const program = join(await needTool(thanos, (line) => process.stderr.write(`${line}\n`)), 'thanos');
  const server = (await programs()).prometheus?.program as string;
  const home = mkdtempSync(join(tmpdir(), 'fleetscope-thanos-'));
  const s3 = shared ?? (await startS3());
  const running: { kill(): boolean; ended: Promise<unknown> }[] = [];
  const env = (part: Part, replica: number) => ({
    ...s3.env,
    FLEETSCOPE_CLUSTER: name,
    POD_NAME: `${part}-${replica}`,
  });

  async function begin(part: Part, replica: number, [file, ...args]: string[]) {
    const process = execa(file as string, filled(args, env(part, replica)), {
      env: env(part, replica),
      reject: false,
      all: true,
    });
    let over = false;
    const ended = process.then(() => {
      over = true;
    });
    running.push({ kill: () => process.kill(), ended });
    const at = urlOf(net, part, replica);
    const ready = await until(async () => over || (await fetch(`${at}${parts[part].ready.path}`)).ok, {
      timeoutMs: 60_000,
      everyMs: 50,
    });
    if (!ready.found || over) {
      process.kill();
      throw new Error(`Cannot start ${part}: ${(await process).all}`);
    }
  }

  return {
    home,
    s3,
    promtool: join(dirname(server), 'promtool'),
    url: (part, replica = 0) => urlOf(net, part, replica),
    async startPrometheus(replica) {
      const place = placeOf(net, home, 'prometheus', replica);
      const file = join(home, `prometheus-${replica}.yml`);
      writeFileSync(file, yaml(prometheus(place)));
      await begin('prometheus', replica, [server, `--config.file=${file}`, ...prometheusArgs(place)]);
    },
    async start(part, replica = 0, bend = (args) => args, others = []) {
      const args = bend(thanosArgs(placeOf(net, home, part, replica), part, others));
      await begin(part, replica, [program, ...args]);
    },
    async run(part, bend) {
      const args = filled(bend(thanosArgs(placeOf(net, home, part, 0), part)), env(part, 0));
      const { failed, all } = await execa(program, args, { env: env(part, 0), reject: false, all: true });
      if (failed) throw new Error(`Cannot run ${part}: ${all}`);
    },
    async tools(...args) {
      const place = placeOf(net, home, 'thanos-compact', 0);
      const bucket = thanosArgs(place, 'thanos-compact').find((arg) => arg.startsWith('--objstore.config')) as string;
      const given = ['tools', 'bucket', ...args, ...filled([bucket], s3.env)];
      return (await execa(program, given, { env: s3.env, all: true })).all;
    },
    async stop() {
      for (const process of running) process.kill();
      await Promise.all(running.map(({ ended }) => ended));
      if (!shared) await s3.stop();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** The place of a size, as one replica sees it. */
function placeOf(net: number, home: string, self: Part, replica: number): Place {
  return {
    ...kubernetes({ ...team, tls: false }),
    kind: 'native',
    bind: host(net, self, replica),
    host: (part) => host(net, part, 0),
    replicas: (part) => Array.from({ length: team.replicas[part] ?? 0 }, (_, i) => host(net, part, i)),
    elastic: () => false,
    data: (part) => made(join(home, `${part}-${replica}`)),
  };
}

function urlOf(net: number, part: Part, replica: number): string {
  return `http://${host(net, part, replica)}:${(parts[part].ports as { http: number }).http}`;
}

/** A sidecar is where its Prometheus is. */
function host(net: number, part: Part, replica: number): string {
  const at = part === 'thanos-sidecar' ? 'prometheus' : part;
  return `127.${net}.${Object.keys(parts).indexOf(at) + 1}.${replica + 1}`;
}

function made(folder: string): string {
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** Variables in arguments, as Kubernetes fills them in. */
export function filled(args: string[], env: Readonly<Record<string, string>>): string[] {
  return args.map((arg) => arg.replace(/\$\(([A-Z_0-9]+)\)/g, (all, name) => env[name] ?? all));
}
