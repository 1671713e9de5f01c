import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { until } from '../../doctor/ask.ts';
import { cacheFolder } from '../../native/cache.ts';
import { lock } from '../../native/lock.ts';
import { repository } from './command-line.ts';
import { freePort } from './free-port.ts';

/** An application that nobody here wrote, and requests that exercise it. */
export interface Application {
  /** The name it should get by itself, from its package.json. */
  service: string;
  kind: 'CommonJS' | 'ESM';
  /** Arguments of `node`; `folder` is for what it keeps. */
  command(modules: string, folder: string, port: number): string[];
  /** What it is told by its environment. */
  env?(port: number): Record<string, string>;
  requests: { method: string; path: string; body?: object; headers?: Record<string, string> }[];
}

export const verdaccio: Application = {
  service: 'verdaccio',
  kind: 'CommonJS',
  command: (modules, folder, port) => {
    const config = {
      storage: join(folder, 'storage'),
      auth: { htpasswd: { file: join(folder, 'htpasswd') } },
      packages: { '**': { access: '$all', publish: '$authenticated' } },
      log: { type: 'stdout', format: 'json', level: 'http' },
    };
    // JSON is YAML.
    writeFileSync(join(folder, 'config.yaml'), JSON.stringify(config));
    const program = join(modules, 'verdaccio', 'bin', 'verdaccio');
    return [program, '--config', join(folder, 'config.yaml'), '--listen', `127.0.0.1:${port}`];
  },
  requests: [
    { method: 'GET', path: '/-/ping' },
    { method: 'GET', path: '/no-such-package' },
    { method: 'PUT', path: '/not-allowed', body: { name: 'not-allowed' } },
    { method: 'GET', path: '/-/whoami' },
    { method: 'GET', path: '/-/static/no-such-file' },
  ],
};

export const jsonServer: Application = {
  service: 'json-server',
  kind: 'ESM',
  command: (modules, folder, port) => {
    const database = join(folder, 'db.json');
    writeFileSync(database, JSON.stringify({ posts: [{ id: '1', title: 'one' }] }));
    return [join(modules, 'json-server', 'lib', 'bin.js'), database, '--port', String(port)];
  },
  requests: [
    { method: 'GET', path: '/posts' },
    { method: 'GET', path: '/posts/1' },
    { method: 'PUT', path: '/posts/1', body: { id: '1', title: 'one, again' } },
    { method: 'GET', path: '/posts?title=nothing' },
    { method: 'GET', path: '/posts/404' },
  ],
};

/** Our own example, which knows nothing of us. */
export const plainNode: Application = {
  service: 'plain-node',
  kind: 'ESM',
  command: () => [join(repository, 'examples', 'plain-node', 'server.js')],
  env: (port) => ({ PORT: String(port) }),
  requests: [
    { method: 'POST', path: '/orders', body: { item: 'tea', quantity: 2 } },
    { method: 'GET', path: '/orders/1' },
    { method: 'GET', path: '/orders/404' },
    { method: 'GET', path: '/fail' },
  ],
};

/** Installs the applications once per lock file, outside the checkout. Answers their node_modules. */
export async function installApplications(): Promise<string> {
  const source = join(import.meta.dirname, 'apps');
  const hash = createHash('sha256')
    .update(readFileSync(join(source, 'package-lock.json')))
    .digest('hex')
    .slice(0, 12);
  const cache = cacheFolder(process.env);
  const folder = join(cache, `applications-${hash}`);
  const held = await lock(join(cache, 'locks', 'applications'), () => undefined);
  try {
    if (!existsSync(folder)) {
      const staging = `${folder}.staging`;
      rmSync(staging, { recursive: true, force: true });
      mkdirSync(staging, { recursive: true });
      for (const name of ['package.json', 'package-lock.json']) copyFileSync(join(source, name), join(staging, name));
      await execa('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: staging });
      renameSync(staging, folder);
    }
  } finally {
    held.release();
  }
  return join(folder, 'node_modules');
}

export interface Answer {
  status: number;
  type: string | null;
  body: string;
}

/** What a client and an operator see of one run. */
export interface Run {
  answers: Answer[];
  exit: { code: number | null; signal: NodeJS.Signals | null };
  stderr: string;
}

const register = join(repository, 'instrumentation', 'dist', 'register.js');

/** Starts the application, sends its requests, stops it with SIGTERM. `otlp` preloads us; `halfway` runs between requests. */
export async function drive(
  application: Application,
  modules: string,
  options: { otlp?: string; halfway?: () => Promise<void>; rounds?: number },
): Promise<Run> {
  const folder = mkdtempSync(join(tmpdir(), 'fleetscope-application-'));
  const port = await freePort();
  const preload = options.otlp ? ['--import', register] : [];
  const child = spawn(process.execPath, [...preload, ...application.command(modules, folder, port)], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      ...application.env?.(port),
      ...(options.otlp ? { OTEL_EXPORTER_OTLP_ENDPOINT: options.otlp, OTEL_METRIC_EXPORT_INTERVAL: '1000' } : {}),
    },
  });
  let stderr = '';
  child.stderr?.on('data', (text) => {
    stderr += text;
  });
  const exit = exitOf(child);
  try {
    const base = `http://127.0.0.1:${port}`;
    const up = await until(async () => (await fetch(base)).status < 500, { timeoutMs: 30_000, everyMs: 100 });
    if (!up.found) throw new Error(`${application.service} did not come up: ${stderr}`);
    const answers: Answer[] = [];
    for (let round = 0; round < (options.rounds ?? 2); round++) {
      if (round === 1) await options.halfway?.();
      for (const request of application.requests) answers.push(await send(base, request));
    }
    child.kill('SIGTERM');
    return { answers, exit: await exit, stderr: stderr.replaceAll(/\(node:\d+\)/g, '(node:PID)') };
  } finally {
    child.kill('SIGKILL');
    await exit;
    rmSync(folder, { recursive: true, force: true });
  }
}

async function send(base: string, { method, path, body, headers }: Application['requests'][number]): Promise<Answer> {
  const response = await fetch(`${base}${path}`, {
    method,
    headers: { ...(body ? { 'content-type': 'application/json' } : {}), ...headers },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return { status: response.status, type: response.headers.get('content-type'), body: await response.text() };
}

function exitOf(child: ChildProcess): Promise<Run['exit']> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
}
