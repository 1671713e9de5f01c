/** The services' side of what parts know each other by: who is answered, and certificates that are renewed. (P06) */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import Fastify from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Authority, authority, type Certificate, signed } from '../k8s/certificates.ts';
import { single, team } from '../k8s/size.ts';
import { kubernetes, type Tls } from '../place.ts';
import { type Listening, listening, probesAlone, serverOptions } from './server.ts';
import { fetchByTls, getByTls, tlsEnv, tlsOf } from './tls.ts';

const limits = {
  ...{ bodyBytes: 10, requestTimeoutMs: 1000, headersTimeoutMs: 1000, checkEveryMs: 100 },
  closingTimeoutMs: 100,
};
const both = { usages: ['serverAuth', 'clientAuth'] } as const;

let folder: string;
let ours: Authority;
let foreign: Certificate;
let tls: Tls;
let server: Listening;
const notices: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fleetscope-service-tls-'));
  ours = await authority(1);
  foreign = await signed(await authority(1), ['monitor', 'localhost'], both);
  tls = write('server', await signed(ours, ['monitor', 'localhost'], both));
  const app = Fastify(serverOptions(limits, tls));
  app.get('/', async () => 'answered');
  app.post('/', async ({ body, headers }) => ({ body, type: headers['content-type'], token: headers.authorization }));
  app.get('/slow', () => new Promise(() => undefined));
  app.get('/away', async (_, reply) => reply.redirect('/'));
  const given = { bind: '127.0.0.1', port: 0, closingTimeoutMs: 100, tls, lookEveryMs: 20 };
  server = await listening(app, { ...given, notice: (line) => notices.push(line) });
});

afterAll(async () => {
  await server?.close();
  rmSync(folder, { recursive: true, force: true });
});

function files(name: string): Tls {
  const [authority, certificate, key] = ['ca.crt', 'tls.crt', 'tls.key'].map((file) => join(folder, `${name}-${file}`));
  return { authority, certificate, key } as Tls;
}

function write(name: string, pem: Certificate): Tls {
  const tls = files(name);
  for (const which of ['authority', 'certificate', 'key'] as const) writeFileSync(tls[which], pem[which]);
  return tls;
}

const ask = (path: string, as: Tls, part: 'monitor' | 'loki' = 'monitor') =>
  getByTls(`${server.url}${path}`, { tls: as, part, timeoutMs: 5_000 });

test('P06 who shows a certificate of the same authority is answered, and sees whom it asked', async () => {
  expect(server.url).toMatch(/^https:/);
  expect(await ask('/', tls)).toBe('answered');
  await expect(ask('/', tls, 'loki')).rejects.toThrow(/altnames|loki/);
  await expect(ask('/away', tls)).rejects.toThrow('it answered 302');
});

test('P06 one of another authority, none at all, and plain HTTP are answered nothing', async () => {
  const stranger = write('foreign', { ...foreign, authority: ours.certificate });
  await expect(ask('/', stranger)).rejects.toThrow();
  const without = new Promise((resolve, reject) => {
    request(server.url, { ca: ours.certificate, servername: 'monitor', agent: false }, resolve)
      .on('error', reject)
      .end();
  });
  await expect(without).rejects.toThrow();
  await expect(fetch(server.url.replace('https', 'http'))).rejects.toThrow();
});

test('P06 a server of another authority is not believed, however well we are known to it', async () => {
  const mine = await signed(ours, ['doctor'], both);
  expect(await ask('/', write('doctor', mine))).toBe('answered');
  const deceived = ask('/', write('deceived', { ...mine, authority: foreign.authority }));
  await expect(deceived).rejects.toThrow(/unable to verify|self-signed|local issuer/);
});

test('P06 a certificate that is renewed is shown without a restart; files that do not fit leave the old one', async () => {
  const mine = await signed(ours, ['doctor'], both);
  const before = await shown(ours, mine);
  writeFileSync(tls.key, foreign.key);
  await expect
    .poll(() => notices.at(-1))
    .toMatch(
      /^Cannot read the certificate anew: .+ \(it is the key of another certificate\)\. The old one is shown until it can\.$/,
    );
  expect(await shown(ours, mine)).toBe(before);
  write('server', await signed(ours, ['monitor', 'localhost'], both));
  await expect.poll(() => notices.at(-1)).toBe(`The certificate was read anew: ${tls.certificate}.`);
  expect(await shown(ours, mine)).not.toBe(before);
  // Who comes is asked as before.
  await expect(shown(ours)).rejects.toThrow();
  await expect(shown(ours, foreign)).rejects.toThrow();

  const next = await authority(1);
  write('server', await signed(next, ['monitor', 'localhost'], both));
  await expect.poll(() => shown(next, mine).catch(({ message }) => message)).not.toMatch(/verify|issuer|self-signed/);
  expect(await shown(next, await signed(next, ['doctor'], both))).toMatch(/^[0-9A-F]+$/);
  await expect(shown(next)).rejects.toThrow();
  // Of the authority that was.
  await expect(shown(next, mine)).rejects.toThrow();
});

