/** Parts as a size with certificates has them, one of each on one machine, known by certificates of one authority. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { alertmanager, alertmanagerArgs } from '../../alertmanager/alertmanager.ts';
import { escalationEnv } from '../../alertmanager/escalation/settings.ts';
import { collector } from '../../collector/collector.ts';
import { sampler } from '../../collector/sampler.ts';
import { until } from '../../doctor/ask.ts';
import { asKnown } from '../../doctor/known.ts';
import { needSecrets } from '../../engine/secrets.ts';
import { type Authority, authority, type Certificate, signed } from '../../k8s/certificates.ts';
import { team } from '../../k8s/size.ts';
import { certificateNames } from '../../k8s/tls.ts';
import { loki } from '../../loki/loki.ts';
import { monitorEnv } from '../../monitor/ingest/settings.ts';
import { memoryEnv } from '../../monitor/memory/schedule/settings.ts';
import { tlsFiles } from '../../mutual.ts';
import { kubernetes, type PartsTls, type Place, type Secret } from '../../place.ts';
import { prometheus, prometheusArgs } from '../../prometheus/prometheus.ts';
import { repository } from '../../scripts/twins.ts';
import { alertsPort, type Part, type PortOf, parts, probePorts } from '../../stack.ts';
import { classes, classesFile } from '../../tempo/classes.ts';
import { tempoLine } from '../../tempo/line.ts';
import { tempo } from '../../tempo/tempo.ts';
import { yaml } from '../../twin.ts';
import { freePort } from './free-port.ts';
import { programs } from './stack.ts';

export type Server =
  | 'tempo'
  | 'loki'
  | 'sampler'
  | 'collector'
  | 'monitor'
  | 'memory'
  | 'prometheus'
  | 'alertmanager'
  | 'escalation';

export interface TlsServers {
  port<P extends Server>(part: P, port: PortOf<P>): number;
  secret(name: Secret): string;
  /** Where it finds its certificates, and what its kind reads from files of its own. */
  configs(part: Server): string;
  /** Where the kubelet asks it. */
  probe(part: 'tempo' | 'loki' | 'monitor'): number;
  /** By the authority that all of them trust. */
  known(): Certificate;
  /** What it has said since the beginning. */
  log(part: Server): string;
  /** It ends, and is started anew with certificates, or without any. */
  turn(part: Server, to: 'mutual' | 'plain'): Promise<void>;
  /** By another. */
  readonly foreign: Certificate;
  /** A part finds a new certificate of the same authority in its files. */
  reissue(part: Server): Promise<void>;
  /** All have certificates of the next authority, and all but the last of them are started anew and trust no other. */
  renew(): Promise<void>;
  stop(): Promise<void>;
}

/** One of each, on files: what several are is proven elsewhere. */
const size = { ...team, replicas: { ...team.replicas, collector: 1, sampler: 1, loki: 1 }, objectStore: false };

interface Beginning {
  /** They begin without certificates. */
  readonly plain?: boolean;
  /** Fills the folder that has one for the data of each, before they start. */
  readonly prepare?: (home: string) => Promise<void>;
}

