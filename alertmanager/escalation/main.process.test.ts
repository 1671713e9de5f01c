import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { damage } from '../../service/testing/damage.ts';
import { killAll, type StartOptions, start as startProcess } from '../../service/testing/process.ts';
import { group } from './http/testing/service.ts';
import { openStore } from './store/open.ts';
import { list } from './store/some-incident.ts';

// Processes start slowly where many do.
vi.setConfig({ testTimeout: 60_000 });

const secrets = {
  FLEETSCOPE_ESCALATION_WEBHOOK_TOKEN_FILE: 'webhook-token-made-by-chance-0123456789',
  FLEETSCOPE_ESCALATION_API_TOKEN_FILE: 'api-token-made-by-chance-0123456789-0123',
  FLEETSCOPE_ESCALATION_SIGNING_KEY_FILE: 'signing-key-made-by-chance-0123456789-01',
};
const main = join(import.meta.dirname, 'main.ts');

let home: string;
let file: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'fleetscope-escalation-'));
  file = join(home, 'data', 'escalation.db');
  for (const [name, text] of Object.entries(secrets)) writeFileSync(join(home, name), text);
});
afterEach(() => {
  killAll();
  rmSync(home, { recursive: true });
});

function start({ env = {}, ...options }: Partial<StartOptions> = {}) {
  const own = {
    FLEETSCOPE_ESCALATION_LISTEN: '127.0.0.1:0',
    FLEETSCOPE_ESCALATION_DATA: join(home, 'data'),
    ...Object.fromEntries(Object.keys(secrets).map((name) => [name, join(home, name)])),
  };
  return startProcess(main, { env: { ...own, ...env }, ...options });
}

/** One group of alerts, as Alertmanager sends it. */
const post = (url: string, name: string) =>
  fetch(`${url}/alerts`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secrets.FLEETSCOPE_ESCALATION_WEBHOOK_TOKEN_FILE}` },
    body: JSON.stringify(group({ labels: { alertname: name }, more: { groupKey: `{}:{alertname="${name}"}` } })),
  });

/** What they are about, of all incidents, as the next process finds them. */
async function kept(): Promise<string[]> {
  const store = await openStore(file, { notice: (line) => expect.unreachable(line) });
  const incidents = await list(store.unresolved());
  await store.close();
  return incidents.map(({ alerts }) => alerts[0]?.labels.alertname as string).sort();
}

test('X05 a store that is damaged while it runs ends the service, which keeps what can be read when it is started again', async () => {
  const first = start();
  const url = await first.url;
  for (const name of ['A', 'B']) expect((await post(url, name)).status).toBe(200);
  expect(statSync(file).mode & 0o077).toBe(0);
  damage(file, 'incidents_key');
  const answer = await post(url, 'C');
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
  expect(await answer.text()).toContain('Try again');
  expect(await first.exit).toEqual([1, null]);
  expect(first.said.text).toContain(
    `${file}: database disk image is malformed. It is set aside; who opens it next keeps what can be read of it.`,
  );
  const second = start();
  // Alertmanager sends again what was not taken.
  expect((await post(await second.url, 'C')).status).toBe(200);
  second.child.kill('SIGTERM');
  expect(await second.exit).toEqual([0, null]);
  const [aside] = readdirSync(join(home, 'data')).filter((name) => /\.corrupt-[\dTZ-]+$/.test(name));
  expect(second.said.text).toContain(`It is set aside as ${join(home, 'data', aside as string)}; 2 incidents and `);
  expect(await kept()).toEqual(['A', 'B', 'C']);
});

test('X05 on a full disk alerts are answered with 503, and what was answered with yes is kept', async () => {
  const first = start({ fileKib: 512 });
  const url = await first.url;
  const taken: string[] = [];
  let answer = new Response();
  for (let i = 0; i < 2000; i++) {
    answer = await post(url, `Alert${1000 + i}`);
    if (!answer.ok) break;
    taken.push(`Alert${1000 + i}`);
  }
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
  expect(first.said.text).toMatch(/Cannot write to .*escalation\.db: disk I\/O error\. Check the disk's free space/);
  // People can read what there is.
  expect((await fetch(`${url}/-/ready`)).status).toBe(200);
  first.child.kill('SIGKILL');
  await first.exit;
  const second = start();
  expect((await post(await second.url, 'Again')).status).toBe(200);
  second.child.kill('SIGTERM');
  expect(await second.exit).toEqual([0, null]);
  expect(taken.length).toBeGreaterThan(1);
  expect(await kept()).toEqual(['Again', ...taken].sort());
});

test.each([
  [
    { FLEETSCOPE_ESCALATION_DATA: '' },
    'FLEETSCOPE_ESCALATION_DATA is not set. Give it a folder that outlives the process.',
  ],
  [{ FLEETSCOPE_ESCALATION_LISTEN: '9002' }, 'FLEETSCOPE_ESCALATION_LISTEN="9002" is no address. Write host:port.'],
  [
    { FLEETSCOPE_ESCALATION_API_TOKEN_FILE: '/nowhere' },
    'FLEETSCOPE_ESCALATION_API_TOKEN_FILE=/nowhere cannot be read (ENOENT).',
  ],
  [{ FLEETSCOPE_ESCALATION_STORE: 'redis://x' }, 'Cannot open the store "redis://x"'],
])('X05 it does not start with %j, and says why', async (env, why) => {
  const { exit, said } = start({ env });
  expect(await exit).toEqual([1, null]);
  expect(said.text).toContain(why);
});

test('X05 an address that another process listens on is named, with the variable that changes it', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const { exit, said } = start({ env: { FLEETSCOPE_ESCALATION_LISTEN: `127.0.0.1:${port}` } });
  expect([await exit, said.text]).toEqual([
    [1, null],
    `Cannot start: 127.0.0.1:${port} is taken. End what listens there, or change FLEETSCOPE_ESCALATION_LISTEN.\n`,
  ]);
  other.close();
});
