/** A server that speaks MongoDB for a test: FerretDB on SQLite, built once from its pinned Go module, gone when the test ends. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { cacheFolder } from '../../native/cache.ts';
import { lock } from '../../native/lock.ts';
import { repository } from '../../scripts/twins.ts';
import { Turnstile } from './turnstile.ts';

const source = join(repository, 'native', 'ferretdb');
const flags = ['-trimpath', '-buildvcs=false', '-tags', 'ferretdb_no_postgresql', '-ldflags', '-s -w'];

export interface FerretDb {
  /** `mongodb://127.0.0.1:<port>` */
  url: string;
  turnstile: Turnstile;
  stop(): Promise<void>;
}

/** Starts one on a free port, with its data in a temporary folder. */
export async function startFerretDb(): Promise<FerretDb> {
  const program = await builtFerretDb(process.env);
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

/** The program in the cache, built first if it is not there. */
async function builtFerretDb(env: NodeJS.ProcessEnv): Promise<string> {
  const cache = cacheFolder(env);
  const hash = createHash('sha256').update(JSON.stringify([flags, process.platform, process.arch]));
  for (const name of readdirSync(source).sort()) hash.update(name).update(readFileSync(join(source, name)));
  const folder = join(cache, 'bin', `ferretdb-${hash.digest('hex').slice(0, 12)}`);
  const program = join(folder, 'ferretdb');
  if (existsSync(program)) return program;

  const notice = (line: string) => process.stderr.write(`${line}\n`);
  const held = await lock(join(cache, 'locks', 'ferretdb'), () => notice('Waiting for another build of FerretDB.'));
  try {
    if (existsSync(program)) return program;
    notice('Building FerretDB for the tests of the MongoDB store, once, about a minute.');
    const staging = join(cache, 'staging', 'ferretdb');
    rmSync(staging, { recursive: true, force: true }); // What a killed build left.
    mkdirSync(staging, { recursive: true });
    mkdirSync(join(cache, 'bin'), { recursive: true });
    await build(join(staging, 'ferretdb'), env);
    renameSync(staging, folder); // In one step: there is never a half-written program.
    return program;
  } finally {
    held.release();
  }
}

async function build(output: string, env: NodeJS.ProcessEnv): Promise<void> {
  const { failed, stderr, shortMessage } = await execa(
    env.FLEETSCOPE_GO || 'go',
    ['build', ...flags, '-o', output, '.'],
    { cwd: source, env: { CGO_ENABLED: '0', GOFLAGS: '', GOWORK: 'off' }, stdin: 'ignore', reject: false },
  );
  if (!failed) return;
  throw new Error(
    `Cannot build FerretDB: ${stderr?.trim().split('\n').slice(-8).join('\n') || shortMessage}\nInstall a Go as new as native/ferretdb/go.mod asks for, or check the network and GOPROXY.`,
  );
}
