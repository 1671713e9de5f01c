/** Prometheus, Alertmanager and every part of Thanos as a size with certificates has them, on one machine: each replica at a loopback address of its own, on the shipped ports. */
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { alertmanager, alertmanagerArgs } from '../../alertmanager/alertmanager.ts';
import { until } from '../../doctor/ask.ts';
import { authority, type Certificate, signed } from '../../k8s/certificates.ts';
import type { Probes } from '../../k8s/program.ts';
import { team } from '../../k8s/size.ts';
import { certificateNames } from '../../k8s/tls.ts';
import { programs as inCluster } from '../../k8s/workloads.ts';
import { tlsFiles } from '../../mutual.ts';
import { needTool } from '../../native/tool.ts';
import { certificateName, kubernetes, type PartsTls, type Place } from '../../place.ts';
import { prometheus, prometheusArgs } from '../../prometheus/prometheus.ts';
import { dailyRules, type ThanosPart, thanosArgs, thanosEnv, thanosParts } from '../../prometheus/thanos.ts';
import { gossipPorts, type Part, parts, podOf } from '../../stack.ts';
import { yaml } from '../../twin.ts';
import { startS3 } from '../s3.ts';
import { programs } from './stack.ts';
import { filled, thanos } from './thanos-servers.ts';
import { ask, type Shown } from './tls-ask.ts';

export type MetricsPart = 'prometheus' | 'alertmanager' | ThanosPart;

export interface MetricsServers {
  /** `host:port` of one of them. */
  at(part: MetricsPart, port: string, replica?: number): string;
  /** A request to its HTTP port, as a part of the same authority. */
  ask(part: MetricsPart, path: string, replica?: number, body?: unknown): Promise<string>;
  /** By the authority of all of them. */
  readonly known: Shown;
  /** Of a part's name, by an authority that nobody knows. */
  readonly foreign: Certificate;
  /** Another certificate for a part, by the authority of all of them. */
  certificate(part: Part): Promise<Certificate>;
  /** As the kubelet does when a Secret has changed: all files at once. @returns what they hold now */
  renew(part: MetricsPart, replica?: number): Promise<Certificate>;
  /** What the kubelet asks inside a pod: how it ended. @param shows the files of whom. */
  probe(
    part: 'prometheus' | 'alertmanager',
    which: 'ready' | 'alive',
    shows?: Certificate,
  ): Promise<number | undefined>;
  stop(): Promise<void>;
}

/** Two of what is two by name; of Alertmanager a third, for a test to stand in for. */
const size = {
  ...team,
  replicas: { ...team.replicas, 'thanos-query': 1, 'thanos-query-frontend': 1, 'thanos-rule': 1 },
};
const both = { usages: ['serverAuth', 'clientAuth'] as const };

