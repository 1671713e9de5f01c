/**
 * What the real Collector sends to an Elasticsearch. None can be built here: the server below keeps what it is sent and answers as the
 * documents of its OTLP endpoint say, so this proves requests, not what Elasticsearch makes of them.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { execa } from 'execa';
import { afterEach, expect, test, vi } from 'vitest';
import { postJson, until } from '../../doctor/ask.ts';
import { processes } from '../../engine/processes.ts';
import { needSecrets } from '../../engine/secrets.ts';
import { Supervisor } from '../../engine/supervisor.ts';
import { native, url } from '../../place.ts';
import { freePorts, programs } from './stack.ts';

let stop = async () => {};
afterEach(async () => {
  vi.unstubAllEnvs();
  await stop();
});

test('P07 Elasticsearch is sent log records alone, by its user, each for the data stream of its class', {
  timeout: 60_000,
}, async () => {
  const requests: { path: string | undefined; user: string; type: string | undefined; body: string }[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const [, credentials = ''] = (request.headers.authorization ?? '').split(' ');
    requests.push({
      path: request.url,
      user: Buffer.from(credentials, 'base64').toString(),
      type: request.headers['content-type'],
      body: gunzipSync(Buffer.concat(chunks)).toString('latin1'),
    });
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const home = mkdtempSync(join(tmpdir(), 'fleetscope-elasticsearch-'));
  writeFileSync(join(home, 'password'), 'of-the-writer\n');
  vi.stubEnv('FLEETSCOPE_ELASTICSEARCH_URL', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  vi.stubEnv('FLEETSCOPE_ELASTICSEARCH_USER', 'fleetscope-writer');
  vi.stubEnv('FLEETSCOPE_ELASTICSEARCH_PASSWORD_FILE', join(home, 'password'));
  const ports = await freePorts();
  const place = native({ home, profile: 'laptop', portOf: (setting) => ports.get(setting) as number });
  needSecrets(home);
  const { collector } = await programs();
  const supervisor = new Supervisor({
    processes: processes(place, { collector: collector as never }, home).map((one) => ({ ...one, needs: [] })),
    logs: join(home, 'logs'),
    onPhase: () => undefined,
  });
  stop = async () => {
    await supervisor.stop();
    server.closeAllConnections();
    server.close();
    rmSync(home, { recursive: true, force: true });
  };
  await supervisor.start();
  const to = url(place, 'collector', 'http');
  const log = (severityNumber: number, text: string) => ({ severityNumber, body: { stringValue: text } });
  await postJson(`${to}/v1/traces`, {
    resourceSpans: [{ scopeSpans: [{ spans: [{ traceId: '1'.repeat(32), spanId: '1'.repeat(16), name: 'a span' }] }] }],
  });
  await postJson(`${to}/v1/logs`, {
    resourceLogs: [
      {
        scopeLogs: [
          { logRecords: [log(17, 'it failed'), log(5, 'a detail'), log(9, `sk-ant-api03-${'a'.repeat(95)}`)] },
        ],
      },
    ],
  });
  const all = () => requests.map(({ body }) => body).join('');
  expect(await until(async () => all().includes('a detail'), { timeoutMs: 20_000, everyMs: 100 })).toEqual({
    found: true,
  });
  expect([...new Set(requests.map(({ path, user, type }) => `${path} ${user} ${type}`))]).toEqual([
    '/_otlp/v1/logs fleetscope-writer:of-the-writer application/x-protobuf',
  ]);
  // The Collector writes an attribute's value before its key.
  const datasets = [...all().matchAll(/(debug|standard|error)..data_stream\.dataset/gs)].map(([, dataset]) => dataset);
  expect(datasets.sort()).toEqual(['debug', 'error', 'standard']);
  // The copy is taken behind redaction.
  expect(all()).not.toContain('sk-ant-api03');
});

test('P07 the real Collector accepts what Compose gives it for each choice, and refuses one that there is none of', {
  timeout: 120_000,
}, async () => {
  const { collector } = await programs();
  const folder = join(import.meta.dirname, '..', '..', 'collector');
  const validate = async (profiles: string) => {
    const files = ['collector', `copies/${profiles}`, 'copies/none'].map(
      (name) => `--config=${join(folder, `${name}.yaml`)}`,
    );
    return execa(collector?.program as string, ['validate', ...files], { reject: false, all: true });
  };
  for (const profiles of ['none', 'jaeger', 'elasticsearch', 'elasticsearch,jaeger', 'jaeger,elasticsearch'])
    expect(await validate(profiles), profiles).toMatchObject({ exitCode: 0 });
  expect(await validate('jeager')).toMatchObject({ exitCode: 1, all: expect.stringContaining('copies/jeager.yaml') });
});
