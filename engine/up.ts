import { fork } from 'node:child_process';
import { closeSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { elasticsearchSettings } from '../collector/copies.ts';
import { cacheFolder } from '../native/cache.ts';
import { needDataDisk } from '../native/disk.ts';
import { tryLock } from '../native/lock.ts';
import { native, portSettings } from '../place.ts';
import { type Choice, defaultProfile, type Local, type Profile, parts } from '../stack.ts';
import { needAsAsked } from './as-asked.ts';
import type { DaemonMessage, DaemonOrder } from './daemon.ts';
import { chosenEnv, composeEnv, dockerCompose, isRootless, whyNoDocker } from './docker.ts';
import { openLog } from './log-file.ts';
import { needMemoryFolder } from './memory-folder.ts';
import { acquireAll, stopOrphans } from './native.ts';
import { needFreePorts } from './ports.ts';
import type { Reporter } from './progress.ts';
import { needSecrets } from './secrets.ts';
import { readState, writeState } from './state.ts';

export type Engine = 'docker' | 'native';

export interface UpOptions {
  engine: Engine | 'auto';
  home: string;
  /** Default `laptop`; natively what runs already. Under Docker each call says the whole anew: what it does not name is not there afterwards. */
  profile?: Profile;
  /** What runs beside ours. */
  with: readonly Choice[];
  env: NodeJS.ProcessEnv;
  portOf: (setting: string) => number;
  report: Reporter;
  signal: AbortSignal;
}

/** A stack that is up and was started by this call. */
export interface Running {
  /** Stops everything and answers when it has. */
  stop(): Promise<void>;
  /** Leaves it running without us. */
  leave(): void;
  /** Answers when it has ended by itself or by another's doing. */
  ended: Promise<void>;
}

/** Starts the stack on the engine asked for; undefined when this home's stack runs already, natively. */
export async function bringUp(options: UpOptions): Promise<Running | undefined> {
  const { engine, home, env, report } = options;
  if (isRunning(home)) {
    const state = readState(home);
    if (state) needAsAsked(options, state);
    report.line('Already running.');
    return undefined;
  }
  if (engine === 'native') return upNative(options);
  const why = await whyNoDocker(env);
  if (why === undefined) return upDocker(options);
  if (engine === 'docker')
    throw new Error(`Cannot use Docker: ${why}. Start it, or run "npm run up -- --engine native".`);
  report.line(`No container engine answers (${why}): running natively.`);
  return upNative(options);
}

/** True when a supervisor of this home is alive. */
function isRunning(home: string): boolean {
  const lock = tryLock(join(home, 'lock'));
  lock?.release();
  return lock === undefined;
}

/** Compose supervises; a second `up` is the same call and changes nothing. */
async function upDocker({
  home,
  profile = defaultProfile,
  with: chosen,
  env,
  portOf,
  report,
  signal,
}: UpOptions): Promise<Running> {
  const folder = needMemoryFolder(home, env, { rootless: await isRootless(env), notice: report.line });
  const settings = { ...env, ...composeEnv(profile, portOf), ...chosenEnv(chosen), ...folder };
  await removeLeft(home, chosen, settings);
  writeState(home, {
    engine: 'docker',
    profile,
    startedAt: new Date().toISOString(),
    ports: allPorts(portOf),
    components: {},
    chosen: [...chosen],
  });
  // An image of ours that is there may be of a commit before: its tag is the version's. What did not change is not built.
  await dockerCompose(['up', '--build', '--detach', '--wait', '--wait-timeout', '180'], settings);
  signal.throwIfAborted();
  return {
    stop: () => dockerCompose(['stop'], settings),
    leave: () => undefined,
    ended: new Promise(() => undefined), // Containers restart by themselves: only Ctrl-C ends this.
  };
}

/** Removes what the last start had and this one has not: Compose leaves alone what no profile names any more. Its volume stays. */
async function removeLeft(home: string, chosen: readonly Choice[], env: NodeJS.ProcessEnv): Promise<void> {
  const before = readState(home);
  const left = before?.engine === 'docker' ? (before.chosen ?? []).filter((one) => !chosen.includes(one)) : [];
  if (left.length > 0) await dockerCompose(['rm', '--stop', '--force', ...left], { ...env, ...chosenEnv(left) });
}

/**
 * Brings the native stack up and answers when everything is ready.
 * @throws Error that says what stands in the way: a port, the disk, a program, a component that does not start.
 */
async function upNative(options: UpOptions): Promise<Running> {
  const { home, profile = defaultProfile, with: chosen, env, portOf, report, signal } = options;
  needNative(chosen);
  needDataDisk(home);
  const before = readState(home);
  if (before) await stopOrphans(before, report.line);
  const programs = await acquireAll(
    { cache: cacheFolder(env), env, notice: report.line, signal, progress: report.build, chosen },
    (component, { version, from }) => report.line(`${parts[component].title} ${version} (${from})`),
  );
  const place = native({ home, profile, portOf, chosen });
  needSecrets(home);
  await needFreePorts(place, Object.keys(programs) as Local[]);
  signal.throwIfAborted();
  return startDaemon({ home, profile, ports: allPorts(portOf), programs, chosen }, report, signal);
}

/** @throws RangeError that says what to do instead. */
function needNative(chosen: readonly Choice[]): void {
  if (!chosen.includes('elasticsearch')) return;
  throw new RangeError(
    `Cannot start Elasticsearch: there is no native build of it. Start Docker, or name one that runs: ${Object.values(elasticsearchSettings).join(', ')} (docs/choices.md).`,
  );
}

function allPorts(portOf: (setting: string) => number): Record<string, number> {
  return Object.fromEntries([...portSettings.keys()].map((setting) => [setting, portOf(setting)]));
}

/** Its own session, so that it outlives this terminal when asked to. */
async function startDaemon(order: DaemonOrder, report: Reporter, signal: AbortSignal): Promise<Running> {
  mkdirSync(join(order.home, 'logs'), { recursive: true });
  const log = openLog(join(order.home, 'logs', 'supervisor.log'));
  const daemon = fork(join(import.meta.dirname, 'daemon.ts'), [JSON.stringify(order)], {
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
  });
  closeSync(log);
  const ended = new Promise<void>((resolve) => daemon.once('exit', () => resolve()));
  const startedAt = Date.now();
  const interrupt = () => daemon.kill('SIGTERM');
  signal.addEventListener('abort', interrupt);
  await new Promise<void>((resolve, reject) => {
    daemon.on('message', (message: DaemonMessage) => {
      if (message.kind === 'ready') resolve();
      else if (message.kind === 'failed') reject(new Error(message.message));
      else if (message.phase === 'ready' || message.restarts > 0)
        report.line(
          `${parts[message.component].title}: ${message.phase} after ${((Date.now() - startedAt) / 1000).toFixed(1)} s`,
        );
    });
    daemon.once('exit', (code) => {
      const log = join(order.home, 'logs', 'supervisor.log');
      reject(
        signal.aborted ? signal.reason : new Error(`Cannot start: the supervisor ended with ${code}. See ${log}.`),
      );
    });
  });
  signal.removeEventListener('abort', interrupt);
  return {
    stop: () => {
      daemon.kill('SIGTERM');
      return ended;
    },
    leave: () => {
      daemon.disconnect();
      daemon.unref();
    },
    ended,
  };
}
