/** Two Collectors, two samplers and Tempo as a cluster has them, on one machine: each Collector at a loopback address of its own. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { collector } from '../../collector/collector.ts';
import { sampler } from '../../collector/sampler.ts';
import { until } from '../../doctor/ask.ts';
import { needSecrets } from '../../engine/secrets.ts';
import { team } from '../../k8s/size.ts';
import { kubernetes, type Place, readyUrl } from '../../place.ts';
import { errorWindow, type Part, parts, type TraceClass } from '../../stack.ts';
import { classes, classesFile, tenantHeader } from '../../tempo/classes.ts';
import { tempoLine } from '../../tempo/line.ts';
import { tempo } from '../../tempo/tempo.ts';
import { yaml } from '../../twin.ts';
import { spansIn } from './classed.ts';
import { freePort } from './free-port.ts';
import { programs } from './stack.ts';

export interface Tiers {
  /** Where a Collector takes OTLP by HTTP. */
  otlp(replica: number): string;
  /** Where it tells of itself. */
  metrics(replica: number): string;
  start(part: Server, replica?: number): Promise<void>;
  kill(part: Server, replica?: number): Promise<void>;
  /** How many spans of a trace a class has. */
  spans(traceClass: TraceClass, traceId: string): Promise<number>;
  /** A page of Tempo's. */
  tempoSays(path: string): Promise<string>;
  stop(): Promise<void>;
}

type Server = 'collector' | 'sampler' | 'tempo';
type Bend = (text: string) => string;

/** @param net second number of the addresses, so that two of them share a machine. @param bend Tempo's configuration and its classes'. */
export async function startTiers(net: number, bend: Bend = (text) => text): Promise<Tiers> {
  const found = await programs();
  const home = mkdtempSync(join(tmpdir(), 'fleetscope-tiers-'));
  needSecrets(home);
  const tempoPorts = new Map<string, number>();
  for (const port of Object.keys(parts.tempo.ports)) tempoPorts.set(port, await freePort());
  const running = new Map<string, { kill(signal: 'SIGKILL' | 'SIGTERM'): boolean; ended: Promise<unknown> }>();

  const hosts = (part: Part) =>
    // Tempo's own parts look for each other on the first.
    part === 'tempo' ? ['127.0.0.1'] : [1, 2].map((i) => `127.${net}.${part === 'sampler' ? 1 : 2}.${i}`);
  const placeOf = (part: Server, replica: number): Place => {
    const { edge: _, ...inside } = kubernetes({ ...team, tls: false });
    return {
      ...inside,
      // Addresses instead of names.
      kind: 'native',
      objectStore: false,
      bind: hosts(part)[replica] as string,
      host: (of) => hosts(of)[0] as string,
      replicas: hosts,
      port: (of, port) => (of === 'tempo' ? (tempoPorts.get(port) as number) : inside.port(of, port)),
      data: (of) => join(home, `${of}-${replica}`),
      secret: (name) => join(home, 'secrets', name),
    };
  };
  const configured = (part: Server, replica: number): [string, string[]] => {
    const file = join(home, `${part}-${replica}.yaml`);
    const place = placeOf(part, replica);
    if (part !== 'tempo') {
      const config = part === 'collector' ? collector(place) : sampler(place);
      writeFileSync(file, quick(yaml(config)));
      return [found.collector?.program as string, [`--config=${file}`]];
    }
    const line = tempoLine(found.tempo?.version as string);
    const limits = join(home, 'classes.yaml');
    writeFileSync(limits, bend(yaml(classes(line))));
    writeFileSync(file, bend(yaml(tempo(place, line)).replaceAll(classesFile, limits)));
    return [found.tempo?.program as string, [`-config.file=${file}`]];
  };

  const tiers: Tiers = {
    otlp: (replica) => `http://${hosts('collector')[replica]}:${parts.collector.ports.http}`,
    metrics: (replica) => `http://${hosts('collector')[replica]}:${parts.collector.ports.metrics}/metrics`,
    async start(part, replica = 0) {
      const [file, args] = configured(part, replica);
      mkdirSync(join(home, `${part}-${replica}`), { recursive: true });
      const log = join(home, `${part}-${replica}.log`);
      const output = { file: log, append: true };
      const process = execa(file, args, { reject: false, buffer: false, stdout: output, stderr: output });
      running.set(`${part}-${replica}`, { kill: (signal) => process.kill(signal), ended: process });
      const place = placeOf(part, replica);
      const { port, path } = parts[part].ready;
      const at =
        part === 'tempo' ? readyUrl(place, 'tempo') : `http://${place.bind}:${place.port(part, port as never)}${path}`;
      const ready = await until(async () => (await fetch(at)).ok, { timeoutMs: 60_000, everyMs: 100 });
      if (ready.found) return;
      process.kill('SIGKILL');
      await process;
      throw new Error(`Cannot start ${part}: ${readFileSync(log, 'utf8').slice(-2_000)}`);
    },
    async kill(part, replica = 0) {
      const process = running.get(`${part}-${replica}`);
      process?.kill('SIGKILL');
      await process?.ended;
    },
    async spans(traceClass, traceId) {
      const at = `http://127.0.0.1:${tempoPorts.get('http')}/api/traces/${traceId}`;
      const answer = await fetch(at, { headers: { [tenantHeader]: traceClass, accept: 'application/json' } });
      if (answer.status === 404) return 0;
      if (!answer.ok) throw new Error(`Cannot read ${at}: ${answer.status} ${await answer.text()}`);
      return spansIn(await answer.json());
    },
    async tempoSays(path) {
      const answer = await fetch(`http://127.0.0.1:${tempoPorts.get('http')}${path}`);
      return answer.text();
    },
    async stop() {
      for (const { kill } of running.values()) kill('SIGTERM');
      await Promise.all([...running.values()].map(({ ended }) => ended));
      rmSync(home, { recursive: true, force: true });
    },
  };
  try {
    await tiers.start('tempo');
    for (const part of ['sampler', 'collector'] as const)
      for (const replica of [0, 1]) await tiers.start(part, replica);
  } catch (error) {
    await tiers.stop();
    throw error;
  }
  return tiers;
}

/** Minutes would be long for a test. */
function quick(text: string): string {
  return text
    .replace(`decision_wait: ${errorWindow.mostSeconds}s`, 'decision_wait: 12s')
    .replace(
      `decision_wait_after_root_received: ${errorWindow.afterRootSeconds}s`,
      'decision_wait_after_root_received: 9s',
    );
}
