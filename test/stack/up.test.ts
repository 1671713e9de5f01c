import { readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { afterEach, expect, test } from 'vitest';
import { until } from '../../doctor/ask.ts';
import { readState } from '../../engine/state.ts';
import { copyCache, type Home, openHome, processesThatName, repository } from './command-line.ts';

const opened: Home[] = [];
const caches: string[] = [];
afterEach(async () => {
  for (const home of opened.splice(0)) await home.close();
  for (const cache of caches.splice(0)) rmSync(cache, { recursive: true, force: true });
});

async function home(extra?: Record<string, string>): Promise<Home> {
  const made = await openHome(extra);
  opened.push(made);
  return made;
}

function cacheWithout(component: string): string {
  const cache = copyCache(component);
  caches.push(cache);
  return cache;
}

const native = ['--engine', 'native', '--detach'];

test('P02 up, a second up, status, doctor, down: and no process is left', async () => {
  const { run, processes, folder, env } = await home();
  const up = await run('up', ...native);
  expect(up).toMatchObject({ exitCode: 0, all: expect.stringContaining('Every hop works.') });
  expect(up.all).toContain(
    'Profile laptop: 2624 MiB of memory aimed at in all; 12 GiB of disk at most for metrics and queues.',
  );
  const supervisor = readState(folder)?.supervisor;

  const second = await run('up', ...native);
  expect(second).toMatchObject({ exitCode: 0, all: expect.stringContaining('Already running.') });
  expect(readState(folder)?.supervisor).toEqual(supervisor);

  const status = JSON.parse((await run('status', '--json')).stdout) as { components: { phase: string }[] };
  expect(status.components.map(({ phase }) => phase)).toEqual(status.components.map(() => 'ready'));
  expect(await run('doctor')).toMatchObject({ exitCode: 0 });
  // As a remote stack: by its address alone, the ports being this home's.
  const address = `http://localhost:${env.FLEETSCOPE_COLLECTOR_GRPC}`;
  const remote = await run('doctor', '--endpoint', address, '--json');
  expect(JSON.parse(remote.stdout), remote.all).toMatchObject({ ok: true });
  const nowhere = await run('doctor', '--endpoint', 'http://127.0.0.1:1', '--timeout', '2');
  expect(nowhere).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('OTEL_EXPORTER_OTLP_ENDPOINT') });
  expect(await run('doctor', '--endpoint', 'localhost:4317')).toMatchObject({ exitCode: 2 });

  expect(await run('down')).toMatchObject({ exitCode: 0, stdout: 'Stopped.' });
  expect(await processes()).toEqual([]);
  expect(await run('status')).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('Nothing runs') });
});

test('P02 Ctrl-C stops everything in order, and data is kept between runs', async () => {
  const { run, processes, folder } = await home();
  const up = run('up', '--engine', 'native');
  await until(async () => readState(folder)?.components.collector?.phase === 'ready', {
    timeoutMs: 60_000,
    everyMs: 100,
  });
  await delay(1_000);
  up.kill('SIGINT');
  expect((await up).exitCode).toBe(0);
  expect(await processes()).toEqual([]);
  expect(readdirSync(join(folder, 'data', 'prometheus'))).toContain('wal');

  await run('down', '--volumes');
  expect(readdirSync(folder)).not.toContain('data');
});

test('P02 a taken port names the port, its owner and the setting; the next up succeeds', async () => {
  const { run, env, processes } = await home();
  const port = Number(env.FLEETSCOPE_LOKI_HTTP);
  const squatter = createServer().listen(port, '127.0.0.1');
  const refused = await run('up', ...native);
  squatter.close();
  expect(refused.exitCode).toBe(1);
  expect(refused.all).toContain(`Cannot start Loki: port ${port} is taken by pid ${process.pid} (`);
  expect(refused.all).toContain(`FLEETSCOPE_LOKI_HTTP=${port + 1}`);
  expect(await processes()).toEqual([]);
  expect(await run('up', ...native)).toMatchObject({ exitCode: 0 });
});

test('P02 a port setting that is no port is wrong usage', async () => {
  const { run } = await home({ FLEETSCOPE_TEMPO_HTTP: 'three' });
  expect(await run('up', ...native)).toMatchObject({
    exitCode: 2,
    all: expect.stringContaining('FLEETSCOPE_TEMPO_HTTP="three"'),
  });
});

test('P02 a damaged binary in the cache is built again', async () => {
  const cache = cacheWithout('nothing');
  const broken = readdirSync(join(cache, 'bin')).find((name) => name.startsWith('alertmanager-')) as string;
  const binary = join(cache, 'bin', broken, 'alertmanager');
  truncateSync(binary, statSync(binary).size / 2);
  const { run } = await home({ FLEETSCOPE_CACHE: cache });
  const up = await run('up', ...native);
  expect(up.all).toContain('Building Alertmanager again');
  expect(up).toMatchObject({ exitCode: 0, all: expect.stringContaining('Alertmanager 0.31.1 (build)') });
});

test('P02 killed by SIGKILL half-way through a build: no broken binary, the next up builds and succeeds', async () => {
  const cache = cacheWithout('alertmanager');
  const { run } = await home({ FLEETSCOPE_CACHE: cache });
  const up = run('up', ...native);
  await new Promise<void>((resolve) => {
    up.all?.on('data', (text) => /Alertmanager: compile/.test(String(text)) && resolve());
  });
  up.kill('SIGKILL');
  await up;
  expect(readdirSync(join(cache, 'bin')).filter((name) => name.startsWith('alertmanager-'))).toEqual([]);
  expect(await run('up', ...native)).toMatchObject({
    exitCode: 0,
    all: expect.stringContaining('Alertmanager 0.31.1 (build)'),
  });
  expect(readdirSync(join(cache, 'staging'))).toEqual([]);
});

