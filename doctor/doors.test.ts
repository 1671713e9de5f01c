import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { selfMade } from '../k8s/certificates.ts';
import { stack } from '../stack.ts';
import { type Doors, doorHops, doorsIn, otlpAuthority } from './doors.ts';
import { summary } from './print.ts';

const shut = {
  'POST /v1/traces': 401,
  'GET /api/health': 200,
  'GET /api/search': 401,
  'GET /openapi.json': 200,
  'GET /api/incidents': 401,
};
let answers: Record<string, number>;
let front: Server;
let doors: Doors;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fleetscope-doors-'));
  front = createServer(({ method, url }, answer) => {
    answer.writeHead(answers[`${method} ${url}`] ?? 404).end();
  });
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(front.address() as AddressInfo).port}`;
  doors = { otlp: url, otlpHttp: url, grafana: url, escalation: url };
  answers = { ...shut };
});
afterEach(() => {
  answers = { ...shut };
});
afterAll(() => {
  front.close();
  rmSync(folder, { recursive: true });
});

const failing = async (at = doors) => (await doorHops(at)).filter(({ ok }) => !ok);

test('B09 doors that are open to those who are known, and closed to others, are well', async () => {
  expect(await doorHops(doors)).toMatchObject([
    { hop: 'OTLP door', ok: true },
    { hop: 'Grafana door', ok: true },
    { hop: 'Incidents door', ok: true },
  ]);
});

test.each([
  ['OTLP door', 'POST /v1/traces', 200, 'k8s/edge.ts'],
  ['Grafana door', 'GET /api/search', 200, 'docs/sign-in.md'],
  ['Grafana door', 'GET /api/health', 503, 'is "grafana" ready?'],
  ['Incidents door', 'GET /api/incidents', 200, 'docs/sign-in.md'],
  ['Incidents door', 'GET /openapi.json', 404, 'fleetscope.dev/ingress=true'],
  ['Incidents door', 'POST /alerts', 401, 'its paths'],
])('B09 the %s that answers "%s" with %i is found', async (hop, question, status, setting) => {
  answers[question] = status;
  const found = await failing();
  expect(found).toMatchObject([{ hop, detail: expect.stringContaining(`${status} to "${question}"`) }]);
  expect(found[0]?.setting).toContain(setting);
});

test('B09 a door that nobody opens is told apart from one that is closed', async () => {
  const found = await failing({ ...doors, grafana: 'http://127.0.0.1:1' });
  expect(found).toMatchObject([{ hop: 'Grafana door', detail: expect.stringContaining('does not answer') }]);
  expect(found[0]?.setting).toContain('has the Ingress an address');
});

test('B09 a certificate of an authority that is not known is told apart: the Secret, and the variable that names the authority', async () => {
  const { certificate, key, authority } = await selfMade(['localhost']);
  const server = createSecureServer({ cert: certificate, key }, (_, answer) => answer.writeHead(401).end());
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  const url = `https://localhost:${(server.address() as AddressInfo).port}`;
  const at = { ...doors, otlpHttp: url, grafana: url };
  try {
    const found = await failing(at);
    expect(found.map(({ hop }) => hop)).toEqual(['OTLP door', 'Grafana door']);
    expect(found[0]?.setting).toMatch(/fleetscope-otlp-tls.*OTEL_EXPORTER_OTLP_CERTIFICATE/);
    expect(found[1]?.setting).toMatch(/fleetscope-grafana-tls.*NODE_EXTRA_CA_CERTS/);
    const file = join(folder, 'ca.crt');
    writeFileSync(file, authority);
    const known = await doorHops(at, otlpAuthority({ OTEL_EXPORTER_OTLP_CERTIFICATE: file }));
    expect(known.map(({ ok }) => ok)).toEqual([true, false, true]);
  } finally {
    server.close();
  }
});

test('B09 an authority that cannot be read is named with its variable, before anybody is asked', () => {
  expect(otlpAuthority({})).toBeUndefined();
  const file = join(folder, 'nowhere.crt');
  expect(() => otlpAuthority({ OTEL_EXPORTER_OTLP_CERTIFICATE: file })).toThrow(
    new RangeError(
      `Cannot ask the OTLP door: OTEL_EXPORTER_OTLP_CERTIFICATE=${file} cannot be read (ENOENT). Make the file, or let this user read it.`,
    ),
  );
});

test('B09 what nobody sees from outside is named', () => {
  const report = { ok: true, hops: [], freshness: [] };
  expect(summary({ ...report, unseen: ['Tempo, by id', 'Loki'] })).toMatch(/^Not looked at.*: Tempo, by id; Loki\./);
  expect(summary(report)).not.toContain('Not looked at');
});

test('B09 the names outside are read where the overlay has them', () => {
  const { grpc, http } = stack.collector.ports;
  expect(doorsIn(join(import.meta.dirname, '..', 'k8s', 'example', 'hosts.yaml'))).toEqual({
    otlp: `https://otlp.example.org:${grpc}`,
    otlpHttp: `https://otlp.example.org:${http}`,
    grafana: 'https://grafana.example.org',
    escalation: 'https://incidents.example.org',
  });
});

test.each([
  ['that is not there', undefined, 'ENOENT'],
  ['without a name', 'data:\n  otlp: a.example\n  grafana: b.example\n', 'no host as "escalation"'],
  ['with a name that is none', 'data:\n  otlp: "a b"\n', 'no host as "otlp"'],
  ['that is no YAML', '{', 'Cannot use --hosts'],
])('B09 a file of host names %s is refused with an example', (_, text, why) => {
  const file = join(folder, 'hosts.yaml');
  rmSync(file, { force: true });
  if (text !== undefined) writeFileSync(file, text);
  expect(() => doorsIn(file)).toThrow(why);
  expect(() => doorsIn(file)).toThrow('e.g. k8s/example/hosts.yaml');
});
