import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Canary, CanarySender } from '../../doctor/canary.ts';
import { examine } from '../../doctor/doctor.ts';
import { hopLine } from '../../doctor/print.ts';
import { type Targets, targetsOf } from '../../doctor/targets.ts';
import { memoryCommand } from '../../monitor/memory/schedule/settings.ts';
import { type Component, components, defaultProfile, profiles, stack } from '../../stack.ts';
import { answersAt, otherAddresses } from './addresses.ts';
import { findable, isFindable, stored as stores } from './findable.ts';
import type { Guard } from './guard.ts';
import { hostMonitor } from './host-monitor.ts';
import type { Container } from './project.ts';
import { recipes } from './recipes.ts';
import { ledgerSays, sendRun } from './run.ts';
import { guardian, type Setup, setup } from './setup.ts';

const repository = join(import.meta.dirname, '..', '..');

let guard: Guard;
let tried: Setup;
let targets: Targets;
let sender: CanarySender;
let containers: Map<string, Container>;

beforeAll(async () => {
  guard = await guardian();
  tried = await setup(guard);
  targets = targetsOf(tried.place);
  sender = new CanarySender(targets.otlp, 5_000);
  await tried.project.up();
  containers = await tried.project.containers();
});

afterAll(async () => {
  await sender?.close();
  await guard?.end();
});

/** The components whose images are to be had. */
function present(): Component[] {
  return components.filter((component) => tried.images[component]);
}

function container(service: string): Container {
  const found = containers.get(service);
  if (!found)
    throw new Error(`Cannot find the container of ${service}: there are ${[...containers.keys()].join(', ')}.`);
  return found;
}

test('P01 docker compose config accepts compose.yml, and refuses a port that is none', async () => {
  expect(await tried.project.compose({}, 'config', '--quiet')).toBe('');
  const broken = tried.project.compose({ FLEETSCOPE_LOKI_HTTP: 'many' }, 'config', '--quiet');
  await expect(broken).rejects.toThrow(/many/);
});

test('P01 docker compose up --wait ends with every service healthy and the one-shot one done', () => {
  const states = Object.fromEntries(
    [...containers].map(([service, { State }]) => [
      service,
      State.Health?.Status ?? `${State.Status} ${State.ExitCode}`,
    ]),
  );
  expect(states).toEqual({
    ...Object.fromEntries(present().map((component) => [component, 'healthy'])),
    // Its image holds nothing that could ask: collector-health does.
    collector: 'running 0',
    'collector-health': 'healthy',
    volumes: 'exited 0',
  });
});

test('B09 the doctor is green against the published ports', async () => {
  const { ok, hops } = await examine(targets, { timeoutMs: 30_000, canaries: 1 });
  console.log(hops.map(hopLine).join('\n'));
  expect(ok, hops.map(hopLine).join('\n')).toBe(true);
});

test('P01 a port moved by its variable is published there, and on 127.0.0.1 only', async () => {
  for (const component of present()) {
    const published = Object.values(container(component).NetworkSettings.Ports).flatMap((bindings) => bindings ?? []);
    const ports = stack[component].published.map((port) => tried.place.port(component, port as never));
    expect(published.map(({ HostPort }) => Number(HostPort)).sort(), component).toEqual(ports.sort());
    // Of the memory there is nothing to see.
    const only = ports.length > 0 ? ['127.0.0.1'] : [];
    expect([...new Set(published.map(({ HostIp }) => HostIp))], component).toEqual(only);
    for (const port of ports) {
      expect(await answersAt('127.0.0.1', port), `127.0.0.1:${port}, ${component}`).toBe(true);
      for (const address of otherAddresses())
        expect(await answersAt(address, port), `${address}:${port}, ${component}`).toBe(false);
    }
  }
});

