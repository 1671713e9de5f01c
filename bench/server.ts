import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { type ModuleSystem, nodeArguments, type Service, type Variant } from './variants.ts';

/** CPU in ms since the process began. `cpuMs` is that of all its threads, so the one that sends telemetry is in it. */
export interface Usage {
  cpuMs: number;
  mainThreadMs: number;
  rssMib: number;
}

export interface Server {
  url: string;
  /** From spawn to the first line, in ms. */
  startMs: number;
  usage(): Promise<Usage>;
  stop(): Promise<void>;
}

/** Starts one service in a process of its own. `endpoint` is where its telemetry goes. */
export async function startServer(
  variant: Variant,
  service: Service,
  modules: ModuleSystem,
  endpoint: string,
): Promise<Server> {
  const began = performance.now();
  const inherited = Object.entries(process.env).filter(([name]) => !/^(OTEL_|FLEETSCOPE_|NODE_)/.test(name));
  const child = spawn(process.execPath, nodeArguments(variant, service, modules), {
    cwd: import.meta.dirname,
    env: { ...Object.fromEntries(inherited), OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, ...variant.env },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const exited = once(child, 'exit');
  const port = await firstLine(child.stdout as Readable, exited);
  const startMs = performance.now() - began;
  return {
    url: `http://127.0.0.1:${port}`,
    startMs,
    usage: () => ask(child),
    // What it still holds is of no interest.
    stop: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

async function firstLine(output: Readable, exited: Promise<unknown[]>): Promise<string> {
  const ended = exited.then(([code]) => Promise.reject(new Error(`Cannot start the service: it ended with ${code}.`)));
  ended.catch(() => {});
  const [chunk] = await Promise.race([once(output, 'data'), ended]);
  output.resume();
  return String(chunk).trim();
}

async function ask(child: ChildProcess): Promise<Usage> {
  child.send('usage');
  const [{ total, mainThread, rss }] = (await once(child, 'message')) as [
    { total: NodeJS.CpuUsage; mainThread: NodeJS.CpuUsage; rss: number },
  ];
  const ms = ({ user, system }: NodeJS.CpuUsage) => (user + system) / 1000;
  return { cpuMs: ms(total), mainThreadMs: ms(mainThread), rssMib: rss / 2 ** 20 };
}
