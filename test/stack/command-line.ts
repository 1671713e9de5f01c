import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { cacheFolder } from '../../native/cache.ts';
import { freePortsEnv } from './stack.ts';

export const repository = join(import.meta.dirname, '..', '..');

/** A home with ports of its own, for tests that go through the commands as a user does. */
export async function openHome(extra: Record<string, string> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'fleetscope-home-'));
  const env = { ...(await freePortsEnv()), FLEETSCOPE_HOME: folder, ...extra };
  /** `run('up', '--detach')`: its exit code, and everything printed as `all`. */
  const run = (script: string, ...args: string[]) =>
    execa({ env, reject: false, all: true })(process.execPath, [join(repository, 'scripts', `${script}.ts`), ...args]);
  return {
    folder,
    env: env as Record<string, string>,
    run,
    /** The processes whose command line names this home. */
    processes: () => processesThatName(folder),
    /** Stops and deletes everything. */
    close: async () => {
      await run('down');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export type Home = Awaited<ReturnType<typeof openHome>>;

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
