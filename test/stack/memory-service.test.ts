/** The memory as `npm run up` starts it, beside a real Prometheus, ledger and escalation service: of a weekend that these have it makes days, files and answers. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { getText, until } from '../../doctor/ask.ts';
import { type Process, processes } from '../../engine/processes.ts';
import { needSecrets } from '../../engine/secrets.ts';
import { Supervisor } from '../../engine/supervisor.ts';
import type { Certificate } from '../../k8s/certificates.ts';
import type { Snapshot } from '../../monitor/memory/record.ts';
import { openMemory } from '../../monitor/memory/store/open.ts';
import { openLedger } from '../../monitor/store/open.ts';
import { native, type Place, readyUrl } from '../../place.ts';
import { repository } from '../../scripts/twins.ts';
import type { Component } from '../../stack.ts';
import { everything, facts, makeBlocks, saturdayDate, sunday } from './memory-days.ts';
import { freePorts, programs } from './stack.ts';
import { ask } from './tls-ask.ts';
import { startTlsServers } from './tls-servers.ts';

const parts = ['prometheus', 'monitor', 'escalation', 'memory'] as const satisfies Component[];
/** So many hours are asked for, one after the other. */
const patience = { timeoutMs: 400_000, everyMs: 250 };

const made = mkdtempSync(join(tmpdir(), 'fleetscope-memory-blocks-'));
beforeAll(() => makeBlocks(made));
afterAll(() => rmSync(made, { recursive: true }));

/** What a Prometheus of those days has. */
function putBlocks(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const part of everything)
    for (const block of readdirSync(join(made, part)))
      cpSync(join(made, part, block), join(folder, block), { recursive: true });
}

let stop = async () => {};
afterEach(() => stop());

interface Stack {
  readonly place: Place;
  readonly home: string;
  readonly supervisor: Supervisor;
  readonly memory: Process;
}

async function start(): Promise<Stack> {
  const home = mkdtempSync(join(tmpdir(), 'fleetscope-memory-service-'));
  const ports = await freePorts();
  const place = native({ home, profile: 'laptop', portOf: (setting) => ports.get(setting) as number });
  needSecrets(home);
  putBlocks(place.data('prometheus'));
  mkdirSync(place.data('monitor'), { recursive: true });
  const ledger = await openLedger(join(place.data('monitor'), 'ledger.db'));
  await ledger.record(facts());
  await ledger.close();
  const found = await programs();
  const all = processes(place, Object.fromEntries(parts.map((part) => [part, found[part]])), home).map((one) => ({
    ...one,
    needs: one.needs.filter((part) => (parts as readonly string[]).includes(part)),
  }));
  const supervisor = new Supervisor({ processes: all, logs: join(home, 'logs'), onPhase: () => undefined });
  stop = async () => {
    await supervisor.stop();
    rmSync(home, { recursive: true, force: true });
  };
  await supervisor.start();
  return { place, home, supervisor, memory: all.find(({ component }) => component === 'memory') as Process };
}

/** What it said since the beginning, but that there is no Collector here: nothing, where all is well. */
const said = (home: string) =>
  readFileSync(join(home, 'logs', 'memory.log'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !/^(Listening on |fleetscope: Cannot send telemetry )/.test(line));

const snapshotFile = (root: string, date: string) => join(root, 'logs', 'snapshots', `${date}.json`);

/** Every file below the folder, with its bytes and when it was written. */
const filesBelow = (root: string) =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => [path, readFileSync(path, 'utf8'), statSync(path).mtimeMs] as const);

