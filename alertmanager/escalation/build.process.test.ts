import { spawn } from 'node:child_process';
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
import { escalationEnv } from './settings.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

test('X01 the image’s files start by themselves, preloaded, and end when they are told to', {
  timeout: 60_000,
}, async () => {
  const home = mkdtempSync(join(tmpdir(), 'fleetscope-escalation-'));
  folders.push(home);
  const app = join(home, 'app');
  await bundle('escalation', app);
  expect(JSON.parse(readFileSync(join(app, 'package.json'), 'utf8')).version).toBe(stack.escalation.own.version);
  expect(readFileSync(join(app, 'THIRD_PARTY_LICENSES'), 'utf8')).toMatch(/^fastify \d/m);
  needSecrets(home);
  const port = await getPort({ host: '127.0.0.1' });
  const place = native({ home, profile: 'laptop', portOf: () => port });
  const { PATH } = process.env;
  // Where nothing of the checkout is found, as in the image.
  const args = ['--import', '@fleetscope/instrumentation/register', 'main.js'];
  const service = spawn(process.execPath, args, {
    cwd: app,
    env: { PATH, ...escalationEnv(place), OTEL_LOG_LEVEL: 'none' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [service.stdout, service.stderr])
    stream.on('data', (text) => {
      said += text;
    });
  const ended = new Promise<number | null>((resolve) => service.once('exit', resolve));
  try {
    const url = `http://127.0.0.1:${port}`;
    const isReady = async () => (await getText(`${url}/-/ready`)).startsWith('Ready');
    expect(await until(isReady, { timeoutMs: 30_000, everyMs: 100 }), said).toEqual({ found: true });
    expect(await getText(`${url}/openapi.json`)).toContain('/api/incidents');
    expect(said).toContain('Nobody is told: no channel has its secret.');
    service.kill('SIGTERM');
    expect(await ended, said).toBe(0);
  } finally {
    service.kill('SIGKILL');
  }
});
