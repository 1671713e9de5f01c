/** The Collector's door for senders from outside a cluster, with the shipped configuration and the real binary: who is let in. (P06) */
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { CanarySender } from '../../doctor/canary.ts';
import { sdkHop } from '../../doctor/hops.ts';
import type { Targets } from '../../doctor/targets.ts';
import { type Certificate, selfMade } from '../../k8s/certificates.ts';
import { type EdgeAlone, postTo, startEdgeAlone } from './edge-alone.ts';

let folder: string;
let trusted: Certificate;
let collector: EdgeAlone;
let authorityFile: string;
let strangeFile: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fleetscope-edge-'));
  trusted = await selfMade(['localhost', '127.0.0.1']);
  authorityFile = write('ca.crt', trusted.authority);
  strangeFile = write('strange.crt', (await selfMade(['localhost'])).authority);
  write('tls.crt', trusted.certificate);
  write('tls.key', trusted.key);
  write('tokens', 'first-token-of-a-sender # billing\n');
  collector = await startEdgeAlone({
    certificate: join(folder, 'tls.crt'),
    key: join(folder, 'tls.key'),
    tokens: join(folder, 'tokens'),
  });
}, 120_000);

afterAll(async () => {
  await collector?.stop();
  rmSync(folder, { recursive: true, force: true });
});

afterEach(() => vi.unstubAllEnvs());

/** In one step, as the kubelet does it. */
function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
  return path;
}

/** By OTLP/gRPC through the SDK, as a service does that is set by variables alone. */
async function byGrpc(endpoint: string, token?: string, authority = authorityFile): Promise<string> {
  vi.stubEnv('OTEL_EXPORTER_OTLP_CERTIFICATE', authority);
  vi.stubEnv('OTEL_EXPORTER_OTLP_HEADERS', token === undefined ? '' : `authorization=Bearer ${token}`);
  const sender = new CanarySender(endpoint, 3_000);
  try {
    await sender.send();
    return 'taken';
  } catch (error) {
    return (error as Error).message;
  } finally {
    await sender.close();
  }
}

const byHttp = (port: number, token?: string, authority = trusted.authority) => postTo(port, { token, authority });

test('P06 the plain door takes what a network policy lets through, as it is', async () => {
  expect(await byGrpc(`http://localhost:${collector.plain.grpc}`)).toBe('taken');
});

test.each([
  ['without a token', undefined],
  ['with a wrong token', 'another-token-of-a-sender'],
  ['with an empty one', ''],
  ['with a token and what follows it in the file', 'first-token-of-a-sender # billing'],
])('P06 the edge refuses a sender %s', async (_, token) => {
  expect(await byGrpc(`https://localhost:${collector.edge['edge-grpc']}`, token)).toMatch(/UNAUTHENTICATED/);
  expect(await byHttp(collector.edge['edge-http'], token)).toBe(401);
});

test('P06 the edge takes what comes with the right token, by gRPC and by HTTP', async () => {
  expect(await byGrpc(`https://localhost:${collector.edge['edge-grpc']}`, 'first-token-of-a-sender')).toBe('taken');
  expect(await byHttp(collector.edge['edge-http'], 'first-token-of-a-sender')).toBe(200);
});

test('P06 the edge answers nobody without TLS, and is not taken for another', async () => {
  const { 'edge-grpc': grpc, 'edge-http': http } = collector.edge;
  expect(await byGrpc(`http://localhost:${grpc}`, 'first-token-of-a-sender')).not.toBe('taken');
  expect(await postTo(http, { token: 'first-token-of-a-sender' })).toBe(400);
  expect(await byGrpc(`https://localhost:${grpc}`, 'first-token-of-a-sender', strangeFile)).not.toBe('taken');
  const strange = (await selfMade(['localhost'])).authority;
  await expect(byHttp(http, 'first-token-of-a-sender', strange)).rejects.toThrow(/certificate/);
});

test('P06 nothing older than TLS 1.2 is spoken, and no page of a browser is let in', async () => {
  const { 'edge-http': http } = collector.edge;
  const old = { token: 'first-token-of-a-sender', authority: trusted.authority, maxVersion: 'TLSv1.1' as const };
  await expect(postTo(http, old)).rejects.toThrow();
  const page = { authority: trusted.authority, method: 'OPTIONS', origin: 'https://evil.example' };
  expect(await postTo(http, page)).toBe(401);
});

test('P06 what is larger than 16 MiB is refused, what is not is taken', async () => {
  const { 'edge-http': http } = collector.edge;
  const large = { token: 'first-token-of-a-sender', authority: trusted.authority };
  expect(await postTo(http, { ...large, bytes: 17 * 1024 * 1024 })).toBe(400);
  expect(await postTo(http, { ...large, bytes: 15 * 1024 * 1024 })).toBe(200);
});

test('P06 the doctor says why it is not let in: the token, the certificate', async () => {
  const endpoint = `https://localhost:${collector.edge['edge-grpc']}`;
  vi.stubEnv('OTEL_EXPORTER_OTLP_CERTIFICATE', authorityFile);
  expect(await doorOf(endpoint)).toContain('OTEL_EXPORTER_OTLP_HEADERS');
  vi.stubEnv('OTEL_EXPORTER_OTLP_CERTIFICATE', strangeFile);
  expect(await doorOf(endpoint)).toContain('OTEL_EXPORTER_OTLP_CERTIFICATE');
});

/** The setting that the doctor's first hop names. */
async function doorOf(endpoint: string): Promise<string | undefined> {
  const sender = new CanarySender(endpoint, 3_000);
  const { hop } = await sdkHop(sender, { otlp: endpoint } as Targets);
  await sender.close();
  return hop.setting;
}

test('P06 a token is changed without a restart and without a gap: both are valid, then the new one alone', async () => {
  const grpc = `https://localhost:${collector.edge['edge-grpc']}`;
  const http = collector.edge['edge-http'];
  write('tokens', 'first-token-of-a-sender # billing\nsecond-token-of-a-sender # billing, from today\n');
  await expect.poll(() => byHttp(http, 'second-token-of-a-sender'), { timeout: 10_000 }).toBe(200);
  expect(await byHttp(http, 'first-token-of-a-sender')).toBe(200);
  expect(await byGrpc(grpc, 'first-token-of-a-sender')).toBe('taken');
  expect(await byGrpc(grpc, 'second-token-of-a-sender')).toBe('taken');

  write('tokens', 'second-token-of-a-sender # billing\n');
  await expect.poll(() => byHttp(http, 'first-token-of-a-sender'), { timeout: 10_000 }).toBe(401);
  expect(await byGrpc(grpc, 'first-token-of-a-sender')).toMatch(/UNAUTHENTICATED/);
  expect(await byGrpc(grpc, 'second-token-of-a-sender')).toBe('taken');
});

test('P06 a certificate is renewed without a restart', async () => {
  const next = await selfMade(['localhost']);
  write('tls.key', next.key);
  write('tls.crt', next.certificate);
  const asked = () => byHttp(collector.edge['edge-http'], 'second-token-of-a-sender', next.authority).catch(() => 0);
  await expect.poll(asked, { timeout: 10_000 }).toBe(200);
  await expect(byHttp(collector.edge['edge-http'], 'second-token-of-a-sender')).rejects.toThrow(/certificate/);
});
