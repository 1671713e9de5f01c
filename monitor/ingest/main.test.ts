import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openLedger } from '../store/open.ts';
import { aRun, encoded } from './testing/spans.ts';

const token = 'a-token-made-by-chance-0123456789-0123456789';
const main = join(import.meta.dirname, 'main.ts');

let home: string;
let started: ChildProcess[];
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'fleetscope-monitor-'));
  writeFileSync(join(home, 'token'), token);
  started = [];
});
afterEach(() => {
  for (const one of started) one.kill('SIGKILL');
  rmSync(home, { recursive: true });
});

function start(env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [main], {
    env: {
      PATH: process.env.PATH,
      FLEETSCOPE_MONITOR_LISTEN: '127.0.0.1:0',
      FLEETSCOPE_MONITOR_DATA: join(home, 'data'),
      FLEETSCOPE_MONITOR_TOKEN_FILE: join(home, 'token'),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  const exit = once(child, 'exit');
  const said = { text: '' };
  child.stderr?.on('data', (text) => {
    said.text += text;
  });
  const url = new Promise<string>((resolve, reject) => {
    child.stdout?.on('data', (text) => resolve(/http:\S+/.exec(`${text}`)?.[0] as string));
    void exit.then(() => reject(new Error(said.text)));
  });
  return { child, url, exit, said };
}

const post = (url: string, spans: Parameters<typeof encoded>[0]) =>
  fetch(`${url}/v1/traces`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/x-protobuf' },
    body: encoded(spans) as Uint8Array<ArrayBuffer>,
  });

test('R03 what was answered outlives a kill; the same spans again, and those that were missing, are the one run', async () => {
  const spans = aRun();
  const [late, early] = [spans.slice(0, 3), spans.slice(3)];
  const first = start();
  expect((await post(await first.url, late)).status).toBe(200);
  first.child.kill('SIGKILL');
  await first.exit;
  const second = start();
  const url = await second.url;
  for (const some of [early, spans]) expect((await post(url, some)).status).toBe(200);
  expect((await fetch(`${url}/-/ready`)).status).toBe(200);
  second.child.kill('SIGTERM');
  expect(await second.exit).toEqual([0, null]);
  expect(second.said.text).toBe('');
  const file = join(home, 'data', 'ledger.db');
  expect(statSync(file).mode & 0o077).toBe(0);
  const ledger = await openLedger(file);
  const [run, ...others] = await ledger.orchestrations({ limit: 10 });
  expect([run?.session_id, others]).toEqual(['session-1', []]);
  const executions = await ledger.executions({ limit: 10 });
  expect(executions.map(({ agent_name, cost_micro_usd }) => [agent_name, cost_micro_usd])).toEqual([
    ['director', 250_000],
  ]);
  await ledger.close();
});

test.each([
  [{ FLEETSCOPE_MONITOR_DATA: '' }, 'FLEETSCOPE_MONITOR_DATA is not set. Give it a folder that outlives the process.'],
  [{ FLEETSCOPE_MONITOR_LISTEN: '9003' }, 'FLEETSCOPE_MONITOR_LISTEN="9003" is no address. Write host:port.'],
  [{ FLEETSCOPE_MONITOR_TOKEN_FILE: '/nowhere' }, 'FLEETSCOPE_MONITOR_TOKEN_FILE=/nowhere cannot be read (ENOENT).'],
  [{ FLEETSCOPE_MONITOR_DB: 'redis://x' }, 'Cannot open the ledger "redis://x"'],
])('R03 it does not start with %j, and says why', async (env, why) => {
  const { url, exit, said } = start(env);
  url.catch(() => {});
  expect(await exit).toEqual([1, null]);
  expect(said.text).toContain(why);
});
