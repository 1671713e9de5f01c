import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { alertmanager, alertmanagerArgs } from '../../alertmanager/alertmanager.ts';
import { getJson, postJson, until } from '../../doctor/ask.ts';
import { native, url } from '../../place.ts';
import { yaml } from '../../twin.ts';
import { freePorts, programs } from './stack.ts';

type Config = ReturnType<typeof alertmanager>;

export interface Posted {
  labels: Record<string, string>;
}

/** An alert as Alertmanager shows it. */
export interface Seen extends Posted {
  status: { inhibitedBy: string[]; mutedBy: string[] };
}

export interface AlertmanagerAlone {
  /** On 127.0.0.1. */
  readonly port: number;
  /** Posts alerts and returns all there are. */
  post(...alerts: Record<string, string>[]): Promise<Seen[]>;
  /** Names of the alerts' label `id` that are not told at this hour. */
  muted(): Promise<string[]>;
  stop(): Promise<void>;
}

/** A real Alertmanager on a free port, with our configuration; `change` may bend it. */
export async function startAlertmanager(
  change: (config: Config, home: string) => object = (config) => config,
): Promise<AlertmanagerAlone> {
  const home = mkdtempSync(join(tmpdir(), 'fleetscope-alertmanager-'));
  const ports = await freePorts();
  const place = native({ home, profile: 'laptop', portOf: (setting) => ports.get(setting) as number });
  const file = join(home, 'alertmanager.yml');
  mkdirSync(place.data('alertmanager'), { recursive: true });
  writeFileSync(file, yaml(change(alertmanager(place), home)));
  const program = (await programs()).alertmanager?.program as string;
  const running = execa(program, [`--config.file=${file}`, ...alertmanagerArgs(place)], { reject: false, all: true });
  const api = `${url(place, 'alertmanager', 'http')}/api/v2/alerts`;
  const seen = async () => (await getJson(api)) as Seen[];
  const ready = await until(async () => Array.isArray(await seen()), { timeoutMs: 30_000, everyMs: 100 });
  const stop = async () => {
    running.kill();
    await running;
    rmSync(home, { recursive: true, force: true });
  };
  if (!ready.found) {
    await stop();
    throw new Error(`Cannot start Alertmanager: ${(await running).all}`);
  }
  return {
    stop,
    port: place.port('alertmanager', 'http'),
    async muted() {
      // By group: an hour is an hour of a route.
      const groups = (await getJson(`${api}/groups`)) as { alerts: Seen[] }[];
      const all = groups.flatMap(({ alerts }) => alerts).filter(({ status }) => status.mutedBy.length > 0);
      return all.map(({ labels }) => labels.id as string).sort();
    },
    async post(...alerts) {
      const endsAt = new Date(Date.now() + 600_000).toISOString();
      await postJson(
        api,
        alerts.map((labels) => ({ labels, endsAt })),
      );
      const all = await until(async () => (await seen()).length >= alerts.length, { timeoutMs: 10_000, everyMs: 50 });
      if (!all.found) throw new Error(`Cannot find all of ${alerts.length} alerts that were posted.`);
      return seen();
    },
  };
}

let found: ReturnType<typeof programs> | undefined;

/** Who would get an alert with these labels, by Alertmanager's own tool. */
export async function receiverFor(file: string, labels: Record<string, string>): Promise<string> {
  found ??= programs();
  const amtool = join(dirname((await found).alertmanager?.program as string), 'amtool');
  const matchers = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  const { stdout } = await execa(amtool, ['config', 'routes', 'test', `--config.file=${file}`, ...matchers]);
  return stdout.trim();
}