/** @param which in the order in which they may start: the last when all others are ready. */
export async function startTlsServers(
  which: readonly Server[],
  { plain: arePlain = false, prepare }: Beginning = {},
): Promise<TlsServers> {
  const plain = new Set(arePlain ? which : []);
  const found = await programs();
  const home = mkdtempSync(join(tmpdir(), 'fleetscope-tls-'));
  needSecrets(home);
  const [first, next, strangers] = [await authority(1), await authority(1), await authority(1)];
  const ports = await freePorts();
  const portOf = (part: Part, port: string) => ports.get(`${part} ${port}`) as number;
  const { edge: _, tls: __, ...inside } = kubernetes(size);
  const placeOf = (part: Server): Place => ({
    ...inside,
    // One address instead of names.
    ...{ kind: 'native', bind: '127.0.0.1', host: () => '127.0.0.1', replicas: () => ['127.0.0.1'], port: portOf },
    data: (of) => join(home, of),
    secret: (name) => join(home, 'secrets', name),
    ...(!plain.has(part) && { tls: filesOf(home, part) }),
  });
  /** A pod has its ports to itself: those of the kubelet and of alerts stand in no `place.port`. */
  const moved = (text: string) =>
    [...Object.entries(probePorts), ['escalation', alertsPort] as const].reduce(
      (all, [part, port]) =>
        all.replaceAll(new RegExp(`(?<=[ :])${port}(?=$|/)`, 'gm'), String(portOf(part as Part, 'probe'))),
      text,
    );
  const written = (name: string, text: string) => {
    writeFileSync(join(home, name), moved(text));
    return join(home, name);
  };

  /** What its kind reads from files of its own. */
  const webTls = (place: Place) => {
    for (const [name, file] of Object.entries(tlsFiles(place)))
      writeFileSync(join(place.tls?.configs as string, `${name}.yaml`), yaml(file));
  };
  const line = tempoLine(found.tempo?.version as string);
  const quick = (text: string) =>
    text
      .replace(/(decision_wait\S*|group_wait): \d+s/g, '$1: 2s')
      .replaceAll('reload_interval: 1m', 'reload_interval: 100ms');
  const started: Record<Server, () => [string | undefined, string[], Record<string, string>?]> = {
    tempo: () => {
      const limits = written('classes.yaml', yaml(classes(line)));
      const text = quick(yaml(tempo(placeOf('tempo'), line))).replaceAll(classesFile, limits);
      return [found.tempo?.program, [`-config.file=${written('tempo.yaml', text)}`]];
    },
    loki: () => [found.loki?.program, [`-config.file=${written('loki.yaml', yaml(loki(placeOf('loki'))))}`]],
    sampler: () => {
      const file = written('sampler.yaml', quick(yaml(sampler(placeOf('sampler')))));
      return [found.collector?.program, [`--config=${file}`]];
    },
    collector: () => {
      const file = written('collector.yaml', quick(yaml(collector(placeOf('collector')))));
      return [found.collector?.program, [`--config=${file}`]];
    },
    monitor: () => ours('monitor/ingest/main.ts', monitorEnv(placeOf('monitor'))),
    memory: () => {
      // One Prometheus is asked itself.
      const has = (part: Part) => !part.startsWith('thanos') && inside.has(part);
      return ours('monitor/memory/schedule/main.ts', memoryEnv({ ...placeOf('memory'), has }));
    },
    prometheus: () => {
      const place = placeOf('prometheus');
      webTls(place);
      const file = written('prometheus.yml', yaml(prometheus(place)));
      return [found.prometheus?.program, [`--config.file=${file}`, ...prometheusArgs(place)]];
    },
    alertmanager: () => {
      const place = placeOf('alertmanager');
      webTls(place);
      const file = written('alertmanager.yml', quick(yaml(alertmanager(place))));
      return [found.alertmanager?.program, [`--config.file=${file}`, ...alertmanagerArgs(place)]];
    },
    escalation: () => ours('alertmanager/escalation/main.ts', escalationEnv(placeOf('escalation'))),
  };
  const ours = (main: string, env: Record<string, string>): [string, string[], Record<string, string>] => [
    process.execPath,
    [join(repository, main)],
    Object.fromEntries(Object.entries(env).map(([name, value]) => [name, moved(value)])),
  ];
  const running = new Map<Server, { end(): void; ended: Promise<unknown> }>();
  const start = async (part: Server) => {
    mkdirSync(join(home, part), { recursive: true });
    const [program, args, env = {}] = started[part]();
    const log = join(home, `${part}.log`);
    const output = { file: log, append: true };
    const one = execa(program as string, args, { reject: false, buffer: false, env, stdout: output, stderr: output });
    running.set(part, { end: () => void one.kill('SIGTERM'), ended: one });
    const { port, path } = parts[part].ready;
    const door = portOf(part, part in probePorts && !plain.has(part) ? 'probe' : port);
    const isAsked = part === 'alertmanager' || part === 'prometheus';
    const way = isAsked ? await asKnown(known, portOf(part, 'http')) : undefined;
    const at = `http://127.0.0.1:${way?.port ?? door}${path}`;
    const ready = await until(async () => (await fetch(at)).ok, { timeoutMs: 90_000, everyMs: 100 });
    way?.close();
    if (!ready.found) throw new Error(`Cannot start ${part}: ${readFileSync(log, 'utf8').slice(-3_000)}`);
  };
  const end = async (...parts: Server[]) => {
    for (const part of parts) running.get(part)?.end();
    await Promise.all(parts.map((part) => running.get(part)?.ended));
  };
  const [behind, before] = [which.slice(0, -1), which.at(-1) as Server];
  const stop = async () => {
    await end(...which);
    rmSync(home, { recursive: true, force: true });
  };
  const asDoctor = (by: Authority) => signed(by, ['doctor'], { usages: ['clientAuth'] });
  let known = await asDoctor(first);
  const foreign = await asDoctor(strangers);
  try {
    for (const part of which) await keep(filesOf(home, part), first, part, [first, next]);
    await prepare?.(home);
    await Promise.all(behind.map(start));
    await start(before);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    port: portOf,
    secret: (name) => readFileSync(join(home, 'secrets', name), 'utf8').trim(),
    configs: (part) => filesOf(home, part).configs,
    probe: (part) => portOf(part, 'probe'),
    known: () => known,
    foreign,
    stop,
    log: (part) => readFileSync(join(home, `${part}.log`), 'utf8'),
    async turn(part, to) {
      await end(part);
      if (to === 'plain') plain.add(part);
      else plain.delete(part);
      await start(part);
    },
    reissue: (part) => keep(filesOf(home, part), first, part, [first, next]),
    async renew() {
      await end(...behind);
      for (const part of behind) await keep(filesOf(home, part), next, part, [next]);
      await keep(filesOf(home, before), next, before, [first, next]);
      known = await asDoctor(next);
      await Promise.all(behind.map(start));
    },
  };
}

async function freePorts(): Promise<Map<string, number>> {
  const free = new Map<string, number>();
  const names = Object.entries(parts).flatMap(([part, { ports }]) =>
    [...Object.keys(ports), 'probe'].map((port) => `${part} ${port}`),
  );
  for (const name of names) free.set(name, await freePort());
  return free;
}

function filesOf(home: string, part: Server): PartsTls {
  const folder = join(home, `${part}-tls`);
  return {
    authority: join(folder, 'ca.crt'),
    certificate: join(folder, 'tls.crt'),
    key: join(folder, 'tls.key'),
    configs: folder,
  };
}

/** As the Secret of its pod has them. */
async function keep(files: PartsTls, by: Authority, part: Server, trusted: readonly Authority[]): Promise<void> {
  const made = await signed(by, certificateNames(part, 'fleetscope'), { usages: ['serverAuth', 'clientAuth'] });
  mkdirSync(files.configs, { recursive: true });
  writeFileSync(files.authority, trusted.map(({ certificate }) => certificate).join(''));
  writeFileSync(files.key, made.key);
  writeFileSync(files.certificate, made.certificate);
}
