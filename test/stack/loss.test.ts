import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
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
import { bend, startStack, type TestStack } from './stack.ts';

const total = 20_000;
const outageMs = 60_000;

let stack: TestStack | undefined;
afterEach(async () => {
  await stack?.stop();
  stack = undefined;
});

test('P02 nothing acknowledged is lost: Collector killed, then each backend away for 60 s', {
  timeout: 900_000,
}, async () => {
  stack = await startStack();
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

test('P02 the count above can fail: with the queue in memory the same kill loses what was acknowledged', async () => {
  stack = await startStack((all) => bend(all, 'collector', (text) => text.replaceAll(/^ +storage: .*\n/gm, '')));
  const { supervisor, targets, place } = stack;
  const startedAtMs = Date.now();
  const sender = new NumberedSender(url(place, 'collector', 'http'));
  await supervisor.stopOne('loki');
  for (let request = 0; request < 5; request++) await sender.send(request * perRequest);
  supervisor.signal('collector', 'SIGKILL');
  await supervisor.startOne('loki');
  // What comes after the kill does arrive, so the path works again.
  await sender.send(5 * perRequest);
  const arrived = await until(
    async () => missing(new Set([5 * perRequest]), await numbersInLoki(targets, startedAtMs - 60_000)).length === 0,
    { timeoutMs: 30_000, everyMs: 500 },
  );
  expect(arrived).toEqual({ found: true });
  const found = await numbersInLoki(targets, startedAtMs - 60_000);
  expect(missing(sender.acknowledged.logs, found)).toContain(0);
});
