/** A service as a process: starts it, ends it when it is told to, and ends it when it cannot go on. */
import type { Env } from './settings.ts';

export interface Running {
  readonly url: string;
  /** Takes nothing more, ends what is under way. */
  close(): Promise<void>;
}

export interface Surroundings {
  readonly env: Env;
  /** One line for people. */
  readonly notice: (line: string) => void;
  /**
   * What it lives on is broken, and a new start mends it: a database that was set aside. The process says why, answers what it
   * can, and ends with 1, so that whoever watches over it starts it again.
   */
  readonly onBroken: (error: Error) => void;
}

/** How long what is broken may take to end: until it starts anew, it does nothing for anybody. */
const endingMs = 3_000;

/** The whole of a `main.ts`: `await run((given) => openService({ …, notice: given.notice }))`. */
export async function run(open: (given: Surroundings) => Promise<Running>): Promise<void> {
  // What a service keeps is nobody else's on this machine.
  process.umask(0o077);
  let service: Running | undefined;
  let isBroken = false;
  const close = () => void service?.close().catch(fail);
  const onBroken = (error: Error) => {
    if (isBroken) return;
    isBroken = true;
    fail(error);
    setTimeout(() => process.exit(), endingMs).unref();
    close();
  };
  try {
    service = await open({ env: process.env, notice: (line) => console.error(line), onBroken });
  } catch (error) {
    fail(error);
    return;
  }
  // It broke while it was opened.
  if (isBroken) return close();
  console.info(`Listening on ${service.url}`);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, close);
}

/** No exit(): the instrumentation sends what it has before the process ends. */
function fail(error: unknown): void {
  console.error((error as Error).message);
  process.exitCode = 1;
}
