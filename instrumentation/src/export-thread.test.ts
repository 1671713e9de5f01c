import { expect, test } from 'vitest';
import { readConfig } from './config.ts';
import { ExportThread } from './export-thread.ts';
import { Reporter } from './reporter.ts';

// Beside the sources there is no compiled `sender.js`, so here the thread cannot start.
test('I04 a sending thread that cannot run loses what it is given, says so once and holds nobody', async () => {
  const lines: string[] = [];
  const thread = new ExportThread(readConfig({}).config, {}, new Reporter('warn', (line) => lines.push(line)));
  const lost = { status: 'failure', error: expect.objectContaining({ name: 'thread_stopped' }) };
  expect(await thread.send('logs', new Uint8Array(1))).toEqual(lost);
  expect(await thread.send('traces', new Uint8Array(1))).toEqual(lost);
  expect(lines).toEqual([expect.stringMatching(/the sending thread stopped \(.*sender\.js.*\)\. It starts again/)]);
  const began = performance.now();
  thread.waitUntilSettled(10_000);
  expect(performance.now() - began).toBeLessThan(5000);
});

test('I04 a sending thread that gets no turn is given no more than twice what it may keep and what is under way', async () => {
  const thread = new ExportThread(readConfig({}).config, {}, new Reporter('none'));
  const sent = Array.from({ length: 100 }, () => thread.send('logs', new Uint8Array(1)));
  const reasons = (await Promise.all(sent)).map((answer) => answer.status === 'failure' && answer.error.name);
  const { maxQueueSize, maxBatchSize } = readConfig({}).config.logs.batch;
  const given = 2 * (maxQueueSize / maxBatchSize) + 2;
  expect(reasons.filter((reason) => reason === 'thread_stopped')).toHaveLength(given);
  expect(reasons.filter((reason) => reason === 'queue_full')).toHaveLength(100 - given);
});
