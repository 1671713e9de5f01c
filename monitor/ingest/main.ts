/** `node --import @fleetscope/instrumentation/register main.ts`: the run ledger as a process. Its settings: settings.ts. */
import { readFileSync } from 'node:fs';
import { openLedger } from '../store/open.ts';
import { openService } from './service.ts';
import { ledgerOf } from './settings.ts';

/** A secret shorter than this was not made by chance. */
const shortestSecret = 32;

async function main(env: NodeJS.ProcessEnv): Promise<void> {
  // What agents did is nobody else's on this machine.
  process.umask(0o077);
  const data = needed(env, 'FLEETSCOPE_MONITOR_DATA', 'a folder that outlives the process');
  const listen = listenOn(needed(env, 'FLEETSCOPE_MONITOR_LISTEN', 'an address, e.g. 127.0.0.1:9003'));
  const token = secret(env, 'FLEETSCOPE_MONITOR_TOKEN_FILE');
  const notice = (line: string) => console.error(line);
  const ledger = await openLedger(ledgerOf(env, data), { notice });
  const service = await openService({ ...listen, token, ledger, notice }).catch(async (error) => {
    await ledger.close();
    throw error;
  });
  console.info(`Listening on ${service.url}`);
  const close = () => void service.close().catch(fail);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, close);
}

function needed(env: NodeJS.ProcessEnv, name: string, what: string): string {
  const value = env[name];
  if (!value) throw new Error(`Cannot start: ${name} is not set. Give it ${what}.`);
  return value;
}

function secret(env: NodeJS.ProcessEnv, name: string): string {
  const path = needed(env, name, 'the path of a file with a secret made by chance');
  let text: string;
  try {
    text = readFileSync(path, 'utf8').trim();
  } catch (cause) {
    throw new Error(`Cannot start: ${name}=${path} cannot be read (${(cause as NodeJS.ErrnoException).code}).`, {
      cause,
    });
  }
  if (text.length < shortestSecret)
    throw new Error(
      `Cannot start: the secret in ${path} (${name}) has ${text.length} characters, fewer than ${shortestSecret}. Make one: head -c 32 /dev/urandom | base64.`,
    );
  return text;
}

function listenOn(text: string): { bind: string; port: number } {
  const [, bind, port] = /^\[?(.+?)\]?:(\d{1,5})$/.exec(text) ?? [];
  if (!bind || Number(port) > 65_535)
    throw new Error(`Cannot start: FLEETSCOPE_MONITOR_LISTEN="${text}" is no address. Write host:port.`);
  return { bind, port: Number(port) };
}

/** The instrumentation sends what it has before the process ends. */
function fail(error: unknown): void {
  console.error((error as Error).message);
  process.exitCode = 1;
}

await main(process.env).catch(fail);
