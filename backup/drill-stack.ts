/** An empty stack for a drill: the three servers that answer queries, on free ports, in a folder that goes with it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { type Process, processes } from '../engine/processes.ts';
import { Supervisor } from '../engine/supervisor.ts';
import { acquire } from '../native/acquire.ts';
import { cacheFolder } from '../native/cache.ts';
import { native, type Place, portSettings } from '../place.ts';
import { yaml } from '../twin.ts';

const answering = ['prometheus', 'loki', 'tempo'] as const;

export interface DrillStack {
  readonly place: Place;
  /** Reads what is in the data folders, and answers when all three are ready. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export async function drillStack(env: NodeJS.ProcessEnv, notice: (line: string) => void): Promise<DrillStack> {
  const home = mkdtempSync(join(env.FLEETSCOPE_BACKUP_SCRATCH || tmpdir(), 'fleetscope-drill-'));
  const ports = await freePorts();
  const place = native({ home, profile: 'team', portOf: (setting) => ports.get(setting) as number });
  const quiet = () => undefined;
  let supervisor: Supervisor | undefined;
  let stopped = false;
  return {
    place,
    async start() {
      const programs: Parameters<typeof processes>[1] = {};
      for (const component of answering)
        programs[component] = await acquire(component, { cache: cacheFolder(env), env, progress: quiet, notice });
      // Stopped while a program was fetched.
      if (stopped) throw new Error('Cannot start the drill: it was stopped.');
      const all = processes(place, programs, home).map((one) => ({ ...alone(one), needs: [] }));
      supervisor = new Supervisor({ processes: all, logs: join(home, 'logs'), onPhase: quiet });
      await supervisor.start();
    },
    async stop() {
      stopped = true;
      await supervisor?.stop();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** Old samples are not to raise alerts, and nobody is to be told: it scrapes nothing, has no rules and knows no Alertmanager. */
function alone(one: Process): Process {
  if (one.component !== 'prometheus') return one;
  const files = Object.entries(one.files).flatMap(([path, text]) => {
    if (!path.endsWith('prometheus.yml')) return [];
    const { alerting: _, rule_files: __, scrape_configs: ___, ...left } = load(text) as { [key: string]: unknown };
    return [[path, yaml(left)] as const];
  });
  return { ...one, files: Object.fromEntries(files) };
}

async function freePorts(): Promise<Map<string, number>> {
  const held = [...portSettings.keys()].map((setting) => ({ setting, server: createServer() }));
  const ports = new Map<string, number>();
  // All are held until each has its own.
  for (const { setting, server } of held) {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ports.set(setting, (server.address() as { port: number }).port);
  }
  await Promise.all(held.map(({ server }) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
