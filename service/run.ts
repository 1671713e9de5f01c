/** A service as a process: starts it, ends it when it is told to, and ends it when it cannot go on. */
import { type Env, listenOn } from './settings.ts';

export interface Running {
  readonly url: string;
  /** Takes nothing more, ends what is under way. */
  close(): Promise<void>;
}

export interface Surroundings {
  readonly env: Env;
  readonly listen: { readonly bind: string; readonly port: number };
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

/** The whole of a `main.ts`. `listen` is the variable that says where. */
export async function run(listen: string, open: (given: Surroundings) => Promise<Running>): Promise<void> {
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
    const { env } = process;
    service = await open({
      ...{ env, listen: listenOn(env, listen), onBroken },
      notice: (line) => console.error(line),
    });
  } catch (error) {
    fail(cannotListen(error, listen) ?? error);
    return;
  }
  // It broke while it was opened.
  if (isBroken) return close();
  console.info(`Listening on ${service.url}`);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, close);
}

const troubles: Readonly<Record<string, (address: string, variable: string) => string>> = {
  EADDRINUSE: (address, variable) => `${address} is taken. End what listens there, or change ${variable}`,
  EADDRNOTAVAIL: (address, variable) => `${address} is no address of this machine. Change ${variable}`,
  EACCES: (address, variable) => `${address} is not for this user to listen on. Change ${variable}`,
};

/** What the system says of an address, as a sentence. Undefined: it is about something else. */
function cannotListen(cause: unknown, variable: string): Error | undefined {
  const {
    code = '',
    syscall,
    address = '',
    port,
  } = cause as NodeJS.ErrnoException & { address?: string; port?: number };
  // One of several that it listens on.
  const named = Object.keys(process.env).find(
    (name) => name.endsWith('_LISTEN') && process.env[name]?.endsWith(`:${port}`),
  );
  const said = troubles[code]?.(`${address.includes(':') ? `[${address}]` : address}:${port}`, named ?? variable);
  return said && syscall === 'listen' ? new Error(`Cannot start: ${said}.`, { cause }) : undefined;
}

/** No exit(): the instrumentation sends what it has before the process ends. */
function fail(error: unknown): void {
  console.error((error as Error).message);
  process.exitCode = 1;
}
