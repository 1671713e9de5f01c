import { expect, test } from 'vitest';
import { decide } from '../incident/decide.ts';
import type { AlertsReceived } from '../incident/event.ts';
import { Refused } from '../incident/event.ts';
import { openDesk } from './desk.ts';
import { incidentId, incidentIdPattern } from './incident-id.ts';
import { memoryStore } from './testing/memory-store.ts';
import { policy, startedAt } from './testing/service.ts';

function desk(store = memoryStore()) {
  const seen = { saved: [] as unknown[], pauses: [] as number[] };
  const { receive, apply } = openDesk({
    store,
    now: () => startedAt,
    decide: (incident, event, now) => decide(policy, incident, event, now),
    onSaved: (before, after) => void seen.saved.push([before?.version, after.version]),
    pause: async (ms) => void seen.pauses.push(ms),
  });
  return { store, seen, receive, apply };
}

function alerts(key: string, fingerprint = 'f1'): AlertsReceived {
  const alert = { fingerprint, status: 'firing', labels: {}, annotations: {}, startsAt: startedAt } as const;
  return { kind: 'alerts', id: 'replaced', key, title: key, team: 'fleet', severity: 'high', alerts: [alert] };
}

test('X01 one incident for a group, also when two messages of it come at once', async () => {
  const { receive, store, seen } = desk();
  const opened = await Promise.all([
    receive([alerts('a', 'f1')]),
    receive([alerts('a', 'f2')]),
    receive([alerts('b')]),
  ]);
  const [first, second, other] = opened.flat().map(({ id }) => id);
  expect(first).toBe(second);
  expect(other).not.toBe(first);
  const { alerts: both, version } = (await store.byId(first as string)) ?? {};
  expect(both?.map(({ fingerprint }) => fingerprint).sort()).toEqual(['f1', 'f2']);
  expect(version).toBe(2);
  expect(seen.saved).toEqual(
    expect.arrayContaining([
      [undefined, 1],
      [1, 2],
      [undefined, 1],
    ]),
  );
});

test('X01 who was too slow loads and decides again, after a moment; not for ever', async () => {
  const { receive, store, seen } = desk();
  store.tooSlow(5);
  expect(await receive([alerts('a')])).toMatchObject([{ key: 'a', version: 1 }]);
  expect(seen.pauses).toHaveLength(5);

  store.tooSlow(1000);
  await expect(receive([alerts('b')])).rejects.toMatchObject({
    status: 503,
    message: expect.stringMatching(/Try again/),
  });
  expect(await store.newestOf('b')).toBeUndefined();
});

test('X02 what cannot be done to an incident is refused, and nothing is saved', async () => {
  const { receive, apply, store } = desk();
  const [incident] = await receive([alerts('a')]);
  const id = incident?.id as string;
  const by = { by: 'ana', via: 'api' } as const;
  expect(await apply(id, { kind: 'resolve', ...by })).toMatchObject({ state: 'resolved', version: 2 });
  await expect(apply(id, { kind: 'acknowledge', ...by })).rejects.toThrow(Refused);
  await expect(apply('20261126-093015-none', { kind: 'resolve', ...by })).rejects.toMatchObject({ status: 404 });
  expect(await store.byId(id)).toMatchObject({ version: 2 });
});

test('X01 an id says when, in UTC, and has no letter that is mistaken for another', () => {
  expect(incidentId(startedAt, () => 0)).toBe('20261126-093015-2222');
  const ids = Array.from({ length: 200 }, () => incidentId(startedAt));
  expect(ids.every((id) => incidentIdPattern.test(id) && !/[01aeiolu]/.test(id.slice(16)))).toBe(true);
  expect(new Set(ids).size).toBeGreaterThan(190);
});