test('P02 Ctrl-C in a build and in a start says so and leaves nothing running', async () => {
  const cache = cacheWithout('alertmanager');
  const { run, processes, folder } = await home({ FLEETSCOPE_CACHE: cache });
  const building = run('up', ...native);
  building.all?.on('data', (text) => /Alertmanager: compile/.test(String(text)) && building.kill('SIGINT'));
  expect(await building).toMatchObject({ exitCode: 1, all: expect.stringContaining('Interrupted by SIGINT.') });
  expect(readdirSync(join(cache, 'staging'))).toEqual([]);

  // Now it is built, and interrupted while the components start.
  const starting = run('up', ...native);
  starting.all?.on('data', (text) => /Alertmanager: ready/.test(String(text)) && starting.kill('SIGINT'));
  expect(await starting).toMatchObject({ exitCode: 1, all: expect.stringContaining('Interrupted by SIGINT.') });
  expect(await processes()).toEqual([]);
  expect(readState(folder)?.supervisor).toBeUndefined();
});

test('P02 two ups at once build a missing binary once', async () => {
  const cache = cacheWithout('alertmanager');
  const [one, two] = [await home({ FLEETSCOPE_CACHE: cache }), await home({ FLEETSCOPE_CACHE: cache })];
  const both = await Promise.all([one.run('up', ...native), two.run('up', ...native)]);
  expect(both.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
  const origins = both.map(({ all }) => /Alertmanager 0\.31\.1 \((\w+)\)/.exec(all ?? '')?.[1]);
  expect(origins.sort()).toEqual(['build', 'cache']);
});

test('P02 what a killed supervisor leaves is stopped by the next up', async () => {
  const { run, folder, processes } = await home();
  await run('up', ...native);
  process.kill(readState(folder)?.supervisor?.pid as number, 'SIGKILL');
  expect((await processes()).length).toBe(5);
  const again = await run('up', ...native);
  expect(again).toMatchObject({ exitCode: 0, all: expect.stringContaining('left by a run that was killed') });
});

test('P02 a full disk is refused with the folder and the remedy; with room the next up succeeds', async () => {
  const { folder, env } = await home();
  const script = (name: string) => `"${process.execPath}" "${join(repository, 'scripts', name)}"`;
  // A mount namespace of its own: a small file system that nobody else sees and that goes with its last process.
  const { stdout, stderr } = await execa(
    'unshare',
    [
      ...(process.getuid?.() === 0 ? [] : ['--map-root-user']),
      '--mount',
      'sh',
      '-c',
      `mount -t tmpfs -o size=64m tmpfs "${folder}" || exit 9
       ${script('up.ts')} --engine native --detach; echo "first ended with $?"
       mount -o remount,size=2g "${folder}"
       ${script('up.ts')} --engine native --detach > "${folder}/up.log" 2>&1; echo "second ended with $?"
       ${script('down.ts')}`,
    ],
    { env, reject: false },
  );
  expect(stderr).toMatch(/Cannot start: \S+ has 6\d MiB free, the stack needs 512 MiB\. .*FLEETSCOPE_HOME/);
  expect(stdout).toContain('first ended with 1');
  expect(stdout).toContain('second ended with 0');
});

test('P02 without Go and without Docker the three ways to go on are named', async () => {
  const cache = cacheWithout('alertmanager');
  const { run } = await home({ FLEETSCOPE_CACHE: cache, FLEETSCOPE_GO: 'no-such-go' });
  const up = await run('up', ...native);
  expect(up.exitCode).toBe(1);
  for (const way of ['1. start Docker', '2. install Go', '3. put alertmanager']) expect(up.all).toContain(way);
});

test('P02 from an empty folder: clone, npm run up, doctor, down', { timeout: 600_000 }, async () => {
  const { folder, env } = await home();
  const clone = join(folder, 'clone');
  await execa('git', ['clone', '--quiet', repository, clone]);
  // A stranger's shell: nothing of this run's Node or of npm's variables.
  const path = (process.env.PATH ?? '').split(':').filter((entry) => !entry.includes('node_modules'));
  const stranger = Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_|VITEST|FLEETSCOPE_)/i.test(name));
  const shell = {
    cwd: clone,
    extendEnv: false,
    env: { ...Object.fromEntries(stranger), ...env, FLEETSCOPE_HOME: join(clone, '.fleetscope'), PATH: path.join(':') },
    reject: false,
    all: true,
  } as const;
  const startedAt = Date.now();
  expect(await execa('npm', ['run', 'up', '--', '--engine', 'native', '--detach'], shell)).toMatchObject({
    exitCode: 0,
  });
  const coldMs = Date.now() - startedAt;
  expect(await execa('npm', ['run', 'doctor'], shell)).toMatchObject({ exitCode: 0 });
  expect(await execa('npm', ['run', 'down'], shell)).toMatchObject({ exitCode: 0 });
  expect(await processesThatName(clone)).toEqual([]);
  const warmFrom = Date.now();
  expect(await execa('npm', ['run', 'up', '--', '--engine', 'native', '--detach'], shell)).toMatchObject({
    exitCode: 0,
  });
  console.log(
    `fresh clone to green ${(coldMs / 1000).toFixed(1)} s, warm ${((Date.now() - warmFrom) / 1000).toFixed(1)} s`,
  );
  await execa('npm', ['run', 'down'], shell);
});
