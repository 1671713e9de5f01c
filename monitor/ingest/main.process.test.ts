import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { damage } from '../../service/testing/damage.ts';
import { killAll, type StartOptions, start as startProcess } from '../../service/testing/process.ts';
import { openLedger } from '../store/open.ts';
import { aRun, encoded } from './testing/spans.ts';

// Processes start slowly where many do.
vi.setConfig({ testTimeout: 60_000 });

const token = 'a-token-made-by-chance-0123456789-0123456789';
const main = join(import.meta.dirname, 'main.ts');

let home: string;
let file: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'fleetscope-monitor-'));
  file = join(home, 'data', 'ledger.db');
  writeFileSync(join(home, 'token'), token);
});
afterEach(() => {
  killAll();
  rmSync(home, { recursive: true });
});

function start({ env = {}, ...options }: Partial<StartOptions> = {}) {
  const own = {
    FLEETSCOPE_MONITOR_LISTEN: '127.0.0.1:0',
    FLEETSCOPE_MONITOR_DATA: join(home, 'data'),
    FLEETSCOPE_MONITOR_TOKEN_FILE: join(home, 'token'),
  };
  return startProcess(main, { env: { ...own, ...env }, ...options });
}

/** Sessions of all runs, as the next program finds them. */
async function sessions(): Promise<string[]> {
  const ledger = await openLedger(file);
  const runs = await ledger.orchestrations({ limit: 1000 });
  await ledger.close();
  return runs.map(({ session_id }) => session_id).sort();
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

test('R03 a ledger that is damaged while it runs ends the service, which keeps what can be read when it is started again', async () => {
  const first = start();
  const url = await first.url;
  for (const session of ['a', 'b']) expect((await post(url, aRun(session))).status).toBe(200);
  damage(file, 'links');
  const answer = await post(url, aRun('c'));
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
  expect(await first.exit).toEqual([1, null]);
  expect(first.said.text).toContain(
    `Cannot write to ${file}: database disk image is malformed. It is set aside; who opens it next keeps what can be read of it.`,
  );
  const second = start();
  // What was not taken is sent again.
  expect((await post(await second.url, aRun('c'))).status).toBe(200);
  second.child.kill('SIGTERM');
  expect(await second.exit).toEqual([0, null]);
  const [aside] = readdirSync(join(home, 'data')).filter((name) => /\.corrupt-[\dTZ-]+$/.test(name));
  expect(second.said.text).toMatch(
    new RegExp(`^${file} was damaged .* It is set aside as .*${aside}; 10 facts could be read and are kept\\.`),
  );
  expect(await sessions()).toEqual(['a', 'b', 'c']);
});

test('R03 on a full disk spans are answered with 503, and what was answered with yes is kept', async () => {
  const first = start({ fileKib: 1024 });
  const url = await first.url;
  const taken: string[] = [];
  let answer = new Response();
  for (let i = 0; i < 2000; i++) {
    answer = await post(url, aRun(`session-${1000 + i}`));
    if (!answer.ok) break;
    taken.push(`session-${1000 + i}`);
  }
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
  expect(first.said.text).toMatch(
    /^Cannot keep spans: Cannot write to .*ledger\.db: disk I\/O error\. Check the disk's free space/,
  );
  // It goes on: what can be read is no reason to end.
  expect((await fetch(`${url}/-/ready`)).status).toBe(200);
  first.child.kill('SIGTERM');
  expect(await first.exit).toEqual([0, null]);
  const second = start();
  expect((await post(await second.url, aRun('again'))).status).toBe(200);
  second.child.kill('SIGTERM');
  expect([await second.exit, second.said.text]).toEqual([[0, null], '']);
  expect(taken.length).toBeGreaterThan(1);
  expect((await sessions()).filter((session) => session !== 'again' && !taken.includes(session))).toEqual([]);
  expect(new Set(await sessions())).toEqual(new Set(['again', ...taken]));
});

test.each([
  [{ FLEETSCOPE_MONITOR_DATA: '' }, 'FLEETSCOPE_MONITOR_DATA is not set. Give it a folder that outlives the process.'],
  [{ FLEETSCOPE_MONITOR_LISTEN: '9003' }, 'FLEETSCOPE_MONITOR_LISTEN="9003" is no address. Write host:port.'],
  [{ FLEETSCOPE_MONITOR_TOKEN_FILE: '/nowhere' }, 'FLEETSCOPE_MONITOR_TOKEN_FILE=/nowhere cannot be read (ENOENT).'],
  [{ FLEETSCOPE_MONITOR_RETENTION_DAYS: 'ever' }, 'FLEETSCOPE_MONITOR_RETENTION_DAYS="ever" is no number of days.'],
  [{ FLEETSCOPE_MONITOR_DB: 'redis://x' }, 'Cannot open the ledger "redis://x"'],
])('R03 it does not start with %j, and says why', async (env, why) => {
  const { exit, said } = start({ env });
  expect(await exit).toEqual([1, null]);
  expect(said.text).toContain(why);
});

test('R03 an address that another process listens on is named, with the variable that changes it', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const { exit, said } = start({ env: { FLEETSCOPE_MONITOR_LISTEN: `127.0.0.1:${port}` } });
  expect([await exit, said.text]).toEqual([
    [1, null],
    `Cannot start: 127.0.0.1:${port} is taken. End what listens there, or change FLEETSCOPE_MONITOR_LISTEN.\n`,
  ]);
  other.close();
});
