/** The supervisor's own process. `up` starts it detached, follows it over IPC, and may leave it behind. */
import { join } from 'node:path';
import { tryLock } from '../native/lock.ts';
import { native, portSettings } from '../place.ts';
import type { Choice, Local, Profile } from '../stack.ts';
import { trimLogs } from './log-file.ts';
import { type Programs, processes } from './processes.ts';
import { identify, type Phase, type State, writeState } from './state.ts';
import { Supervisor } from './supervisor.ts';

const trimEveryMs = 600_000;

/** What `up` hands over, as JSON in the first argument. */
export interface DaemonOrder {
  home: string;
  profile: Profile;
  ports: Record<string, number>;
  programs: Programs;
  chosen: readonly Choice[];
}

/** What the daemon says to whoever follows it. */
export type DaemonMessage =
  | { kind: 'phase'; component: Local; phase: Phase; restarts: number }
  | { kind: 'ready' }
  | { kind: 'failed'; message: string };

async function main(order: DaemonOrder): Promise<void> {
  const lock = tryLock(join(order.home, 'lock'));
  if (!lock) return tell({ kind: 'failed', message: 'Cannot start: another "up" was faster. See "npm run status".' });
  const place = native({
    home: order.home,
    profile: order.profile,
    portOf: (setting) => order.ports[setting] ?? (portSettings.get(setting)?.default as number),
    chosen: order.chosen,
  });
  const self = identify(process.pid);
  const state: State = {
    engine: 'native',
    profile: order.profile,
    startedAt: new Date().toISOString(),
    ports: order.ports,
    ...(self ? { supervisor: self } : {}),
    components: {},
    chosen: [...order.chosen],
  };
  const supervisor = new Supervisor({
    processes: processes(place, order.programs, order.home),
    logs: join(order.home, 'logs'),
    onPhase: (component, phase, running, restarts) => {
      const acquired = order.programs[component];
      if (!acquired) return;
      const { program, version, from } = acquired;
      state.components[component] = {
        phase,
        restarts,
        program,
        version,
        from,
        ...(running ? { process: running } : {}),
      };
      writeState(order.home, state);
      tell({ kind: 'phase', component, phase, restarts });
    },
  });

  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopping ??= supervisor.stop().then(() => {
      delete state.supervisor;
      writeState(order.home, state);
      lock.release();
    });
    return stopping;
  };
  const isStopping = () => stopping !== undefined;
  // No exit(): when everything has stopped, nothing keeps the process alive.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void stop().then(disconnect));
  // It also keeps this process alive.
  const trimming = setInterval(() => trimLogs(join(order.home, 'logs')), trimEveryMs);
  const disconnect = () => {
    clearInterval(trimming);
    if (process.connected) process.disconnect();
  };

  try {
    await supervisor.start();
    if (!isStopping()) tell({ kind: 'ready' });
  } catch (error) {
    await stop();
    tell({ kind: 'failed', message: (error as Error).message });
    disconnect();
    process.exitCode = 1;
  }
}

/** To the one who follows; nobody does once `up --detach` has ended. */
function tell(message: DaemonMessage): void {
  if (process.connected) process.send?.(message);
}

await main(JSON.parse(process.argv[2] as string) as DaemonOrder);
