import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../../doctor/ask.ts';
import { readPipeline } from '../../doctor/pipeline.ts';
import { url } from '../../place.ts';
import {
  duplicates,
  missing,
  NumberedSender,
  numbersInLoki,
  numbersInPrometheus,
  numbersInTempo,
  perRequest,
} from './numbered.ts';
import { startStack, type TestStack } from './stack.ts';

const total = 20_000;
const outageMs = 60_000;

let stack: TestStack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack?.stop());

test('P02 nothing acknowledged is lost: Collector killed, then each backend away for 60 s', {
  timeout: 900_000,
}, async () => {
  const { supervisor, targets, place } = stack;
  const startedAtMs = Date.now();
  const sender = new NumberedSender(url(place, 'collector', 'http'));
  const outages = (async () => {
    await delay(5_000);
    supervisor.signal('collector', 'SIGKILL');
    await delay(10_000);
    for (const backend of ['loki', 'tempo', 'prometheus'] as const) {
      await supervisor.stopOne(backend);
      await delay(outageMs);
      await supervisor.startOne(backend);
    }
  })();
  // A steady stream over the whole time of the outages.
  const requests = total / perRequest;
  const gapMs = (15_000 + 3 * (outageMs + 10_000)) / requests;
  for (let request = 0; request < requests; request++) {
    await sender.send(request * perRequest);
    await delay(Math.max(0, startedAtMs + (request + 1) * gapMs - Date.now()));
  }
  await outages;

  const { logs, spans, samples, traceIds, resent } = sender.acknowledged;
  expect([logs.size, spans.size, samples.size]).toEqual([total, total, total / 10]);
  expect(resent, 'requests that the killed Collector did not answer').toBeGreaterThan(0);
  const drained = await until(
    async () => Object.values((await readPipeline(targets)).exporters).every(({ queued }) => queued === 0),
    { timeoutMs: 60_000, everyMs: 500 },
  );
  expect(drained, 'queues of the Collector empty').toEqual({ found: true });
  await delay(3_000); // Tempo's search and Loki's index see the last batch.

  const found = {
    logs: await numbersInLoki(targets, startedAtMs - 60_000),
    spans: await numbersInTempo(targets, traceIds),
    samples: await numbersInPrometheus(targets),
  };
  console.log(
    `acknowledged ${logs.size} logs, ${spans.size} spans, ${samples.size} samples (${resent} requests resent); duplicates: ` +
      `${duplicates(found.logs)} logs, ${duplicates(found.spans)} spans, ${duplicates(found.samples)} samples`,
  );
  expect(missing(logs, found.logs), 'acknowledged logs that Loki does not have').toEqual([]);
  expect(missing(spans, found.spans), 'acknowledged spans that Tempo does not have').toEqual([]);
  expect(missing(samples, found.samples), 'acknowledged samples that Prometheus does not have').toEqual([]);
});
