import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import getPort from 'get-port';
import { afterEach, expect, test } from 'vitest';
import { getText, until } from '../../doctor/ask.ts';
import { needSecrets } from '../../engine/secrets.ts';
import { bundle } from '../../native/bundle.ts';
import { native } from '../../place.ts';
import { stack } from '../../stack.ts';
import { monitorEnv } from './settings.ts';
import { aRun, encoded } from './testing/spans.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

test('R03 the image’s files start by themselves, preloaded, keep a run, and end when they are told to', {
  timeout: 60_000,
}, async () => {
  const home = mkdtempSync(join(tmpdir(), 'fleetscope-monitor-'));
  folders.push(home);
  const app = join(home, 'app');
  await bundle('monitor', app);
  expect(JSON.parse(readFileSync(join(app, 'package.json'), 'utf8')).version).toBe(stack.monitor.own.version);
  expect(readFileSync(join(app, 'THIRD_PARTY_LICENSES'), 'utf8')).toMatch(/^fastify \d/m);
  needSecrets(home);
  const port = await getPort({ host: '127.0.0.1' });
  const place = native({ home, profile: 'laptop', portOf: () => port });
  const { PATH } = process.env;
  // Where nothing of the checkout is found, as in the image.
  const service = spawn(process.execPath, ['--import', '@fleetscope/instrumentation/register', 'main.js'], {
    cwd: app,
    env: { PATH, ...monitorEnv(place), OTEL_LOG_LEVEL: 'none' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [service.stdout, service.stderr])
    stream.on('data', (text) => {
      said += text;
    });
  const ended = once(service, 'exit');
  try {
    const url = `http://127.0.0.1:${port}`;
    const isReady = async () => (await getText(`${url}/-/ready`)).startsWith('Ready');
    expect(await until(isReady, { timeoutMs: 30_000, everyMs: 100 }), said).toEqual({ found: true });
    const authorization = `Bearer ${readFileSync(place.secret('monitor-ingest-token'), 'utf8').trim()}`;
    const answer = await fetch(`${url}/v1/traces`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/x-protobuf' },
      body: encoded(aRun()) as Uint8Array<ArrayBuffer>,
    });
    expect(answer.status, said).toBe(200);
    service.kill('SIGTERM');
    expect(await ended, said).toEqual([0, null]);
  } finally {
    service.kill('SIGKILL');
  }
});
