/** A server that speaks MongoDB for a test: FerretDB on SQLite, built once from its pinned Go module, gone when the test ends. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { needTool, type Tool } from '../../native/tool.ts';
import { Turnstile } from './turnstile.ts';

const ferretDb: Tool = {
  name: 'ferretdb',
  programs: { ferretdb: '.' },
  tags: 'ferretdb_no_postgresql',
  remedy: 'Install a Go as new as native/ferretdb/go.mod asks for, or check the network and GOPROXY.',
};

export interface FerretDb {
  /** `mongodb://127.0.0.1:<port>` */
  url: string;
  turnstile: Turnstile;
  stop(): Promise<void>;
}

/** Starts one on a free port, with its data in a temporary folder. */
export async function startFerretDb(): Promise<FerretDb> {
  const program = join(await needTool(ferretDb, (line) => process.stderr.write(`${line}\n`)), 'ferretdb');
  const folder = mkdtempSync(join(tmpdir(), 'fleetscope-ferretdb-'));
  const running = execa(program, [folder], { cwd: folder, reject: false, buffer: { stderr: true, stdout: false } });
  const stopServer = async () => {
    running.kill();
    await running;
    rmSync(folder, { recursive: true, force: true });
  };
  // Not `iterable()`: it waits for the end of the program when one stops reading.
  const printed = createInterface(running.stdout);
  const line = await Promise.race([
    once(printed, 'line').then(([line]) => line as string),
    running.then(() => undefined),
  ]);
  if (!line) {
    await stopServer();
    throw new Error(`Cannot start FerretDB: ${(await running).stderr}`);
  }
  const turnstile = await Turnstile.before(Number(new URL(line).port));
  const stop = async () => {
    await turnstile.close();
    await stopServer();
  };
  return { url: turnstile.url, turnstile, stop };
}
