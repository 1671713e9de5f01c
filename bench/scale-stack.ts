/** The native stack as the bench runs it: the shipped configurations, with a counter of bytes on each way out of the Collector. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { collector } from '../collector/collector.ts';
import { readPipeline } from '../doctor/pipeline.ts';
import { type Targets, targetsOf } from '../doctor/targets.ts';
import { type Process, type Programs, processes } from '../engine/processes.ts';
import { needSecrets } from '../engine/secrets.ts';
import { Supervisor } from '../engine/supervisor.ts';
import { native, type Place } from '../place.ts';
import type { Component, Local } from '../stack.ts';
import { freePorts, programs } from '../test/stack/stack.ts';
import { yaml } from '../twin.ts';
import { type Relay, relayTo } from './scale-relay.ts';

/** The stores of telemetry, and the ledger. */
export const backends = ['tempo', 'loki', 'prometheus', 'monitor'] as const;
export type Backend = (typeof backends)[number];

/** CPU seconds since its start, and what it has in memory now, MiB. */
export interface Usage {
  readonly cpuSeconds: number;
  readonly rssMib: number;
}

export class ScaleStack implements AsyncDisposable {
  readonly home: string;
  readonly place: Place;
  readonly targets: Targets;
  readonly supervisor: Supervisor;
  readonly relays: Readonly<Record<Backend, Relay>>;
  readonly programs: Programs;
  readonly #pids: ReadonlyMap<Local, number>;

  constructor(
    parts: Pick<ScaleStack, 'home' | 'place' | 'supervisor' | 'relays' | 'programs'>,
    pids: Map<Local, number>,
  ) {
    const { home, place, supervisor, relays, programs } = parts;
    this.home = home;
    this.place = place;
    this.targets = targetsOf(place);
    this.supervisor = supervisor;
    this.relays = relays;
    this.programs = programs;
    this.#pids = pids;
  }

  get components(): Component[] {
    return [...this.#pids.keys()] as Component[];
  }

  pid(component: Component): number {
    const pid = this.#pids.get(component);
    if (pid === undefined) throw new Error(`Cannot look at ${component}: it does not run. See ${this.home}/logs.`);
    return pid;
  }

  /** @throws Error where the kernel does not tell: the bench needs Linux. */
  usage(): Record<Component, Usage> {
    return Object.fromEntries(this.components.map((component) => [component, usageOf(this.pid(component))])) as never;
  }

  /** Waits until the Collector's queues are empty. @returns the seconds. @throws Error when they are not in time. */
  async drained(timeoutMs = 60_000): Promise<number> {
    const startedAt = performance.now();
    for (;;) {
      const { exporters } = await readPipeline(this.targets);
      const waiting = Object.entries(exporters).filter(([, { queued }]) => queued > 0);
      const ms = performance.now() - startedAt;
      if (waiting.length === 0) return ms / 1000;
      if (ms > timeoutMs)
        throw new Error(
          `Cannot go on: ${waiting.map(([name]) => name)} still has a queue after ${timeoutMs / 1000} s.`,
        );
      await delay(100);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.supervisor.stop();
    for (const relay of Object.values(this.relays)) relay.close();
    rmSync(this.home, { recursive: true, force: true });
  }
}

export async function startScaleStack(): Promise<ScaleStack> {
  const home = mkdtempSync(join(tmpdir(), 'fleetscope-scale-'));
  const ports = await freePorts();
  const place = native({ home, profile: 'team', portOf: (setting) => ports.get(setting) as number });
  needSecrets(home);
  const found = await programs();
  const relays = Object.fromEntries(
    await Promise.all(
      backends.map(async (name) => [
        name,
        await relayTo(name === 'tempo' ? place.port(name, 'otlp') : place.port(name, 'http')),
      ]),
    ),
  ) as Record<Backend, Relay>;
  // The Collector alone sees the counters; the others are where they are.
  const beyond: Place = {
    ...place,
    port: (part, port) => (part in relays ? relays[part as Backend].port : place.port(part, port)),
  };
  const config = yaml(collector(beyond));
  const all = processes(place, found, home).map((process): Process => {
    if (process.component !== 'collector') return process;
    return { ...process, files: Object.fromEntries(Object.keys(process.files).map((path) => [path, config])) };
  });
  const pids = new Map<Local, number>();
  const supervisor = new Supervisor({
    processes: all,
    logs: join(home, 'logs'),
    onPhase: (component, _, running) => {
      if (running) pids.set(component, running.pid);
    },
  });
  const stack = new ScaleStack({ home, place, supervisor, relays, programs: found }, pids);
  try {
    await supervisor.start();
  } catch (error) {
    await stack[Symbol.asyncDispose]();
    throw error;
  }
  return stack;
}

/** In hundredths of a second, which is what every Linux counts in. */
const ticksPerSecond = 100;
const pageBytes = 4096;

export function usageOf(pid: number): Usage {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch (cause) {
    throw new Error(`Cannot read /proc/${pid}/stat: the process is gone, or this is no Linux.`, { cause });
  }
  // The name may hold spaces; after it the fields are plain. (proc_pid_stat(5): 14 utime, 15 stime, 24 rss)
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const [utime = 0, stime = 0, rss = 0] = [fields[11], fields[12], fields[21]];
  return { cpuSeconds: (utime + stime) / ticksPerSecond, rssMib: (rss * pageBytes) / 2 ** 20 };
}

/** Bytes of the files in a folder, as long as they are. */
export function folderBytes(folder: string): number {
  const all = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return all.reduce((sum, { parentPath, name }) => {
    // What is compacted away meanwhile is no longer there.
    return sum + (statSync(join(parentPath, name), { throwIfNoEntry: false })?.size ?? 0);
  }, 0);
}