/** The number of the certificate that it shows to whoever believes `by` and shows `as`. */
function shown(by: Authority, as?: Certificate): Promise<string> {
  const shows = as && { cert: as.certificate, key: as.key };
  const options = { ...shows, ca: by.certificate, servername: 'monitor', agent: false as const };
  return new Promise((resolve, reject) => {
    const asked = request(server.url, options, (answer) => {
      resolve((answer.socket as TLSSocket).getPeerX509Certificate()?.serialNumber ?? '');
      answer.resume();
    });
    asked.on('error', reject).end();
  });
}

test('P06 as fetch it sends what it is given and answers what it was answered, and goes nowhere else', async () => {
  const as = fetchByTls(tls, 'monitor');
  const body = JSON.stringify('a b');
  const headers = { 'content-type': 'application/json', authorization: 'Bearer x' };
  const answer = await as(server.url, { method: 'POST', headers, body });
  expect(await answer.json()).toEqual({ body: 'a b', type: 'application/json', token: 'Bearer x' });
  const form = await as(server.url, { method: 'POST', body: new URLSearchParams({ a: 'b' }) });
  // Fastify knows no forms: that it was called one is what is shown.
  expect([form.ok, form.status]).toEqual([false, 415]);
  expect((await as(`${server.url}/away`)).status).toBe(302);
  expect((await as(`${server.url}/nowhere`)).status).toBe(404);
  // Told so as Node's own tells it: whoever asks says how long it waited.
  await expect(as(`${server.url}/slow`, { signal: AbortSignal.timeout(50) })).rejects.toMatchObject({
    name: 'TimeoutError',
  });
  await expect(as(server.url, { signal: AbortSignal.abort(new Error('it ends')) })).rejects.toThrow('it ends');
  await expect(fetchByTls(tls, 'loki')(server.url)).rejects.toThrow(/altnames|does not match/i);
  await expect(as('https://127.0.0.1:1/')).rejects.toThrow('ECONNREFUSED');
});

test('P06 beside it the kubelet is answered in plain, and nobody finds more there', async () => {
  const app = probesAlone(limits, async () => {}, 'not now');
  const plain = await listening(app, { bind: '127.0.0.1', port: 0, ...limits });
  expect((await fetch(`${plain.url}/-/ready`)).status).toBe(200);
  expect((await fetch(`${plain.url}/-/healthy`)).status).toBe(200);
  for (const path of ['/', '/alerts', '/v1/traces', '/api/incidents'])
    expect((await fetch(`${plain.url}${path}`, { method: 'POST' })).status, path).toBe(404);
  await plain.close();
});

test('P06 a service is told of its certificate by all three variables or none', async () => {
  expect(tlsEnv(kubernetes(single))).toEqual({});
  expect(tlsOf({})).toBeUndefined();
  expect(tlsEnv(kubernetes(team))).toEqual({
    FLEETSCOPE_TLS_AUTHORITY_FILE: '/run/fleetscope/tls/ca.crt',
    FLEETSCOPE_TLS_CERTIFICATE_FILE: '/run/fleetscope/tls/tls.crt',
    FLEETSCOPE_TLS_KEY_FILE: '/run/fleetscope/tls/tls.key',
  });
  const env = envOf(write('told', await signed(ours, ['monitor'], both)));
  expect(tlsOf(env)).toEqual(files('told'));
  const { FLEETSCOPE_TLS_KEY_FILE: _, ...torn } = env;
  expect(() => tlsOf(torn)).toThrow('Cannot start: FLEETSCOPE_TLS_KEY_FILE is not set.');
});

test.each<[string, string, keyof Tls, () => string | undefined, string]>([
  ['is missing', 'AUTHORITY', 'authority', () => undefined, 'ENOENT'],
  ['is missing', 'KEY', 'key', () => undefined, 'ENOENT'],
  ['is no PEM', 'AUTHORITY', 'authority', () => 'ca', 'it holds no certificate in PEM'],
  ['is no PEM', 'CERTIFICATE', 'certificate', () => '', 'it holds no certificate in PEM'],
  ['is no PEM', 'KEY', 'key', () => 'key', 'it holds no key in PEM'],
  ["is another certificate's", 'KEY', 'key', () => foreign.key, 'it is the key of another certificate'],
])('P06 a file that %s ends the start: %s', async (_, name, which, text, why) => {
  const bad = write('bad', await signed(ours, ['monitor'], both));
  rmSync(bad[which]);
  const content = text();
  if (content !== undefined) writeFileSync(bad[which], content);
  expect(() => tlsOf(envOf(bad))).toThrow(
    `Cannot start: FLEETSCOPE_TLS_${name}_FILE=${bad[which]} cannot be used (${why}). Make the Secret again.`,
  );
});

function envOf(tls: Tls): Record<string, string> {
  return tlsEnv({ ...kubernetes(team), tls: { ...tls, configs: '' } });
}