test('P01 containers are read-only, without capabilities and not root; only the one-shot service may change owners', () => {
  for (const [service, { Config, HostConfig }] of containers) {
    expect(HostConfig, service).toMatchObject({
      ReadonlyRootfs: true,
      Privileged: false,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges:true'],
    });
    if (service === 'volumes') {
      expect({ ...HostConfig, ...Config }).toMatchObject({ User: '0:0', NetworkMode: 'none' });
      expect(HostConfig.CapAdd?.map((name) => name.replace(/^CAP_/, ''))).toEqual(['CHOWN']);
    } else {
      expect(HostConfig.CapAdd ?? [], service).toEqual([]);
      expect(Config.User, `${service}'s user`).not.toMatch(/^(0|root)?(:|$)/);
    }
  }
});

test('B13 every component has the memory limit of the default profile', () => {
  for (const component of present())
    expect(container(component).HostConfig.Memory / 2 ** 20, component).toBe(profiles[defaultProfile][component]);
});

test('P01 every image has the entrypoint and user that compose.yml counts on', () => {
  for (const component of present()) {
    if (component === 'grafana') continue; // Nothing is made here of which it could be the original.
    const { Config } = container(component);
    // Another program of the ledger's image.
    const recipe = recipes[component === 'memory' ? 'monitor' : component];
    const { entrypoint, args = [] } = recipe;
    expect(Config.Entrypoint, component).toEqual(component === 'memory' ? memoryCommand : [entrypoint, ...args]);
    const [user] = recipe.user.split(':');
    expect(Config.User.split(':')[0], component).toBe(user);
  }
});

test('X01 the secrets are there once, and each is read by those that need it alone', async () => {
  const read = async (name: string) => {
    const program = `process.stdout.write(fs.readFileSync('/run/fleetscope/secrets/${name}', 'utf8'))`;
    return (await tried.project.compose({}, 'exec', '--no-TTY', 'escalation', 'node', '-e', program)).trim();
  };
  const token = await read('escalation-webhook-token');
  expect(Buffer.from(token, 'base64')).toHaveLength(32);
  expect(await read('escalation-api-token')).not.toBe(token);
  // That Alertmanager reads the first is what the doctor saw; the others it must not.
  const others = ['escalation-api-token', 'escalation-signing-key'];
  for (const name of [...others, 'monitor-ingest-token']) {
    const asked = ['/bin/sh', '-c', `head -c 1 /run/fleetscope/secrets/${name}`];
    await expect(tried.project.compose({}, 'exec', '--no-TTY', 'alertmanager', ...asked), name).rejects.toThrow(
      /denied/i,
    );
  }
  // Of the same user and image, and in its reach: the memory asks escalation, the ledger does not.
  const start = 'fs.readFileSync("/run/fleetscope/secrets/escalation-api-token")';
  const asks = (service: string) => tried.project.compose({}, 'exec', '--no-TTY', service, 'node', '-e', start);
  expect(await asks('memory')).toBe('');
  await expect(asks('monitor')).rejects.toThrow(/EACCES/);
});

test('P01 no container has a volume without a name: each down and up would leave one behind', () => {
  const volumes = [...containers].flatMap(([service, { Mounts }]) =>
    Mounts.filter(({ Type }) => Type === 'volume').map(({ Name }) => `${service}: ${Name}`),
  );
  expect(volumes.filter((volume) => !volume.includes(`: ${tried.project.name}_`))).toEqual([]);
  expect(volumes.length, 'named volumes').toBeGreaterThanOrEqual(present().length);
});

test('R03 a run that the Collector was sent is in the ledger of its container, also when that was away, and after a restart', async () => {
  await sendRun(tried.place, 'compose-run');
  expect(await ledgerSays(tried.project, 'compose-run', 'completed')).toBe('completed');
  await tried.project.compose({}, 'stop', 'monitor');
  await sendRun(tried.place, 'compose-run-while-away');
  await tried.project.up();
  for (const session of ['compose-run', 'compose-run-while-away'])
    expect(await ledgerSays(tried.project, session, 'completed'), session).toBe('completed');
  expect(await ledgerSays(tried.project, 'never-sent', undefined)).toBeUndefined();
});

