import { expect, test } from 'vitest';
import { type Attempt, type Batch, backoffMs, type Fate, SendQueue } from './send-queue.ts';

const unavailable: Attempt = { kind: 'retry', name: 'UNAVAILABLE', reason: 'nobody there' };
const invalid: Attempt = { kind: 'refused', name: 'INVALID_ARGUMENT', reason: 'not understood' };
const sent: Attempt = { kind: 'sent' };

/** A queue whose attempts are answered by hand, and whose timers run when the test says so. */
function bench(limit = 4) {
  const attempts: { id: number; answer(attempt: Attempt): Promise<void> }[] = [];
  const fates: Record<number, string> = {};
  const reports: (string | undefined)[] = [];
  const timers: { run: () => void; delayMs: number }[] = [];
  const queue = new SendQueue({
    limit,
    attempt: ({ id }: Batch) =>
      new Promise((resolve) => {
        const answer = async (attempt: Attempt) => {
          resolve(attempt);
          await Promise.resolve();
        };
        attempts.push({ id, answer });
      }),
    settle: ({ id }, fate: Fate) => {
      fates[id] = fate.kind === 'sent' ? 'sent' : fate.name;
    },
    report: (problem) => reports.push(problem?.name),
    later: (run, delayMs) => timers.push({ run, delayMs }),
    random: () => 0.5,
  });
  const add = (...ids: number[]) => {
    for (const id of ids) queue.add({ id, bytes: new Uint8Array() });
  };
  const answer = (at: number, attempt: Attempt) => attempts[at]?.answer(attempt);
  return { queue, add, answer, attempts, fates, reports, timers, tried: () => attempts.map(({ id }) => id) };
}

test('I01 batches go out one after the other, in order', async () => {
  const { add, answer, tried, fates } = bench();
  add(1, 2, 3);
  expect(tried()).toEqual([1]);
  await answer(0, sent);
  await answer(1, sent);
  expect(tried()).toEqual([1, 2, 3]);
  expect(fates).toEqual({ 1: 'sent', 2: 'sent' });
});

test('I01 a batch that may still succeed is tried again, first, after a growing pause', async () => {
  const { add, answer, tried, timers, fates, reports } = bench();
  add(1, 2);
  await answer(0, unavailable);
  expect(tried()).toEqual([1]);
  timers[0]?.run();
  await answer(1, unavailable);
  timers[1]?.run();
  await answer(2, sent);
  expect(tried()).toEqual([1, 1, 1, 2]);
  expect(timers.map(({ delayMs }) => delayMs)).toEqual([1000, 1500]);
  expect(fates).toEqual({ 1: 'sent' });
  expect(reports).toEqual(['UNAVAILABLE', 'UNAVAILABLE', undefined]);
});

test('I01 a batch that was refused is lost at once and the next one goes', async () => {
  const { add, answer, tried, timers, fates } = bench();
  add(1, 2);
  await answer(0, invalid);
  expect({ fates, tried: tried(), timers }).toEqual({ fates: { 1: 'INVALID_ARGUMENT' }, tried: [1, 2], timers: [] });
});

test('I04 more than the limit may not wait: the oldest gives way and is counted', async () => {
  const { add, answer, fates, timers, tried } = bench(4);
  add(1);
  await answer(0, unavailable);
  add(2, 3, 4);
  expect(fates).toEqual({});
  add(5, 6);
  expect(fates).toEqual({ 1: 'queue_full', 2: 'queue_full' });
  timers[0]?.run();
  expect(tried()).toEqual([1, 3]);
});

test('I04 at the end each batch is tried once more, all at once, and none is kept', async () => {
  const { queue, add, answer, tried, fates, timers } = bench();
  add(1);
  await answer(0, unavailable);
  add(2);
  queue.drain();
  add(3);
  expect(tried()).toEqual([1, 1, 2, 3]);
  await answer(1, unavailable);
  await answer(2, sent);
  await answer(3, unavailable);
  expect(fates).toEqual({ 1: 'UNAVAILABLE', 2: 'sent', 3: 'UNAVAILABLE' });
  expect(timers).toHaveLength(1);
});

test('I04 a process that survives its drain keeps and retries again', async () => {
  const { queue, add, answer, fates, timers } = bench();
  queue.drain();
  add(1);
  await answer(0, unavailable);
  expect({ fates, timers: timers.length }).toEqual({ fates: {}, timers: 1 });
});

test('I01 the pause lies between 1 s and 5 s whatever the dice say', () => {
  expect([1, 2, 3, 4, 9].map((failures) => backoffMs(failures, 0.5))).toEqual([1000, 1500, 2250, 3375, 5000]);
  for (const random of [0, 0.999]) {
    for (const failures of [1, 2, 5, 50]) {
      expect(backoffMs(failures, random)).toBeGreaterThanOrEqual(1000);
      expect(backoffMs(failures, random)).toBeLessThanOrEqual(5000);
    }
  }
  expect(backoffMs(3, 0)).toBeLessThan(backoffMs(3, 0.999));
});
