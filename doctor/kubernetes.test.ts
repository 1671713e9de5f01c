import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { stack } from '../stack.ts';
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
  const noPorts = "if (!args.includes('get')) { console.error('cannot create pods/portforward'); process.exit(1); }";
  await expect(reach(kubectl(team, noPorts))).rejects.toThrow('cannot create pods/portforward');
  await expect(reach(kubectl(team.slice(2)))).rejects.toThrow('no ready pod of');
  await expect(reach(join(folder, 'no-kubectl'))).rejects.toThrow('ENOENT');
});

test('B09 only pods that are ready count', () => {
  expect(readyPods(JSON.stringify({ items: [one('loki'), pod('loki', 'loki-1', false)] }))).toEqual(
    new Map([['loki', ['loki-0']]]),
  );
});
