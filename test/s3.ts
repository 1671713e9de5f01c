/** A store of objects for a test: an S3-compatible server on a free port, built once from its pinned Go module, gone when the test ends. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import getPort from 'get-port';
import { until } from '../doctor/ask.ts';
import { needTool, type Tool } from '../native/tool.ts';
import type { ObjectStoreVariable } from '../object-store.ts';

export const versitygw: Tool = {
  name: 'versitygw',
  programs: { versitygw: 'github.com/versity/versitygw/cmd/versitygw' },
  remedy: 'Install a Go as new as native/versitygw/go.mod asks for (https://go.dev/dl).',
};

export interface S3 {
  /** `<host>:<port>` */
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** The folder of a bucket: an object is a file of its name in it. */
  bucket(name: string): string;
  /** What object-store.ts names: the environment of a server that keeps its data here. */
  readonly env: Readonly<Record<ObjectStoreVariable, string>>;
  stop(): Promise<void>;
}

/** The buckets of `env` are there from the start, and those of `more`. @param host the address of this machine at which it is reached. */
export async function startS3(more: readonly string[] = [], host = '127.0.0.1'): Promise<S3> {
  const program = join(await needTool(versitygw, (line) => process.stderr.write(`${line}\n`)), 'versitygw');
  const folder = mkdtempSync(join(tmpdir(), 'fleetscope-s3-'));
  const objects = join(folder, 'objects');
  // It keeps what it knows of an object beside the file, where not every file system could.
  const known = join(folder, 'known');
  for (const name of ['metrics', 'logs', 'traces', ...more]) mkdirSync(join(objects, name), { recursive: true });
  mkdirSync(known);
  const endpoint = `${host}:${await getPort({ host })}`;
  const region = 'us-east-1';
  const accessKeyId = randomBytes(10).toString('hex');
  const secretAccessKey = randomBytes(20).toString('hex');
  const running = execa(program, ['--quiet', `--port=${endpoint}`, 'posix', `--sidecar=${known}`, objects], {
    cwd: folder,
    env: { ROOT_ACCESS_KEY: accessKeyId, ROOT_SECRET_KEY: secretAccessKey, VGW_REGION: region },
    reject: false,
    all: true,
  });
  const stop = async () => {
    running.kill();
    await running;
    rmSync(folder, { recursive: true, force: true });
  };
  // Whoever has no key is told so: it serves.
  const ready = await until(async () => (await fetch(`http://${endpoint}/`)).status === 403, {
    timeoutMs: 30_000,
    everyMs: 50,
  });
  if (!ready.found) {
    await stop();
    throw new Error(`Cannot start a store of objects: versitygw says ${(await running).all || 'nothing'}.`);
  }
  return {
    endpoint,
    region,
    accessKeyId,
    secretAccessKey,
    bucket: (name) => join(objects, name),
    env: {
      FLEETSCOPE_S3_ENDPOINT: endpoint,
      FLEETSCOPE_S3_REGION: region,
      FLEETSCOPE_S3_INSECURE: 'true',
      FLEETSCOPE_S3_METRICS_BUCKET: 'metrics',
      FLEETSCOPE_S3_LOGS_BUCKET: 'logs',
      FLEETSCOPE_S3_TRACES_BUCKET: 'traces',
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    },
    stop,
  };
}
