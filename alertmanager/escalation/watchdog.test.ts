import { expect, test } from 'vitest';
import type { AlertsReceived } from './incident/event.ts';
import type { Incident } from './incident/incident.ts';
import { DeadMansSwitch } from './watchdog.ts';

/** Five minutes of silence are too many; the open incident of a process before it, if there is one. */
function world(open = false) {
  const told: string[] = [];
  let now = 1_000_000;
  let failing = false;
  const watchdog = new DeadMansSwitch({
    now: () => now,
    receive: async ({ alerts }: AlertsReceived) => {
      if (failing) throw new Error('the disk is full');
      told.push(alerts.map(({ status }) => status).join());
      return [];
    },
    newestOf: async () => (open || told.at(-1) === 'firing' ? ({ state: 'open' } as Incident) : undefined),
    onError: (what) => told.push(`cannot ${what}`),
    silentMs: undefined,
  });
  watchdog.close();
  return {
    told,
    watchdog,
    fail: (value: boolean) => {
      failing = value;
    },
    async passed(minutes: number) {
      now += minutes * 60_000;
      await watchdog.look();
    },
    async heard() {
      watchdog.heard(now);
      await watchdog.look();
      // What `heard` began is awaited by the next turn of the loop.
      await new Promise(setImmediate);
    },
  };
}

test('A19 an Alertmanager that is heard every minute is no incident; one that is silent for five minutes is, once', async () => {
  const { told, passed, heard } = world();
  for (let minute = 0; minute < 10; minute++) {
    await passed(1);
    await heard();
  }
  expect(told).toEqual([]);
  await passed(5);
  expect(told).toEqual([]);
  await passed(1);
  await passed(1);
  expect(told).toEqual(['firing']);
  await heard();
  expect(told).toEqual(['firing', 'resolved']);
});

test('A19 nothing is ever heard: that is told as well', async () => {
  const { told, passed } = world();
  await passed(6);
  expect(told).toEqual(['firing']);
});

test('X05 what a process before this one told of is over with the first sign of life', async () => {
  const { told, passed, heard } = world(true);
  await passed(1);
  expect(told).toEqual([]);
  await heard();
  expect(told).toEqual(['resolved']);
});

test('X05 what could not be saved is told at the next look', async () => {
  const { told, passed, fail } = world();
  fail(true);
  await passed(6);
  fail(false);
  await passed(1);
  expect(told).toEqual(['cannot tell that the Watchdog is silent', 'firing']);
});