test('R01 npm run monitor on the host asks the ledger in the container, escalation itself, and writes its files here', async () => {
  const { monitor, folder } = hostMonitor(tried);
  await sendRun(tried.place, 'host-run');
  expect(await ledgerSays(tried.project, 'host-run', 'completed')).toBe('completed');
  const [list, show, missing, exported] = [
    await monitor('list', '--status', 'completed'),
    await monitor('show', 'host-run', '--json'),
    await monitor('show', 'never-sent'),
    await monitor('export', 'host-run', '--output', join(folder, 'run.json')),
  ];
  expect([list, show, missing, exported].map(({ exitCode }) => exitCode)).toEqual([0, 0, 1, 0]);
  expect(list.stdout).toMatch(/\nhost-run\tcompleted\t/);
  const { links, alerts } = JSON.parse(show.stdout);
  // Escalation was asked, with its own token: the container of the ledger has none.
  expect([links.trace, alerts]).toEqual([expect.stringContaining('/explore?'), expect.any(Array)]);
  expect(missing.stderr).toMatch(/^Cannot find the run "never-sent"/);
  expect(JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8'))).toHaveLength(1);
  await tried.project.compose({}, 'stop', 'monitor');
  expect(await monitor('list')).toMatchObject({
    ...{ exitCode: 1, stdout: '' },
    stderr: expect.stringMatching(/^Cannot ask monitor: its container does not run\. Start it: npm run up\. \(.*\)$/),
  });
  await tried.project.up();
});

test('R03 no container of ours is told of a path of this machine', () => {
  const here = [repository, homedir()].filter((path) => path.length > 1);
  for (const component of present()) {
    const told = container(component).Config.Env.filter((line) => here.some((path) => line.includes(path)));
    expect(told, component).toEqual([]);
  }
  expect(container('monitor').Config.Env).toContain('FLEETSCOPE_MONITOR_DB=/var/lib/monitor/ledger.db');
});

test('P01 what the Collector acknowledged while every backend was down is delivered after a restart', async () => {
  await tried.project.compose({}, 'stop', 'tempo', 'loki', 'prometheus');
  const canary = await sender.send();
  expect(await isFindable(targets, canary, 'Loki'), 'found while Loki is down').toBe(false);
  // Its watcher too: one that has seen the Collector down for long is unhealthy, and "up --wait" gives up at once.
  await tried.project.compose({}, 'restart', 'collector', 'collector-health');
  await tried.project.up();
  await findable(targets, canary);
});

test('P01 down and up again keeps the data and the queue', async () => {
  const stored = await sender.send();
  await findable(targets, stored);
  await tried.project.compose({}, 'stop', 'tempo');
  const queued: Canary = await sender.send();
  await findable(targets, queued, ['Prometheus', 'Loki']);
  await tried.project.compose({}, 'down');
  expect((await tried.project.containers()).size).toBe(0);
  await tried.project.up();
  // What the ledger says of canaries is of one process; of runs it is asked above.
  for (const canary of [queued, stored]) await findable(targets, canary, stores);
  expect(await ledgerSays(tried.project, 'compose-run', 'completed')).toBe('completed');
});

test('P01 every container but Tempo ends by itself when it is told to, none is killed', async () => {
  await tried.project.compose({}, 'stop');
  const ended = await tried.project.containers();
  // Killed at the end of its ten seconds, with its data safe: after a search its query frontend waits for ever for a
  // queue that nothing empties any more, in 2.8 as in 3.0 (https://github.com/grafana/tempo/pull/7967).
  ended.delete('tempo');
  const codes = Object.fromEntries([...ended].map(([service, { State }]) => [service, State.ExitCode]));
  expect(codes).toEqual(Object.fromEntries([...ended.keys()].map((service) => [service, 0])));
});

test('P01 down --volumes leaves no container, volume or network', async () => {
  const kinds = async () => new Set((await tried.project.traces()).map((trace) => trace.split(' ')[0]));
  expect(await kinds()).toEqual(new Set(['container', 'volume', 'network']));
  await tried.project.compose({}, 'down', '--volumes');
  expect(await tried.project.traces()).toEqual([]);
});
