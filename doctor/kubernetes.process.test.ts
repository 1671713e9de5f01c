import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { partSecret } from '../mutual.ts';
import { stack } from '../stack.ts';
import { until } from './ask.ts';
import { reachCluster, readyPods } from './kubernetes.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fleetscope-kubectl-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const pod = (part: string, name: string, ready = true) => ({
  metadata: { name, labels: { 'app.kubernetes.io/name': part } },
  status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
});
const one = (part: string) => pod(part, `${part}-0`);
const team = [
  ...['collector', 'tempo', 'loki', 'prometheus', 'alertmanager', 'escalation', 'monitor'].map(one),
  ...[pod('alertmanager', 'alertmanager-1'), pod('collector', 'collector-1'), pod('collector', 'collector-2', false)],
];

/** A kubectl that knows these pods, writes down what it is asked for, and forwards to ports that it makes up. */
function kubectl(pods: readonly object[], more = ''): string {
  const path = join(folder, 'kubectl');
  writeFileSync(
    path,
    `#!${process.execPath}
const { appendFileSync } = require('node:fs');
const args = process.argv.slice(2);
appendFileSync(${JSON.stringify(join(folder, 'asked'))}, args.join(' ') + '\\n');
${more}
if (args.includes('get')) process.stdout.write(${JSON.stringify(JSON.stringify({ items: pods }))});
else {
  process.on('SIGTERM', () => { appendFileSync(${JSON.stringify(join(folder, 'ended'))}, 'x'); process.exit(0); });
  const ports = args.filter((one) => one.startsWith(':')).map((one) => one.slice(1));
  ports.forEach((port, i) => process.stdout.write('Forwarding from 127.0.0.1:' + (50000 + i) + ' -> ' + port + '\\nForwarding from [::1]:1 -> ' + port + '\\n'));
  setInterval(() => {}, 1000);
}
`,
  );
  chmodSync(path, 0o755);
  return path;
}

test('B09 the parts of a stack in a cluster are reached pod by pod, and let go again', async () => {
  const reached = await reachCluster({ namespace: 'watch', context: 'east', kubectl: kubectl(team) });
  const { targets } = reached;
  const collector = { otlp: 'http://127.0.0.1:50000', collectorHealth: 'http://127.0.0.1:50001' };
  expect(targets).toMatchObject({ ...collector, tempo: 'http://127.0.0.1:50000', loki: 'http://127.0.0.1:50000' });
  // One of several alone would not know what all of them do; one that is not ready is not asked.
  expect(targets.replicas?.alertmanager).toHaveLength(2);
  expect(targets.replicas?.collectorMetrics).toEqual(['http://127.0.0.1:50002', 'http://127.0.0.1:50002']);
  const asked = readFileSync(join(folder, 'asked'), 'utf8').trim().split('\n');
  expect(asked.every((line) => line.startsWith('--context east --namespace watch '))).toBe(true);
  expect(asked.filter((line) => line.includes('port-forward'))).toHaveLength(9);
  expect(asked.some((line) => line.endsWith(`pod/tempo-0 :${stack.tempo.ports.http}`))).toBe(true);
  expect(asked.join()).not.toContain('collector-2');
  await reached.close();
  expect(readFileSync(join(folder, 'ended'), 'utf8')).toBe('x'.repeat(9));
});

test('P06 where parts have certificates, one is read from the Secret that is ours, and shown to those who ask for it', async () => {
  const withCertificates = team.map((one) => ({
    ...one,
    spec: {
      volumes: [
        { name: 'tls', secret: { secretName: `fleetscope-tls-${one.metadata.labels['app.kubernetes.io/name']}` } },
      ],
    },
  }));
  const pem = Buffer.from('pem').toString('base64');
  const secret = JSON.stringify({ data: { 'ca.crt': pem, 'tls.crt': pem, 'tls.key': pem } });
  const giving = `if (args.includes('secret')) { process.stdout.write(${JSON.stringify(secret)}); process.exit(0); }`;
  const { targets, close } = await reachCluster({ namespace: 'watch', kubectl: kubectl(withCertificates, giving) });
  expect(readFileSync(join(folder, 'asked'), 'utf8')).toContain(`get secret ${partSecret('doctor')} `);
  // A port of ours before the forwarded one, where a certificate is asked for.
  for (const name of ['tempo', 'loki', 'prometheus', 'alertmanager', 'monitor'] as const)
    expect(targets[name], name).not.toMatch(/:5000\d$/);
  for (const name of ['otlp', 'collectorMetrics', 'escalation'] as const)
    expect(targets[name], name).toMatch(/:5000\d$/);
  await close();
  const refusing = "if (args.includes('secret')) { console.error('Forbidden: secrets'); process.exit(1); }";
  const refused = reachCluster({ namespace: 'watch', kubectl: kubectl(withCertificates, refusing) });
  await expect(refused).rejects.toThrow(/Forbidden: secrets.+fleetscope-tls-doctor/);
});

