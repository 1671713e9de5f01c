import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa, type ResultPromise } from 'execa';
import { cacheFolder } from '../../native/cache.ts';
import { freePortsEnv } from './stack.ts';

export const repository = join(import.meta.dirname, '..', '..');

/** A home with ports of its own, for tests that go through the commands as a user does. */
export interface Home {
  folder: string;
  env: Record<string, string>;
  /** `run('up', '--detach')`: exit code and everything printed. */
  run(script: string, ...args: string[]): ResultPromise<{ reject: false; all: true }>;
  /** The processes whose command line names this home. */
  processes(): Promise<string[]>;
  /** Stops and deletes everything. */
  close(): Promise<void>;
}

export async function openHome(extra: Record<string, string> = {}): Promise<Home> {
  const folder = mkdtempSync(join(tmpdir(), 'fleetscope-home-'));
  const env = { ...(await freePortsEnv()), FLEETSCOPE_HOME: folder, ...extra };
  const run = (script: string, ...args: string[]) =>
    execa(process.execPath, [join(repository, 'scripts', `${script}.ts`), ...args], { env, reject: false, all: true });
  return {
    folder,
    env,
    run,
    processes: () => processesThatName(folder),
    close: async () => {
      await run('down');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export async function processesThatName(text: string): Promise<string[]> {
  const { stdout } = await execa('ps', ['-axww', '-o', 'pid=,args=']);
  return stdout.split('\n').filter((line) => line.includes(text));
}

/** A cache of its own: a copy of the real one without, or with, the component that the test breaks. */
export function copyCache(without?: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'fleetscope-cache-'));
  const bin = join(cacheFolder(process.env), 'bin');
  mkdirSync(join(folder, 'bin'));
  for (const name of readdirSync(bin)) {
    if (without && name.startsWith(`${without}-`)) continue;
    cpSync(join(bin, name), join(folder, 'bin', name), { recursive: true });
  }
  return folder;
}
