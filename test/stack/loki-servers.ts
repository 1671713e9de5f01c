/** Several real Lokis on one machine that share a store of objects, as a size of Kubernetes has them; gone when the test ends. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { getText, until } from '../../doctor/ask.ts';
import { asKnown, type Way } from '../../doctor/known.ts';
import { authority, type Certificate, signed } from '../../k8s/certificates.ts';
import { certificateNames } from '../../k8s/tls.ts';
import { type LokiPart, loki, lokiArgs } from '../../loki/loki.ts';
import { acquire } from '../../native/acquire.ts';
import { cacheFolder } from '../../native/cache.ts';
import { kubernetes, type PartsTls, type Place } from '../../place.ts';
import { yaml } from '../../twin.ts';
import { type S3, startS3 } from '../s3.ts';
import { freePort } from './free-port.ts';

export type LokiConfig = ReturnType<typeof loki>;

export interface LokiServer {
  readonly part: LokiPart;
  /** `http://127.0.0.1:<port>`; of one that wants to see a certificate, what shows it ours. */
  readonly url: string;
  /** `change` bends its configuration from now on. */
  start(change?: (config: LokiConfig) => object): Promise<void>;
  /** Its volume is gone: what it knows from now on is in the bucket. */
  forget(): void;
  /** With SIGTERM it leaves; with SIGKILL the others notice. */
  stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

export interface LokiServers {
  readonly s3: S3;
  readonly servers: readonly LokiServer[];
  stop(): Promise<void>;
}

/** One for each of `parts`, in the place of `size`; `change` may bend each one's configuration. */
export async function startLokis(
  size: Parameters<typeof kubernetes>[0],
  parts: readonly LokiPart[],
  change: (config: LokiConfig) => object = (config) => config,
): Promise<LokiServers> {
  const home = mkdtempSync(join(tmpdir(), 'fleetscope-loki-'));
  const quiet = () => undefined;
  const { program } = await acquire('loki', {
    cache: cacheFolder(process.env),
    env: process.env,
    notice: quiet,
    progress: quiet,
  });
  const s3 = await startS3();
  const all: { part: LokiPart; http: number; grpc: number; gossip: number; probe: number }[] = [];
  for (const part of parts)
    all.push({
      part,
      http: await freePort(),
      grpc: await freePort(),
      gossip: await freePort(),
      probe: await freePort(),
    });
  const [by, ways] = [size.tls ? await authority(1) : undefined, [] as Way[]];
  const certificate = async (names: readonly string[]) =>
    by && (await signed(by, names, { usages: ['serverAuth', 'clientAuth'] }));
  const doctor = await certificate(['doctor']);
  const backend = all.find(({ part }) => part === 'loki-backend');

  const made = all.map(async ({ part, http, grpc, gossip, probe }, i): Promise<LokiServer> => {
    const name = `${part}-${i}`;
    const folder = join(home, name);
    const tls = await certificate(certificateNames(part, 'fleetscope'));
    const place: Place = {
      ...kubernetes(size),
      ...(tls && { tls: written(join(home, `${name}-tls`), tls) }),
      bind: '127.0.0.1',
      data: () => folder,
      host: () => '127.0.0.1',
      port: (_, port) => (port === 'http' ? http : grpc),
    };
    const file = join(home, `${name}.yaml`);
    // A size of one backend knows it by its address, not by gossip.
    const text = JSON.stringify(loki(place, part)).replaceAll(`127.0.0.1:${grpc}`, `127.0.0.1:${backend?.grpc}`);
    const config = here(JSON.parse(text) as LokiConfig, {
      name,
      gossip,
      probe,
      members: all.map(({ gossip }) => `127.0.0.1:${gossip}`),
    });
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, yaml(change(config)));
    const way = doctor && (await asKnown(doctor, http));
    if (way) ways.push(way);
    const url = `http://127.0.0.1:${way?.port ?? http}`;
    const start = () =>
      execa(program, [`-config.file=${file}`, ...lokiArgs(place, part)], {
        env: { ...s3.env, POD_IP: '127.0.0.1' },
        reject: false,
        all: true,
      });
    let running: ReturnType<typeof start> | undefined;
    return {
      part,
      url,
      async start(again) {
        if (again) writeFileSync(file, yaml(again(config)));
        running = start();
        const ended = running.then(({ all }) => Promise.reject(new Error(all?.split('\n').slice(-20).join('\n'))));
        const asked = `http://127.0.0.1:${tls ? probe : http}/ready`;
        const ready = until(async () => (await getText(asked)).includes('ready'), {
          timeoutMs: 90_000,
          everyMs: 200,
        });
        try {
          if ((await Promise.race([ready, ended])).found) return;
        } catch (cause) {
          throw new Error(`Cannot start ${name}: it ended.`, { cause });
        } finally {
          ended.catch(() => undefined);
        }
        throw new Error(`Cannot start ${name}: it is not ready after 90 s.`);
      },
      forget() {
        rmSync(folder, { recursive: true });
        mkdirSync(folder);
      },
      async stop(signal) {
        running?.kill(signal);
        await running;
        running = undefined;
      },
    };
  });
  const servers = await Promise.all(made);
  const stop = async () => {
    for (const way of ways) way.close();
    await Promise.all(servers.map((server) => server.stop('SIGKILL')));
    await s3.stop();
    rmSync(home, { recursive: true, force: true });
  };
  try {
    await Promise.all(servers.map((server) => server.start()));
  } catch (error) {
    await stop();
    throw error;
  }
  return { s3, servers, stop };
}

/** What a pod has from its cluster: a name, an address, and a name service that knows the others. */
function here(config: LokiConfig, self: { name: string; gossip: number; probe: number; members: string[] }) {
  const { memberlist, common, ingester, internal_server } = config;
  const ring: object = { ...common.ring, instance_id: self.name };
  const ports = { bind_port: self.gossip, advertise_port: self.gossip };
  return {
    ...config,
    ...(internal_server && { internal_server: { ...internal_server, http_listen_port: self.probe } }),
    common: { ...common, ring },
    memberlist: { ...memberlist, ...ports, join_members: self.members },
    // A second is enough to be sure on one machine.
    ingester: { ...ingester, lifecycler: { min_ready_duration: '1s' } },
  } as LokiConfig;
}

/** As the Secret of a pod has them. */
function written(folder: string, pem: Certificate): PartsTls {
  mkdirSync(folder);
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  return {
    authority: file('ca.crt', pem.authority),
    certificate: file('tls.crt', pem.certificate),
    key: file('tls.key', pem.key),
    configs: folder,
  };
}
