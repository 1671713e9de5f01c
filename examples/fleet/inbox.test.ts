import { trace } from '@opentelemetry/api';
import { expect, test, vi } from 'vitest';
import { fleetControl } from '../../instrumentation/src/fleet/control.ts';
import { workflow } from '../../instrumentation/src/fleet/workflow.ts';
import { createTestKit } from '../../instrumentation/src/testing-kit.ts';
import { Inbox } from './inbox.ts';

vi.mock('@fleetscope/instrumentation', () => import('../../instrumentation/src/fleet.ts'));

test('S01 what is worked on is a trace of its own, whoever brought it; and T08 how long it waited is known', async () => {
  const kit = createTestKit();
  try {
    const around: unknown[] = [];
    const inbox = new Inbox<string>(fleetControl({ capacity: 1 }), async (item) => {
      around.push(item, trace.getActiveSpan());
      await new Promise(setImmediate);
    });
    workflow({ name: 'brings it' }, () => {
      expect(trace.getActiveSpan()).toBeDefined();
      expect([inbox.put('first'), inbox.put('second')]).toEqual([true, true]);
    });
    await inbox.empty();
    expect(around).toEqual(['first', undefined, 'second', undefined]);
    expect(await kit.points('queue.wait_time')).toEqual([{ labels: { 'queue.name': 'inbox' }, value: 2 }]);
    expect(await kit.points('queue.depth')).toEqual([{ labels: { 'queue.name': 'inbox' }, value: 0 }]);
    inbox.close();
  } finally {
    await kit.stop();
  }
});

test('T08 an inbox that is full refuses, and one that is cleared forgets', async () => {
  const held = Promise.withResolvers<void>();
  const done: number[] = [];
  const inbox = new Inbox<number>(fleetControl({ capacity: 1 }), async (item) => {
    await held.promise;
    done.push(item);
  });
  await new Promise(setImmediate);
  let taken = 0;
  while (inbox.put(taken)) taken += 1;
  expect(taken).toBeGreaterThan(1000);
  await new Promise(setImmediate);
  expect(inbox.active).toBe(1);
  expect(inbox.clear()).toBeGreaterThan(1000);
  held.resolve();
  await inbox.empty();
  expect(done).toEqual([0]);
  inbox.close();
});

/** An inbox whose work waits for `finish`. */
function held(control = fleetControl({ capacity: 2 })) {
  const under = new Map<number, () => void>();
  const inbox = new Inbox<number>(control, (item) => new Promise<void>((resolve) => under.set(item, resolve)));
  return {
    ...{ control, inbox },
    /** What is worked on by now, or was. */
    async begun() {
      await new Promise(setImmediate);
      return [...under.keys()];
    },
    finish: (item: number) => under.get(item)?.(),
  };
}

test('X04 a paused inbox takes and begins nothing; resumed, it goes on in the same order', async () => {
  const { control, inbox, begun, finish } = held();
  control.pause({ by: 'a test' });
  for (const item of [1, 2, 3]) inbox.put(item);
  expect(await begun()).toEqual([]);
  control.resume();
  expect(await begun()).toEqual([1, 2]);
  // What is under way is finished, paused or not.
  control.pause();
  finish(1);
  expect(await begun()).toEqual([1, 2]);
  expect(inbox.active).toBe(1);
  control.resume();
  expect(await begun()).toEqual([1, 2, 3]);
  inbox.close();
  control.close();
});

test('X04 more capacity begins more at once; with less, no new one begins until enough have ended', async () => {
  const { control, inbox, begun, finish } = held();
  for (let item = 1; item <= 6; item += 1) inbox.put(item);
  expect(await begun()).toEqual([1, 2]);
  control.capacity(4);
  expect(await begun()).toEqual([1, 2, 3, 4]);
  control.capacity(1);
  for (const item of [1, 2, 3]) finish(item);
  expect(await begun()).toEqual([1, 2, 3, 4]);
  finish(4);
  expect(await begun()).toEqual([1, 2, 3, 4, 5]);
  inbox.close();
  control.close();
});

test('X04 a paused inbox that is cleared is empty, and one that is closed begins nothing more', async () => {
  const { control, inbox, begun } = held();
  control.pause();
  inbox.put(1);
  const empty = inbox.empty();
  expect(inbox.clear()).toBe(1);
  await empty;
  inbox.put(2);
  inbox.close();
  control.close();
  expect(await begun()).toEqual([]);
});