test('B09 with an endpoint the canary goes through the door; where reading logs is apart, logs are asked for there', async () => {
  const endpoint = 'https://otlp.example.org:4317';
  const found = [...team, pod('loki-read', 'loki-read-7d9f')];
  const { targets, close } = await reachCluster({ namespace: 'fleetscope', endpoint, kubectl: kubectl(found) });
  expect(targets.otlp).toBe(endpoint);
  const asked = readFileSync(join(folder, 'asked'), 'utf8');
  expect(asked).toContain(`pod/loki-read-7d9f :${stack.loki.ports.http}`);
  expect(asked).not.toContain('pod/loki-0');
  await close();
});

test('B09 what kubectl refuses, a part that is not there, and a machine without kubectl are told apart', async () => {
  const reach = (kubectl: string) => reachCluster({ namespace: 'fleetscope', kubectl });
  const forbidden =
    "if (args.includes('get')) { console.error('Error from server (Forbidden): pods'); process.exit(1); }";
  await expect(reach(kubectl(team, forbidden))).rejects.toThrow(/Cannot reach the stack by kubectl: Error from server/);
  // What stands before it is kubectl's own log.
  const log = 'E1126 20:57:58.810651   12569 memcache.go:265] "Unhandled Error" err="dial"';
  const said = 'The connection to localhost:8080 was refused - did you specify the right host?';
  const noCluster = `console.error(${JSON.stringify(`${log}\n${said}`)}); process.exit(1);`;
  await expect(reach(kubectl(team, noCluster))).rejects.toThrow(
    /^Cannot reach the stack by kubectl: The connection to localhost:8080 was refused - did you specify the right host\. Look/,
  );
  const noPorts = "if (!args.includes('get')) { console.error('cannot create pods/portforward'); process.exit(1); }";
  await expect(reach(kubectl(team, noPorts))).rejects.toThrow('cannot create pods/portforward');
  await expect(reach(kubectl(team.slice(2)))).rejects.toThrow('no ready pod of');
  await expect(reach(join(folder, 'no-kubectl'))).rejects.toThrow('ENOENT');
});

test.each(['alertmanager', 'monitor'])(
  'B09 without a ready pod of %s no port is opened, and it is named',
  async (part) => {
    const rest = team.filter(({ metadata }) => !metadata.name.startsWith(part));
    const reach = reachCluster({ namespace: 'watch', kubectl: kubectl(rest) });
    await expect(reach).rejects.toThrow(`there is no ready pod of ${part} in the namespace "watch"`);
    expect(readFileSync(join(folder, 'asked'), 'utf8')).not.toContain('port-forward');
  },
);

test.each([
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const)(
  'B09 %s takes the forwarded ports along: exit code %d',
  async (signal, code) => {
    const pids = join(folder, 'pids');
    // One that never says that it is ready: the doctor waits.
    kubectl(
      team,
      `if (!args.includes('get')) { appendFileSync(${JSON.stringify(pids)}, process.pid + '\\n'); setInterval(() => {}, 1000); return; }`,
    );
    const script = join(import.meta.dirname, '..', 'scripts', 'doctor.ts');
    const doctor = spawn(process.execPath, [script, '--kubernetes'], {
      env: { ...process.env, PATH: folder },
      stdio: 'ignore',
    });
    const forwards = () => (existsSync(pids) ? readFileSync(pids, 'utf8').trim().split('\n').map(Number) : []);
    const often = { timeoutMs: 20_000, everyMs: 20 };
    const ended = once(doctor, 'exit');
    expect(await until(async () => forwards().length === 9, often)).toEqual({ found: true });
    doctor.kill(signal);
    expect(await ended).toEqual([code, null]);
    expect(await until(async () => !forwards().some(alive), often)).toEqual({ found: true });
  },
  60_000,
);

function alive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test('B09 only pods that are ready count', () => {
  expect(readyPods(JSON.stringify({ items: [one('loki'), pod('loki', 'loki-1', false)] }))).toEqual(
    new Map([['loki', ['loki-0']]]),
  );
});

test('B09 of a pod with two containers it is the one of the part that counts: a memory that is ill hides no ledger', () => {
  const found = (monitor: boolean, memory: boolean) => {
    const { metadata, status } = pod('monitor', 'monitor-0', monitor && memory);
    const containerStatuses = Object.entries({ memory, monitor }).map(([name, ready]) => ({ name, ready }));
    return readyPods(JSON.stringify({ items: [{ metadata, status: { ...status, containerStatuses } }] }));
  };
  expect(found(true, true)).toEqual(new Map([['monitor', ['monitor-0']]]));
  expect(found(true, false)).toEqual(new Map([['monitor', ['monitor-0']]]));
  expect(found(false, true)).toEqual(new Map());
});
