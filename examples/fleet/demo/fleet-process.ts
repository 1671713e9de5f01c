import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { Counted } from '../counts.ts';
import type { Settings } from '../fleet.ts';
import type { FleetFault } from '../fleet-faults.ts';
import type { FromFleet, ToFleet } from '../main.ts';

export interface FleetProcess {
  /** Its front door. */
  readonly url: string;
  /** Where it is steered. */
  readonly controlUrl: string;
  /** What it told last. */
  readonly latest: { active: number; counted: Counted };
  /** Rejects when it ends without having been asked to. */
  readonly crashed: Promise<never>;
  faults(on: FleetFault[]): void;
  /** Has it finish what is under way, in so many ms at most, and send its telemetry. */
  end(graceMs: number): Promise<Counted>;
  /** After `end`: no more than so many ms. */
  hurry(graceMs: number): void;
  kill(): void;
}

interface Options {
  settings: Settings;
  /** Who knows it may steer the fleet. */
  controlToken: string;
  /** OTLP/gRPC. */
  endpoint: string;
  env: NodeJS.ProcessEnv;
  /** What it says on stderr, line by line. */
  onLine(line: string): void;
}

const lastLines = 20;
const exitMs = 10_000;

/** Starts the fleet as a program of its own, preloaded as any program would be. */
export async function startFleet({ settings, controlToken, endpoint, env, onLine }: Options): Promise<FleetProcess> {
  const child = spawn(process.execPath, ['--import', '@fleetscope/instrumentation/register', 'main.ts'], {
    cwd: join(import.meta.dirname, '..'),
    env: { ...telemetryEnv(env), ...env, OTEL_SERVICE_NAME: 'fleet', OTEL_EXPORTER_OTLP_ENDPOINT: endpoint },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    // JSON has no Infinity.
    serialization: 'advanced',
  });
  const said: string[] = [];
  createInterface({ input: child.stderr as Readable }).on('line', (line) => {
    said.push(line);
    said.splice(0, said.length - lastLines);
    if (line.startsWith('fleetscope:')) onLine(line);
  });
  let latest: FleetProcess['latest'] = { active: 0, counted: {} };
  let asked = false;
  const ended = new Promise<Counted>((resolve) => {
    child.on('message', (message: FromFleet) => {
      if (message.kind === 'progress') latest = message;
      if (message.kind === 'ended') resolve(message.counted);
    });
  });
  const exited = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  const crashed = exited.then(([code, signal]): Promise<never> => {
    if (asked) return new Promise(() => undefined);
    throw new Error(`The fleet ended with ${signal ?? code}, which it should not. It said:\n${said.join('\n')}`);
  });
  crashed.catch(() => undefined);

  tell(child, { kind: 'start', settings, controlToken });
  const { url, control } = await Promise.race([ready(child), crashed]);
  return {
    url,
    controlUrl: control.url,
    crashed,
    get latest() {
      return latest;
    },
    faults: (on) => tell(child, { kind: 'faults', on }),
    async end(graceMs) {
      asked = true;
      tell(child, { kind: 'end', graceMs });
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs + exitMs);
      await exited;
      clearTimeout(timer);
      return Promise.race([ended, latest.counted]);
    },
    hurry: (graceMs) => tell(child, { kind: 'end', graceMs }),
    kill: () => void child.kill('SIGKILL'),
  };
}

/** Unless the user says otherwise: a resource of its own, metrics that come soon, room for a busy second. */
function telemetryEnv(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const own = 'service.namespace=demo,deployment.environment.name=demo';
  return {
    OTEL_METRIC_EXPORT_INTERVAL: '10000',
    OTEL_BSP_MAX_QUEUE_SIZE: '16384',
    OTEL_BLRP_MAX_QUEUE_SIZE: '16384',
    ...(env.OTEL_RESOURCE_ATTRIBUTES ? {} : { OTEL_RESOURCE_ATTRIBUTES: own }),
  };
}

async function ready(child: ChildProcess): Promise<Extract<FromFleet, { kind: 'ready' }>> {
  for (;;) {
    const [message] = (await once(child, 'message')) as [FromFleet];
    if (message.kind === 'ready') return message;
  }
}

function tell(child: ChildProcess, message: ToFleet): void {
  if (child.connected) child.send(message);
}