test('M01 up starts it: what was missed is written down for people to read, asked by the command line, and not made twice', {
  timeout: 600_000,
}, async () => {
  const { place, home, supervisor } = await start();
  const root = place.data('memory');
  expect(root).toBe(join(home, 'memory'));
  expect(await getText(readyUrl(place, 'memory'))).toBe('Ready.\n');
  expect(await until(async () => existsSync(join(root, 'MEMORY.md')), patience)).toEqual({ found: true });

  const snapshot: Snapshot = JSON.parse(readFileSync(snapshotFile(root, saturdayDate), 'utf8'));
  expect(snapshot).toMatchObject({ date: saturdayDate, state: 'final', hours_measured: 20 });
  // Of the ledger, of the escalation service.
  expect(snapshot.tasks.started).toBe(8);
  expect(snapshot.incidents).toMatchObject({ raised: 0, resolved: 0, open: 0 });
  expect(snapshot.gaps.join()).not.toContain('ncidents');
  // Of a day that nobody measured the numbers are missing, and never zeros.
  const nothing: Snapshot = JSON.parse(readFileSync(snapshotFile(root, sunday), 'utf8'));
  expect(nothing).toMatchObject({ state: 'final', hours_measured: 0 });
  expect(nothing.gaps.join()).toContain('Prometheus');

  // What people read is theirs to read; the databases are the service's alone.
  for (const path of [root, join(root, 'logs'), join(root, 'docs')])
    expect(statSync(path).mode & 0o777, path).toBe(0o755);
  expect(statSync(join(root, 'MEMORY.md')).mode & 0o777).toBe(0o644);
  expect(statSync(join(place.data('monitor'), 'memory.db')).mode & 0o777).toBe(0o600);

  const env = { FLEETSCOPE_HOME: home };
  const asked = await execa(
    process.execPath,
    [join(repository, 'scripts', 'memory.ts'), '--json', 'ask', 'cost', '--on', saturdayDate],
    { env, reject: false },
  );
  expect(asked, asked.stderr).toMatchObject({ exitCode: 0 });
  expect(asked.stdout).toContain(`${snapshot.cost.micro_usd}`);

  // It ends with the step that is under way, in good time, and a new start has nothing to do again.
  await supervisor.stopOne('memory');
  expect(said(home)).toEqual([]);
  const before = filesBelow(root);
  expect(before.length).toBeGreaterThan(10);
  // What somebody deleted comes back with the first look, which has then been.
  const deleted = snapshotFile(root, saturdayDate);
  rmSync(deleted);
  await supervisor.startOne('memory');
  expect(await until(async () => existsSync(deleted), patience)).toEqual({ found: true });
  await supervisor.stopOne('memory');
  expect(filesBelow(root)).toEqual(
    before.map(([path, text, writtenAt]) => [path, text, path === deleted ? expect.any(Number) : writtenAt]),
  );
  const store = await openMemory(join(place.data('monitor'), 'memory.db'));
  expect(await store.done('day')).toContain(saturdayDate);
  await store.close();
});

test('M01 without the token it does not start, and says which file; Prometheus away it waits, and says so', {
  timeout: 600_000,
}, async () => {
  const { place, supervisor, memory } = await start();
  await supervisor.stopOne('memory');
  const token = place.secret('escalation-api-token');
  rmSync(token);
  const alone = () => execa(memory.program, memory.args, { env: memory.env, reject: false });
  expect(await alone()).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining(`FLEETSCOPE_MEMORY_ESCALATION_TOKEN_FILE=${token} cannot be read (ENOENT)`),
  });
  writeFileSync(token, 'another-one-made-by-chance-0123456789\n', { mode: 0o600 });
  await supervisor.stopOne('prometheus');
  const running = alone();
  let text = '';
  running.stderr.on('data', (chunk) => {
    text += chunk;
  });
  const told = await until(async () => /^Cannot .*ask Prometheus at /m.test(text), patience);
  expect(told, text).toEqual({ found: true });
  // What it is asked is whether its own store answers: nobody restarts it for a neighbour.
  expect(await getText(readyUrl(place, 'memory'))).toBe('Ready.\n');
  running.kill('SIGTERM');
  expect(await running).toMatchObject({ exitCode: 0 });
});

test('P06 where parts have certificates it shows its own to Prometheus and to the escalation service, and sees theirs', {
  timeout: 600_000,
}, async () => {
  let root = '';
  const prepare = async (home: string) => {
    root = join(home, 'memory');
    putBlocks(join(home, 'prometheus'));
  };
  const servers = await startTlsServers(['prometheus', 'escalation', 'memory'], { prepare });
  stop = () => servers.stop();
  const written = await until(async () => existsSync(snapshotFile(root, saturdayDate)), patience);
  expect(written, servers.log('memory')).toEqual({ found: true });
  const { hours_measured, incidents } = JSON.parse(readFileSync(snapshotFile(root, saturdayDate), 'utf8')) as Snapshot;
  expect([hours_measured, incidents.raised]).toEqual([20, 0]);
  expect(servers.log('memory').replace(/^fleetscope: Cannot send telemetry .*$/m, '')).not.toContain('Cannot');
  // Nobody else is answered there: not without a certificate, not with a stranger's.
  const url = `https://127.0.0.1:${servers.port('escalation', 'probe' as never)}/api/incidents`;
  const { authority } = servers.known();
  const asked = (certificate?: Certificate) =>
    ask(url, 'escalation', { authority, ...(certificate && { certificate }) });
  await expect(asked(servers.known())).rejects.toThrow(/: 401 .*the API token/);
  await expect(asked()).rejects.toThrow(/certificate required/);
  await expect(asked(servers.foreign)).rejects.toThrow(/ECONNRESET|socket hang up|unknown ca/);
});
