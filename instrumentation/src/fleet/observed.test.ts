import { expect, test } from 'vitest';
import { createTestKit } from '../testing-kit.ts';
import { queue } from './queue.ts';

/** An SDK, and one call that finds it: the API of metrics does not tell when another is registered. */
function another() {
  const kit = createTestKit();
  const finding = queue('finds it', () => 0);
  finding.taken(Date.now());
  finding.stop();
  return kit;
}

const depth = async (kit: ReturnType<typeof createTestKit>, name: string) =>
  (await kit.points('queue.depth')).filter(({ labels }) => labels['queue.name'] === name).map(({ value }) => value);

test('T08 a gauge that is observed no more stands at 0 where it was heard, and is not told to who never heard it', async () => {
  const first = another();
  const ending = queue('ends', () => 3);
  const silent = queue('never read', () => 3);
  expect(await depth(first, 'ends')).toEqual([3]);
  ending.stop();
  expect(await depth(first, 'ends')).toEqual([0]);

  const outlived = queue('outlives its SDK', () => 5);
  const over = queue('goes over', () => 7);
  expect(await depth(first, 'outlives its SDK')).toEqual([5]);
  await first.stop();
  outlived.stop();
  const second = another();
  expect(await depth(second, 'goes over')).toEqual([7]);
  expect(await depth(second, 'outlives its SDK')).toEqual([]);
  await second.stop();

  const third = another();
  over.stop();
  silent.stop();
  expect(await depth(third, 'goes over')).toEqual([]);
  expect(await depth(third, 'never read')).toEqual([]);
  await third.stop();
});

test('T08 what stops itself while it is read is read no more', async () => {
  const kit = another();
  let reads = 0;
  const once = queue('once', () => {
    once.stop();
    reads += 1;
    return 1;
  });
  await kit.metrics();
  await kit.metrics();
  expect(reads).toBe(1);
  await kit.stop();
});
