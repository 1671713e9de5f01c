import { afterEach, expect, test } from 'vitest';
import { getText, until } from '../../doctor/ask.ts';
import { sampledPercent, type TraceClass } from '../../stack.ts';
import { sendTraces, spansPerTrace, type Trace, traces } from './classed.ts';
import { startTiers, type Tiers } from './tiers-servers.ts';

let tiers: Tiers | undefined;
afterEach(async () => {
  await tiers?.stop();
  tiers = undefined;
});

const patience = { timeoutMs: 60_000, everyMs: 500 };

/** @param replicas the Collector of the root, and that of what it called. */
function send(to: Tiers, all: readonly Trace[], [first, second]: readonly [number, number]): Promise<void> {
  return sendTraces(all, [to.otlp(first), to.otlp(second)]);
}

async function spansOf(of: Tiers, traceClass: TraceClass, all: readonly Trace[]): Promise<number[]> {
  const counts: number[] = [];
  for (const { id } of all) counts.push(await of.spans(traceClass, id));
  return counts;
}

/** Waits until a class has all of these whole. */
async function whole(of: Tiers, traceClass: TraceClass, all: readonly Trace[]) {
  let counts: number[] = [];
  const found = await until(async () => {
    counts = await spansOf(of, traceClass, all);
    return counts.every((count) => count === spansPerTrace);
  }, patience);
  if (!found.found && found.lastError) throw found.lastError;
  expect(counts, `spans in ${traceClass}`).toEqual(all.map(() => spansPerTrace));
}

test('P04 a trace goes to its classes, whole, whichever Collectors its spans came to', {
  timeout: 180_000,
}, async () => {
  tiers = await startTiers(71);
  const all = traces('classes', 200, (i) => i % 10 === 0);
  const failed = all.filter(({ failed }) => failed);
  await send(tiers, all.slice(0, 100), [0, 1]);
  await send(tiers, all.slice(100), [1, 0]);

  await whole(tiers, 'detailed', all);
  await whole(tiers, 'error', failed);
  const others = all.filter(({ failed }) => !failed);
  expect(await spansOf(tiers, 'error', others), 'those without an error').toEqual(others.map(() => 0));

  const sampled = await spansOf(tiers, 'sampled', all);
  expect(new Set(sampled), 'a trace is sampled as a whole or not at all').toEqual(new Set([0, spansPerTrace]));
  const kept = sampled.filter((count) => count > 0).length;
  expect(Math.abs(kept - (all.length * sampledPercent) / 100), `${kept} of 200`).toBeLessThan(13);

  const says = await tiers.tempoSays('/status/overrides/detailed');
  expect(says).toMatch(/block_retention: (1w|7d|168h)/);
  expect(await tiers.tempoSays('/status/overrides/sampled')).toMatch(/block_retention: (30d|720h)/);
  expect(await tiers.tempoSays('/status/overrides/error')).toMatch(/block_retention: (90d|2160h)/);
});

test('P02 a sampler that is killed takes nothing from detailed, and what waits for it waits on disk', {
  timeout: 240_000,
}, async () => {
  tiers = await startTiers(72);
  const { metrics } = tiers;
  await tiers.kill('sampler', 0);
  const all = traces('killed', 60, () => true);
  await send(tiers, all, [0, 1]);
  await whole(tiers, 'detailed', all);
  // Those of the other sampler have nobody to wait for.
  const waiting = async (replica: number) =>
    /otelcol_exporter_queue_size\{[^}]*exporter="load_balancing\/sampler"[^}]*\} [1-9]/.test(
      await getText(metrics(replica)),
    );
  for (const replica of [0, 1])
    expect(await until(() => waiting(replica), patience), `queue of Collector ${replica}`).toEqual({ found: true });

  // The queue outlives the Collector as well.
  await tiers.kill('collector', 0);
  await tiers.start('collector', 0);
  await tiers.start('sampler', 0);
  await whole(tiers, 'error', all);
});

test('P04 what is older than its class is kept is gone, and nothing else', { timeout: 240_000 }, async () => {
  tiers = await startTiers(73, (text) =>
    text
      .replace('block_retention: 168h', 'block_retention: 1s')
      .replace('max_block_duration: 5m', 'max_block_duration: 2s\n  complete_block_timeout: 1s')
      .replace(/^storage:\n {2}trace:\n/m, 'storage:\n  trace:\n    blocklist_poll: 1s\n')
      .replace(
        /^usage_report:/m,
        'compactor:\n  compaction:\n    compaction_cycle: 1s\n    compacted_block_retention: 1s\nusage_report:',
      ),
  );
  const { spans } = tiers;
  const all = traces('retention', 20, () => true);
  await send(tiers, all, [0, 1]);
  await whole(tiers, 'error', all);
  const gone = async () =>
    (await Promise.all(all.map(({ id }) => spans('detailed', id)))).every((count) => count === 0);
  expect(await until(gone, { timeoutMs: 60_000, everyMs: 1_000 }), 'gone from detailed').toEqual({ found: true });
  expect(await spansOf(tiers, 'error', all)).toEqual(all.map(() => spansPerTrace));
});