/** @param net second number of their addresses. */
export async function startMetricsServers(net: number): Promise<MetricsServers> {
  const thanosProgram = join(await needTool(thanos, (line) => process.stderr.write(`${line}\n`)), 'thanos');
  const found = await programs();
  const program = (part: 'prometheus' | 'alertmanager') => found[part]?.program as string;
  const home = mkdtempSync(join(tmpdir(), 'fleetscope-tls-metrics-'));
  const [ours, strangers, s3] = await Promise.all([authority(1), authority(1), startS3()]);
  const certificate = (part: Part) => signed(ours, certificateNames(part, 'fleetscope'), both);
  const known = { authority: ours.certificate, certificate: await certificate('collector') };
  const inside = kubernetes(size);
  const started: { kill(): boolean; ended: Promise<unknown> }[] = [];

  const host = (part: Part, replica: number) =>
    `127.${net}.${Object.keys(parts).indexOf(podOf(part)) + 1}.${replica + 1}`;
  const filesOf = (part: Part, replica: number): PartsTls => {
    const configs = join(home, `${podOf(part)}-${replica}.configs`);
    const [authority, certificate, key] = ['ca.crt', 'tls.crt', 'tls.key'].map((name) =>
      join(home, `${podOf(part)}-${replica}.tls`, name),
    ) as [string, string, string];
    return { authority, certificate, key, configs };
  };
  const placeOf = (self: Part, replica: number): Place => ({
    ...inside,
    // Addresses instead of names.
    kind: 'native',
    bind: host(self, replica),
    host: (part) => host(part, 0),
    replicas: (part) => Array.from({ length: size.replicas[part as 'prometheus'] ?? 0 }, (_, i) => host(part, i)),
    elastic: () => false,
    data: (part) => join(home, `${podOf(part)}-${replica}`),
    secret: () => join(home, 'token'),
    tls: filesOf(self, replica),
  });

  let renewals = 0;
  const renew = async (part: Part, replica = 0) => {
    const made = await certificate(part);
    const link = dirname(filesOf(part, replica).certificate);
    const folder = `${link}.${renewals++}`;
    mkdirSync(folder);
    writeFileSync(join(folder, 'ca.crt'), made.authority);
    writeFileSync(join(folder, 'tls.crt'), made.certificate);
    writeFileSync(join(folder, 'tls.key'), made.key);
    symlinkSync(folder, `${folder}.link`);
    renameSync(`${folder}.link`, link);
    return made;
  };
  const at = (part: MetricsPart, port: string, replica = 0) => {
    const ports: Record<string, number> = { ...parts[part].ports, gossip: gossipPorts.alertmanager };
    return `${host(part, replica)}:${ports[port]}`;
  };
  const asked = (part: MetricsPart, path: string, replica = 0, body?: unknown) =>
    ask(`https://${at(part, 'http', replica)}${path}`, certificateName(part), known, body);

  const begin = async (part: MetricsPart, replica: number, file: string, args: string[]) => {
    const own = isThanos(part) ? thanosEnv(placeOf(part, replica), part) : {};
    const env = { ...s3.env, ...own, FLEETSCOPE_CLUSTER: 'here', POD_NAME: `${part}-${replica}` };
    const process = execa(file, filled(args, env), { env, reject: false, all: true });
    let over = false;
    const ended = process.then(() => {
      over = true;
    });
    started.push({ kill: () => process.kill(), ended });
    const ready = await until(async () => over || !!(await asked(part, parts[part].ready.path, replica)), {
      ...{ timeoutMs: 60_000, everyMs: 100 },
    });
    if (ready.found && !over) return;
    process.kill();
    throw new Error(`Cannot start ${part}: ${(await process).all}`);
  };

  /** As shipped, but what happens each quarter of a minute happens each second. */
  const quickly = (text: string) => text.replace(/: 1[05]s$/gm, ': 1s');
  const start = async (part: MetricsPart, replica: number) => {
    const place = placeOf(part, replica);
    const file = join(home, `${part}-${replica}.yaml`);
    if (part === 'prometheus') {
      writeFileSync(file, quickly(yaml(prometheus(place))));
      return begin(part, replica, program(part), [`--config.file=${file}`, ...prometheusArgs(place)]);
    }
    if (part === 'alertmanager') {
      writeFileSync(file, yaml(alertmanager(place)));
      return begin(part, replica, program(part), [`--config.file=${file}`, ...alertmanagerArgs(place)]);
    }
    const args = thanosArgs(place, part).map((arg) => arg.replace(/^(--rule-query-offset)=.*/, '$1=0s'));
    return begin(part, replica, thanosProgram, args);
  };

  const twice: readonly MetricsPart[] = ['prometheus', 'alertmanager', 'thanos-sidecar'];
  const pods = (['prometheus', 'alertmanager', ...thanosParts] as const).flatMap((part: MetricsPart) =>
    (twice.includes(part) ? [0, 1] : [0]).map((replica) => ({ part, replica })),
  );
  const stop = async () => {
    for (const one of started) one.kill();
    await Promise.all(started.map(({ ended }) => ended));
    await s3.stop();
    rmSync(home, { recursive: true, force: true });
  };
  try {
    for (const { part, replica } of pods.filter(({ part }) => podOf(part) === part)) {
      await renew(part, replica);
      const { configs } = filesOf(part, replica);
      mkdirSync(configs);
      mkdirSync(placeOf(part, replica).data(part));
      for (const [name, content] of Object.entries(tlsFiles(placeOf(part, replica))))
        writeFileSync(join(configs, `${name}.yaml`), yaml(content));
    }
    mkdirSync(join(home, 'rules'));
    writeFileSync(join(home, 'rules', 'always.yml'), yaml(always));
    writeFileSync(dailyRules(placeOf('thanos-rule', 0)), yaml(counted));
    writeFileSync(join(home, 'token'), 'nobody asks for it');
    // Who is asked comes first: an alert that nobody took is told again after a minute.
    const order = ['alertmanager', 'prometheus', 'thanos-sidecar'] as const;
    for (const part of order)
      await Promise.all(pods.filter((pod) => pod.part === part).map((pod) => start(part, pod.replica)));
    const rest = pods.filter(({ part }) => !(order as readonly string[]).includes(part));
    await Promise.all(rest.map(({ part, replica }) => start(part, replica)));
  } catch (error) {
    await stop();
    throw error;
  }

  const probe = async (part: 'prometheus' | 'alertmanager', which: 'ready' | 'alive', shows?: Certificate) => {
    const { probes } = inCluster(kubernetes(size))[part] as { probes: Probes };
    const { exec } = probes[which] as { exec: { command: string[] } };
    const [tool = '', ...args] = exec.command;
    // In a pod it is at the name that it calls it by; here it is elsewhere, and has that name all the same.
    const folder = mkdtempSync(join(home, 'probe-'));
    const files = {
      authority: join(folder, 'ca.crt'),
      certificate: join(folder, 'tls.crt'),
      key: join(folder, 'tls.key'),
    };
    const { certificate: shown, key } = shows ?? (await certificate(part));
    for (const [name, text] of [
      ['ca.crt', ours.certificate],
      ['tls.crt', shown],
      ['tls.key', key],
    ] as const)
      writeFileSync(join(folder, name), text);
    const { 'probe-tls': config } = tlsFiles({ ...placeOf(part, 0), tls: { ...files, configs: folder } });
    const { tls_config } = config as { tls_config: object };
    writeFileSync(join(folder, 'probe-tls.yaml'), yaml({ tls_config: { ...tls_config, server_name: 'localhost' } }));
    const given = args.map((arg) =>
      arg.replace('//localhost:', `//${host(part, 0)}:`).replace(/^(--http.config.file)=.*\//, `$1=${folder}/`),
    );
    const { exitCode } = await execa(join(dirname(program(part)), tool.replace('/bin/', '')), given, { reject: false });
    return exitCode;
  };

  const foreign = await signed(strangers, ['collector', 'alertmanager', 'localhost'], both);
  return { at, ask: asked, known, foreign, certificate, renew, probe, stop };
}

function isThanos(part: MetricsPart): part is ThanosPart {
  return (thanosParts as readonly string[]).includes(part);
}

/** Both tell it, as long as they run. */
const always = { groups: [{ name: 'always', rules: [{ alert: 'Always', expr: 'vector(1)' }] }] };

const counted = {
  groups: [{ name: 'counted', interval: '1s', rules: [{ record: 'probe:tasks', expr: 'agent_tasks_started_total' }] }],
};
