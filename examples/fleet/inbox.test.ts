import { trace } from '@opentelemetry/api';
import { expect, test, vi } from 'vitest';
import { workflow } from '../../instrumentation/src/fleet/workflow.ts';
import { createTestKit } from '../../instrumentation/src/testing-kit.ts';
import { Inbox } from './inbox.ts';

vi.mock('@fleetscope/instrumentation', () => import('../../instrumentation/src/fleet.ts'));

test('S01 what is worked on is a trace of its own, whoever brought it; and T08 how long it waited is known', async () => {
  const kit = createTestKit();
  try {
    const around: unknown[] = [];
    const inbox = new Inbox<string>(1, async (item) => {
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
  const inbox = new Inbox<number>(1, async (item) => {
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
