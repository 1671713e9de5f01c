import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Fact } from '../ledger/fact.ts';
import { Busy, Intake } from './intake.ts';

const facts = (...ids: string[]) => ids.map((id) => ({ id }) as Fact);
const many = (count: number) => facts(...Array.from({ length: count }, (_, at) => `${at}`));

/** A ledger that writes when it is let. */
function slow(options: { batch?: number; waiting?: number } = {}) {
  const written: string[][] = [];
  const gates: { open: () => void; fail: (error: Error) => void }[] = [];
  const intake = new Intake({
    ...options,
    record: (batch) =>
      new Promise<void>((resolve, reject) => {
        written.push(batch.map(({ id }) => id));
        gates.push({ open: resolve, fail: reject });
      }),
  });
  return { intake, written, gates };
}

test('R03 what comes while a transaction runs shares the next one, and each is told when it is on disk', async () => {
  const { intake, written, gates } = slow();
  const ends: string[] = [];
  const take = (...ids: string[]) => intake.take(facts(...ids)).then(() => void ends.push(ids[0] as string));
  const first = [take('a'), take('b')];
  await turn();
  const second = [take('c'), take('d', 'e')];
  await turn();
  expect([written, ends, intake.waiting]).toEqual([[['a', 'b']], [], 5]);
  gates[0]?.open();
  await Promise.all(first);
  expect([written[1], ends, intake.waiting]).toEqual([['c', 'd', 'e'], ['a', 'b'], 3]);
  gates[1]?.open();
  await Promise.all(second);
  expect([ends, intake.waiting]).toEqual([['a', 'b', 'c', 'd'], 0]);
});

test('R03 a transaction holds whole deliveries, up to its size', async () => {
  const { intake, written, gates } = slow({ batch: 3 });
  const taken = [facts('a', 'b'), facts('c', 'd'), facts('e'), many(5)].map((some) => intake.take(some));
  for (const [at] of taken.entries()) {
    await turn();
    gates[at]?.open();
    await turn();
  }
  await Promise.all(taken);
  expect(written).toEqual([
    ['a', 'b'],
    ['c', 'd', 'e'],
    ['0', '1', '2', '3', '4'],
  ]);
});

test('R03 more than may wait is refused, and taken when there is room again; a huge one is taken by itself', async () => {
  const { intake, gates } = slow({ waiting: 4 });
  const first = intake.take(many(3));
  await expect(intake.take(many(2))).rejects.toThrow(Busy);
  await expect(intake.take(many(2))).rejects.toThrow('3 facts wait for the disk');
  await turn();
  gates[0]?.open();
  await first;
  const huge = intake.take(many(9));
  await turn();
  gates[1]?.open();
  await huge;
});

test('R03 what the ledger cannot take fails alone; the others of its transaction are kept', async () => {
  const kept: string[] = [];
  const intake = new Intake({
    async record(batch) {
      if (batch.some(({ id }) => id === 'bad')) throw new Error('no');
      kept.push(...batch.map(({ id }) => id));
    },
  });
  const ends = await Promise.allSettled([facts('a'), facts('bad'), facts('c')].map((some) => intake.take(some)));
  expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect([kept, intake.waiting]).toEqual([['a', 'c'], 0]);
  await intake.take(facts('d'));
  expect(kept).toEqual(['a', 'c', 'd']);
});

test('R03 a close waits for what was taken, and takes nothing more', async () => {
  const { intake, gates } = slow();
  const taken = intake.take(facts('a'));
  let closed = false;
  const closing = intake.close().then(() => {
    closed = true;
  });
  await turn();
  await expect(intake.take(facts('b'))).rejects.toThrow('being closed');
  expect(closed).toBe(false);
  gates[0]?.open();
  await Promise.all([taken, closing]);
});
