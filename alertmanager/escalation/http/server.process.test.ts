/** Over real sockets: what a client does to the connection. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import getPort from 'get-port';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { asKnown } from '../../../doctor/known.ts';
import { authority, signed } from '../../../k8s/certificates.ts';
import { fetchByTls } from '../../../service/tls.ts';
import { openServer } from './server.ts';
import { apiHeaders, group, service, webhookHeaders } from './testing/service.ts';

const here = service({ limits: { requestTimeoutMs: 300, headersTimeoutMs: 200, checkEveryMs: 50 } });
let server: Awaited<ReturnType<typeof openServer>>;
beforeAll(async () => {
  server = await openServer(here.deps);
});
afterAll(() => server.close());

/** Writes, and reads until the server closes. */
async function raw(...parts: string[]): Promise<string> {
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  let answer = '';
  socket.on('data', (data) => {
    answer += data;
  });
  socket.on('error', () => {});
  const closed = new Promise((resolve) => socket.on('close', resolve));
  for (const part of parts) {
    if (answer === '') await new Promise((resolve) => socket.write(part, resolve));
  }
  await closed;
  return answer;
}

const head = `POST /alerts HTTP/1.1\r\nhost: x\r\nauthorization: ${webhookHeaders.authorization}\r\n`;

test('X01 a body of 10 MB is refused, announced or not, and read no further', async () => {
  const refusedBefore = here.seen.refused.length;
  const announced = await raw(`${head}content-length: 10485760\r\n\r\n`);
  expect(announced).toMatch(/^HTTP\/1\.1 413 [\s\S]*larger than 1 MiB/);
  const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
  const streamed = await raw(`${head}transfer-encoding: chunked\r\n\r\n`, ...Array<string>(160).fill(chunk));
  expect(streamed).toMatch(/^HTTP\/1\.1 413 /);
  expect(here.seen.refused.slice(refusedBefore)).toEqual(['oversize', 'oversize']);
});

test('X01 a stranger is refused before the body is read', async () => {
  const stranger = head.replace(webhookHeaders.authorization, 'Bearer wrong');
  const answer = await raw(`${stranger}content-length: 10485760\r\nconnection: close\r\n\r\n`);
  expect(answer).toMatch(/^HTTP\/1\.1 401 /);
});

test('X01 who sends drop by drop is cut off, in the body as in the headers', async () => {
  expect(await raw(`${head}content-length: 1000\r\n\r\n`, '{')).toMatch(/^HTTP\/1\.1 408 /);
  expect(await raw('POST /alerts HTTP/1.1\r\nhost: x\r\n')).toMatch(/^HTTP\/1\.1 408 /);
  const answer = await fetch(`${server.url}/alerts`, {
    method: 'POST',
    headers: webhookHeaders,
    body: JSON.stringify(group()),
  });
  expect(answer.status).toBe(200);
});

test('X02 every answer has the headers that keep a browser safe, also those that refuse', async () => {
  const paths = ['/incidents', '/links/acknowledge/x', '/nothing', '/%ff', '/openapi.json', '/api/status', '/-/ready'];
  for (const path of paths) {
    const { headers } = await fetch(`${server.url}${path}`);
    expect(`${path} ${headers.get('content-security-policy')}`).toMatch(
      /default-src 'none'; style-src 'sha256-[\w+/=]+'; .*frame-ancestors 'none'/,
    );
    expect(headers.get('content-security-policy')).not.toMatch(/script|unsafe/);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe(path === '/incidents' ? 'same-origin' : 'no-referrer');
    expect(headers.get('x-powered-by')).toBeNull();
  }
});

test('X02 what a proxy claims of the client is not believed', async () => {
  for (let times = 0; times < 12; times++) {
    const headers = {
      'x-forwarded-for': `10.0.0.${times}`,
      origin: server.url,
      'content-type': 'application/x-www-form-urlencoded',
    };
    const answer = await fetch(`${server.url}/incidents/login`, {
      method: 'POST',
      headers,
      body: 'name=Ana&token=wrong',
    });
    expect(answer.status).toBe(times < 10 ? 403 : 429);
  }
});

test('X05 it closes while a client keeps its connection', async () => {
  const other = await openServer({ ...here.deps, port: 0 });
  await (await fetch(`${other.url}/api/status`, { headers: apiHeaders })).text();
  await other.close();
  await expect(fetch(`${other.url}/-/healthy`)).rejects.toThrow();
});

test.each([
  ['says nothing', ''],
  ['has not said all of its headers', 'POST /alerts HTTP/1.1\r\nhost: x\r\n'],
  ['has not sent all of its body', `${head}content-length: 1000\r\n\r\n{`],
])('X05 it closes while a client %s', async (_, said) => {
  const other = await openServer({ ...here.deps, port: 0, limits: { closingTimeoutMs: 100 } });
  const { hostname, port } = new URL(other.url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  const cutOff = new Promise((resolve) => socket.on('close', resolve));
  await new Promise((resolve) => socket.on('connect', resolve));
  socket.write(said);
  // It has arrived when another request has been answered.
  await fetch(`${other.url}/-/healthy`);
  await other.close();
  await cutOff;
});

test('P06 with certificates alerts come in by their own door alone, and people by the other', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fleetscope-alerts-'));
  try {
    const pem = await signed(await authority(1), ['escalation'], { usages: ['serverAuth', 'clientAuth'] });
    const file = (name: string, text: string) => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const tls = {
      authority: file('ca.crt', pem.authority),
      certificate: file('tls.crt', pem.certificate),
      key: file('tls.key', pem.key),
    };
    const port = await getPort({ host: '127.0.0.1' });
    const both = service({ alerts: { bind: '127.0.0.1', port, tls, notice: () => undefined } });
    const open = await openServer(both.deps);
    const way = await asKnown(pem, port);
    // Its certificate is not for forwarded ports: no other name is believed.
    const deceived = await fetch(`http://127.0.0.1:${way.port}/alerts`);
    expect([deceived.status, await deceived.text()]).toEqual([502, expect.stringContaining('localhost')]);
    way.close();
    const byPart = fetchByTls(tls, 'escalation');
    const door = `https://127.0.0.1:${port}`;
    const post = { method: 'POST', headers: webhookHeaders, body: JSON.stringify(group()) };
    expect((await byPart(`${door}/alerts`, post)).status).toBe(200);
    // Programs of ours read there what became of them; people have no business there.
    expect((await byPart(`${door}/api/incidents`, { headers: apiHeaders })).status).toBe(200);
    expect((await byPart(`${door}/api/incidents`)).status).toBe(401);
    // They answer nothing in anybody's name.
    const incident = (await both.store.list({ limit: 1 }))[0]?.id;
    const answer = { method: 'POST', headers: apiHeaders, body: JSON.stringify({ actor: 'Ana' }) };
    const acknowledge = `/api/incidents/${incident}/acknowledge`;
    expect((await byPart(`${door}${acknowledge}`, answer)).status).toBe(404);
    expect((await fetch(`${open.url}${acknowledge}`, answer)).status).toBe(200);
    expect((await byPart(`${door}/incidents`)).status).toBe(404);
    expect((await fetch(`${open.url}/alerts`, post)).status).toBe(404);
    expect((await fetch(`${open.url}/-/ready`)).status).toBe(200);
    expect((await fetch(`${open.url}/api/incidents`, { headers: apiHeaders })).status).toBe(200);
    await expect(fetch(`http://127.0.0.1:${port}/alerts`, post)).rejects.toThrow();
    await open.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
});
