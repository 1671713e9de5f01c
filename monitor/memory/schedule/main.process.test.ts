import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { killAll, start as startProcess } from '../../../service/testing/process.ts';
import { openSqlite } from '../store/sqlite/sqlite-memory.ts';

// Processes start slowly where many do.
vi.setConfig({ testTimeout: 60_000 });

const main = join(import.meta.dirname, 'main.ts');

/** Answers the same to every question, but what time it is: since two days it measures. */
const prometheus = createServer(async (request, response) => {
  const body = new URLSearchParams(Buffer.concat(await request.toArray()).toString());
  const query = body.get('query') ?? '';
  const now = Date.now() / 1000;
  const value = query === 'vector(time())' ? now : query.startsWith('min(min_over_time') ? now - 2 * 86_400 : 5000;
  response.setHeader('content-type', 'application/json').end(
    JSON.stringify({
      status: 'success',
      data: { resultType: 'vector', result: [{ metric: {}, value: [0, String(value)] }] },
    }),
  );
});

let home: string;
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'fleetscope-memory-'));
  prometheus.listen(0, '127.0.0.1');
  await once(prometheus, 'listening');
});
afterEach(async () => {
  killAll();
  prometheus.close();
  prometheus.closeAllConnections();
  rmSync(home, { recursive: true });
});

function start() {
  const env = {
    FLEETSCOPE_MEMORY_LISTEN: '127.0.0.1:0',
    FLEETSCOPE_MONITOR_DATA: join(home, 'data'),
    FLEETSCOPE_MEMORY_ROOT: join(home, 'root'),
    FLEETSCOPE_MEMORY_PROMETHEUS: `http://127.0.0.1:${(prometheus.address() as AddressInfo).port}`,
  };
  return startProcess(main, { env });
}

const snapshots = () => {
  const folder = join(home, 'root', 'logs', 'snapshots');
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];
};

test('M01 two processes: one writes what was missed; killed, the other has nothing to do twice; both end when told', async () => {
  const [one, other] = [start(), start()];
  for (const { url } of [one, other]) {
    expect((await fetch(`${await url}/-/ready`)).status).toBe(200);
    expect((await fetch(`${await url}/-/healthy`)).status).toBe(200);
  }
  await vi.waitFor(() => expect(snapshots().length).toBeGreaterThan(0), { timeout: 50_000, interval: 100 });
  one.child.kill('SIGKILL');
  await one.exit;
  other.child.kill('SIGTERM');
  expect(await other.exit).toEqual([0, null]);
  expect(other.said.text).toBe('');
  const memory = openSqlite(join(home, 'data', 'memory.db'));
  expect(await memory.damage()).toBeUndefined();
  expect((await memory.done('day')).length).toBeGreaterThan(0);
  await memory.close();
});

test('M01 what is missing is said, and it does not start', async () => {
  const alone = startProcess(main, { env: { FLEETSCOPE_MEMORY_LISTEN: '127.0.0.1:0' } });
  expect(await alone.exit).toEqual([1, null]);
  expect(alone.said.text).toContain('Cannot start: FLEETSCOPE_MONITOR_DATA is not set.');
});
