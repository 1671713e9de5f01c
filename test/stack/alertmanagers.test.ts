import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { alertmanager, alertmanagerArgs } from '../../alertmanager/alertmanager.ts';
import { getJson, postJson, until } from '../../doctor/ask.ts';
import { team } from '../../k8s/size.ts';
import { kubernetes, type Place, url } from '../../place.ts';
import { yaml } from '../../twin.ts';
import { programs } from './stack.ts';

/** Whoever is second waits so long for the first; shipped: 15 s. */
const peerSeconds = 1;

const hosts = ['127.40.0.1', '127.40.0.2', '127.40.0.3'];

let home: string;
let receiver: Server;
let messages: { alerts: { labels: Record<string, string> }[] }[];
let running: { kill(signal?: NodeJS.Signals): boolean; ended: Promise<unknown> }[];

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'fleetscope-alertmanagers-'));
  receiver = createServer(async (request, response) => {
    messages.push(JSON.parse(await text(request)));
    response.end();
  });
  const place = placeOf(0);
  await new Promise<void>((listening) =>
    receiver.listen(place.port('escalation', 'http'), place.host('escalation'), listening),
  );
  const program = (await programs()).alertmanager?.program as string;
  writeFileSync(join(home, 'token'), 'secret');
  running = hosts.map((_, replica) => {
    const place = placeOf(replica);
    const file = join(home, `alertmanager-${replica}.yml`);
    mkdirSync(place.data('alertmanager'));
    const config = alertmanager(place);
    const soon = { ...config, route: { ...config.route, group_wait: '1s' } };
    writeFileSync(file, yaml(soon));
    const args = [`--config.file=${file}`, ...alertmanagerArgs(place), `--cluster.peer-timeout=${peerSeconds}s`];
    const process = execa(program, args, { reject: false });
    return { kill: (signal) => process.kill(signal), ended: process.then(() => undefined) };
  });
  await told(async () => {
    const all = await Promise.all(hosts.map((_, replica) => status(replica)));
    return all.every(({ cluster }) => cluster.status === 'ready' && cluster.peers.length === hosts.length);
  });
}, 60_000);

beforeEach(() => {
  messages = [];
});

afterAll(async () => {
  for (const process of running) process.kill();
  await Promise.all(running.map(({ ended }) => ended));
  await new Promise((closed) => receiver.close(closed));
  rmSync(home, { recursive: true });
});

test('P06 an alert that two Prometheus send to all three is told once; another, told by nobody yet, once as well', async () => {
  await fromBoth('first', [0, 1, 2]);
  await fromBoth('second', [0, 1, 2]);
  await told(async () => names().length >= 2);
  // So long the second and the third wait before they would tell it too.
  await delay(4 * peerSeconds * 1000);
  expect(names().sort()).toEqual(['first', 'second']);
});

test('P06 a silence that is given to one is kept by all', async () => {
  const silence = {
    matchers: [{ name: 'alertname', value: 'quiet', isRegex: false, isEqual: true }],
    startsAt: new Date().toISOString(),
    endsAt: new Date(Date.now() + 600_000).toISOString(),
    createdBy: 'a test',
    comment: 'one for all',
  };
  await postJson(`${at(2)}/api/v2/silences`, silence);
  await told(async () =>
    (await Promise.all(hosts.map((_, replica) => getJson(`${at(replica)}/api/v2/silences`)))).every(
      (silences) => (silences as object[]).length === 1,
    ),
  );
  await fromBoth('quiet', [0, 1, 2]);
  await fromBoth('loud', [0, 1, 2]);
  await told(async () => names().length > 0);
  await delay(4 * peerSeconds * 1000);
  expect(names()).toEqual(['loud']);
});

test('P06 what only those have that are left is told all the same', async () => {
  // The first would have told it; without it another does, in its place.
  const first = await firstToTell();
  running[first]?.kill('SIGKILL');
  await running[first]?.ended;
  const left = hosts.flatMap((_, replica) => (replica === first ? [] : [replica]));
  await fromBoth('after', left);
  await told(async () => names().includes('after'));
  await delay(4 * peerSeconds * 1000);
  expect(names()).toEqual(['after']);
});

/** Both Prometheus send it, as alert_relabel_configs leave it: the same. Of the team that is told at night as well. */
async function fromBoth(alertname: string, to: readonly number[]): Promise<void> {
  const endsAt = new Date(Date.now() + 600_000).toISOString();
  const alerts = [{ labels: { alertname, severity: 'warning', team: 'security' }, endsAt }];
  for (const _ of ['prometheus-0', 'prometheus-1'])
    for (const replica of to) await postJson(`${at(replica)}/api/v2/alerts`, alerts);
}

function names(): string[] {
  return messages.flatMap(({ alerts }) => alerts.map(({ labels }) => labels.alertname as string));
}

interface Status {
  cluster: { name: string; status: string; peers: { name: string }[] };
}

async function status(replica: number): Promise<Status> {
  return (await getJson(`${at(replica)}/api/v2/status`)) as Status;
}

/** Their names are by chance, and their order is that of the names. */
async function firstToTell(): Promise<number> {
  const all = await Promise.all(hosts.map((_, replica) => status(replica)));
  const own = all.map(({ cluster }) => cluster.name);
  return own.indexOf([...own].sort()[0] as string);
}

function at(replica: number): string {
  return url({ ...placeOf(replica), host: () => hosts[replica] as string }, 'alertmanager', 'http');
}

function placeOf(replica: number): Place {
  return {
    ...kubernetes({ ...team, tls: false }),
    kind: 'native',
    bind: hosts[replica] as string,
    host: () => '127.40.0.9',
    replicas: (part) => (part === 'alertmanager' ? hosts : ['127.40.0.9']),
    data: (part) => join(home, `${part}-${replica}`),
    secret: () => join(home, 'token'),
  };
}

async function told(found: () => Promise<boolean>): Promise<void> {
  expect((await until(found, { timeoutMs: 30_000, everyMs: 100 })).found).toBe(true);
}
