/** `npm run incidents` as a process, against the service. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openServer } from '../http/server.ts';
import { group, service, tokens, webhookHeaders } from '../http/testing/service.ts';

const folder = mkdtempSync(join(tmpdir(), 'fleetscope-incidents-'));
const tokenFile = join(folder, 'token');
let server: Awaited<ReturnType<typeof openServer>>;

beforeAll(async () => {
  writeFileSync(tokenFile, `${tokens.api}\n`);
  server = await openServer(service().deps);
  for (const service_name of ['first', 'second', 'third']) {
    const body = JSON.stringify(group({ labels: { service_name } }));
    await fetch(`${server.url}/alerts`, { method: 'POST', headers: webhookHeaders, body });
  }
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

test('X02 as a command: 0 done, 1 not done, 2 wrong usage', async () => {
  const script = join(import.meta.dirname, '..', '..', '..', 'scripts', 'incidents.ts');
  const command = (url: string, ...args: string[]) =>
    execa(process.execPath, [script, ...args], {
      ...{ reject: false, env: { FLEETSCOPE_HOME: folder } },
      ...(url && { env: { FLEETSCOPE_HOME: folder, FLEETSCOPE_ESCALATION_API_TOKEN_FILE: tokenFile } }),
    });
  const [listed, down, noUrl, usage, help] = await Promise.all([
    command(server.url, 'list', '--all', '--json', '--url', server.url),
    command(server.url, 'list', '--url', 'http://127.0.0.1:1'),
    command(server.url, 'list', '--url', 'localhost:9002'),
    command(server.url, 'show'),
    command('', '--help'),
  ]);
  expect([listed.exitCode, JSON.parse(listed.stdout).incidents.length]).toEqual([0, 3]);
  expect([down.exitCode, down.stdout]).toEqual([1, '']);
  expect(down.stderr).toMatch(
    /^Cannot reach the escalation service at http:\/\/127\.0\.0\.1:1: .*\. Start it with "npm run up", or give --url\.$/,
  );
  expect([noUrl.exitCode, noUrl.stderr]).toEqual([
    2,
    expect.stringContaining('Cannot use --url "localhost:9002": give'),
  ]);
  expect(usage.exitCode).toBe(2);
  expect([help.exitCode, help.stdout]).toEqual([0, expect.stringMatching(/audit \[options\]/)]);
});
