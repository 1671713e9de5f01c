import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Local, parts } from '../stack.ts';
import { healthyAfterMs, restartDelayMs } from './backoff.ts';
import { openLog, tailOf } from './log-file.ts';
import type { Process } from './processes.ts';
import { identify, type Phase, type Pid } from './state.ts';

/** A component that does not get ready within this time fails the start. */
const readyTimeoutMs = 120_000;
/** Crashes in a row, before it was ever ready, after which starting is given up. */
const crashesBeforeGivingUp = 3;

export interface SupervisorOptions {
  processes: readonly Process[];
  /** Folder of the log files. */
  logs: string;
  /** Told of every change of phase, with the process while there is one. */
  onPhase: (component: Local, phase: Phase, process: Pid | undefined, restarts: number) => void;
}

interface Child {
  process: Process;
  running: ChildProcess | undefined;
  /** Settles when the running process has ended. */
  ended: Promise<void>;
  wanted: boolean;
  wasReady: boolean;
  crashesInARow: number;
  restarts: number;
  /** The start that is under way or done. */
  ready: Promise<void> | undefined;
  restartTimer: NodeJS.Timeout | undefined;
}

/** Starts the processes in the order they need each other, restarts what crashes, stops in reverse order. */
export class Supervisor {
  readonly #children: Map<Local, Child>;
  readonly #options: SupervisorOptions;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#children = new Map(
      options.processes.map((process) => [
        process.component,
        {
          process,
          running: undefined,
          ended: Promise.resolve(),
          wanted: false,
          wasReady: false,
          crashesInARow: 0,
          restarts: 0,
          ready: undefined,
          restartTimer: undefined,
        },
      ]),
    );
  }

  /** @throws Error with the last lines of the log when a component does not get ready. */
  async start(): Promise<void> {
    mkdirSync(this.#options.logs, { recursive: true });
    await Promise.all([...this.#children.keys()].map((component) => this.startOne(component)));
  }

  /** Starts one component after those it needs; answers when it is ready. */
  startOne(component: Local): Promise<void> {
    const child = this.#child(component);
    child.wanted = true;
    child.ready ??= this.#bringUp(child);
    return child.ready;
  }

  /** Stops everything, the last started first, each with time to flush. */
  async stop(): Promise<void> {
    const stopped = new Map<Local, Promise<void>>();
    const stopAfterUsers = (component: Local): Promise<void> => {
      const users = [...this.#children.values()].filter((other) => other.process.needs.includes(component));
      const stopping =
        stopped.get(component) ??
        Promise.all(users.map((user) => stopAfterUsers(user.process.component))).then(() => this.stopOne(component));
      stopped.set(component, stopping);
      return stopping;
    };
    await Promise.all([...this.#children.keys()].map(stopAfterUsers));
  }

  /** SIGTERM, then SIGKILL. */
  async stopOne(component: Local): Promise<void> {
    const child = this.#child(component);
    child.wanted = false;
    child.ready = undefined;
    clearTimeout(child.restartTimer);
    if (child.running) {
      this.#tell(child, 'stopping');
      const killTimer = setTimeout(() => child.running?.kill('SIGKILL'), child.process.stopTimeoutMs);
      child.running.kill('SIGTERM');
      await child.ended;
      clearTimeout(killTimer);
    }
    this.#tell(child, 'stopped');
  }

  /** Sends a signal past the supervisor, as an operator or the kernel would. */
  signal(component: Local, signal: NodeJS.Signals): void {
    this.#child(component).running?.kill(signal);
  }

  #child(component: Local): Child {
    const child = this.#children.get(component);
    if (!child) throw new RangeError(`Cannot find the component "${component}": this stack does not run it.`);
    return child;
  }

  async #bringUp(child: Child): Promise<void> {
    this.#tell(child, 'waiting');
    await Promise.all(
      child.process.needs.filter((need) => this.#children.has(need)).map((need) => this.startOne(need)),
    );
    if (!child.wanted) return; // Stopped while it waited.
    for (const folder of child.process.folders) mkdirSync(folder, { recursive: true });
    for (const [path, text] of Object.entries(child.process.files)) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
    child.wasReady = false;
    child.crashesInARow = 0;
    this.#launch(child);
    const deadline = Date.now() + readyTimeoutMs;
    while (!(await answers(child.process.readyUrl))) {
      if (!child.wanted) return;
      if (child.crashesInARow >= crashesBeforeGivingUp)
        throw this.#failure(child, `it ended ${child.crashesInARow} times`);
      if (Date.now() > deadline) throw this.#failure(child, `${child.process.readyUrl} did not answer in 2 minutes`);
      await delay(100);
    }
    child.wasReady = true;
    this.#tell(child, 'ready');
  }

  #launch(child: Child): void {
    const { component, program, args, env, cwd } = child.process;
    const startedAt = Date.now();
    const log = openLog(this.#logPath(component));
    // Its own process group: the terminal's Ctrl-C reaches the supervisor alone, which stops things in order.
    const running = spawn(program, args, {
      stdio: ['ignore', log, log],
      detached: true,
      ...(cwd && { cwd }),
      env: { ...process.env, ...env },
    });
    closeSync(log);
    child.running = running;
    child.ended = new Promise((resolve) => {
      const end = () => {
        if (child.running !== running) return;
        child.running = undefined;
        resolve();
        if (child.wanted) this.#restartLater(child, Date.now() - startedAt);
      };
      running.once('exit', end);
      running.once('error', end);
    });
    this.#tell(child, child.wasReady ? 'restarting' : 'starting');
  }

  #restartLater(child: Child, ranMs: number): void {
    child.crashesInARow = ranMs >= healthyAfterMs ? 1 : child.crashesInARow + 1;
    if (!child.wasReady && child.crashesInARow >= crashesBeforeGivingUp) return;
    child.restarts++;
    this.#tell(child, 'restarting');
    child.restartTimer = setTimeout(() => {
      this.#launch(child);
      if (child.wasReady) void this.#watchReady(child);
    }, restartDelayMs(child.crashesInARow));
  }

  async #watchReady(child: Child): Promise<void> {
    const running = child.running;
    while (child.wanted && child.running === running) {
      if (await answers(child.process.readyUrl)) return this.#tell(child, 'ready');
      await delay(250);
    }
  }

  #tell(child: Child, phase: Phase): void {
    const pid = child.running?.pid;
    this.#options.onPhase(
      child.process.component,
      phase,
      pid === undefined ? undefined : identify(pid),
      child.restarts,
    );
  }

  #failure(child: Child, why: string): Error {
    const { component } = child.process;
    const path = this.#logPath(component);
    return new Error(`Cannot start ${parts[component].title}: ${why}. Last lines of ${path}:\n${tailOf(path)}`);
  }

  #logPath(component: Local): string {
    return join(this.#options.logs, `${component}.log`);
  }
}

/** True when the URL answers 2xx within a second. */
export async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(1_000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false; // Not there yet: the caller asks again until its own deadline.
  }
}
