import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { anAlert, anIncident } from './channels/testing/messages.ts';
import type { AlertsReceived } from './incident/event.ts';
import type { Incident } from './incident/incident.ts';
import { StillFiring } from './still-firing.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

const [silent, slow] = ['00112233aabbccdd', '8899aabb44556677'] as const;
const watchdog = { fingerprint: 'ffff000011112222', labels: { alertname: 'Watchdog' } };
const fires = (fingerprint: string) => ({ fingerprint, labels: { alertname: 'AgentSilent' } });

/** An Alertmanager over real HTTP that answers what the test says, and one open incident, last told of an hour ago. */
async function world(incident: Incident = anIncident({ alerts: [anAlert({ fingerprint: silent })] })) {
  let answer: { status: number; body: unknown } = { status: 200, body: [watchdog] };
  const server = createServer((_, response) => {
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const received: AlertsReceived[] = [];
  const errors: string[] = [];
  let now = incident.openedAt + 3_600_000;
  const looker = new StillFiring({
    alertmanager: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    now: () => now,
    async *unresolved() {
      yield incident;
    },
    receive: async (group) => void received.push(group),
    onError: (what) => errors.push(what),
  });
  closers.push(
    () => looker.close(),
    () => server.close(),
  );
  return {
    ...{ received, errors },
    async looks(times: number, body: unknown = [watchdog], status = 200) {
      answer = { status, body };
      for (let time = 0; time < times; time++) {
        now += 60_000;
        await looker.look();
      }
    },
  };
}

test('X01 an alert that Alertmanager has not had for three looks is over, though it never said so', async () => {
  const { received, looks } = await world();
  await looks(2);
  expect(received).toEqual([]);
  await looks(1);
  expect(received).toMatchObject([{ key: 'fleet/AgentSilent', alerts: [{ fingerprint: silent, status: 'resolved' }] }]);
});

test('X01 what it still has, however hidden, is not over; of two only the one that is gone is', async () => {
  const both = anIncident({ alerts: [anAlert({ fingerprint: silent }), anAlert({ fingerprint: slow })] });
  const { received, looks } = await world(both);
  await looks(5, [watchdog, fires(silent), fires(slow)]);
  expect(received).toEqual([]);
  await looks(3, [watchdog, fires(slow)]);
  expect(received.map(({ alerts }) => alerts.map(({ fingerprint }) => fingerprint))).toEqual([[silent]]);
});

test('X01 one look that shows it again begins the count anew', async () => {
  const { received, looks } = await world();
  await looks(2);
  await looks(1, [watchdog, fires(silent)]);
  await looks(2);
  expect(received).toEqual([]);
});

test.each([
  ['has just started, without its Watchdog', [], 200],
  ['answers with an error', [watchdog], 500],
  ['answers something else', { message: 'no' }, 200],
])('X05 an Alertmanager that %s ends nothing', async (_, body, status) => {
  const { received, errors, looks } = await world();
  await looks(2);
  await looks(3, body, status);
  await looks(2);
  expect(received).toEqual([]);
  expect(errors.length).toBeLessThanOrEqual(1);
});

test('X05 what this service itself keeps open is not Alertmanager’s to end, nor what was told just now', async () => {
  const own = await world(anIncident({ alerts: [anAlert({ fingerprint: 'watchdog' })] }));
  await own.looks(5);
  expect(own.received).toEqual([]);
  const told = anAlert({ fingerprint: silent });
  const fresh = await world(anIncident({ alerts: [{ ...told, lastSeenAt: told.lastSeenAt + 3_600_000 }] }));
  await fresh.looks(4);
  expect(fresh.received).toEqual([]);
});
