import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createHost, type Ended, type Host } from '../../instrumentation/src/testing/host.ts';
import { type Receiver, startReceiver, withReceiver } from '../../instrumentation/src/testing/receiver.ts';
import { type Behaviour, withGate } from './gate.ts';
import { type Load, load, readLoad } from './load.ts';

let host: Host;
beforeAll(() => {
  host = createHost();
  host.write('load.cjs', load);
  host.write('hoard.cjs', hoard);
});
afterAll(() => host.remove());

const tracesAlone = { OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' };
const quick = { FLEETSCOPE_CPU_BUDGET: '0', FLEETSCOPE_FLUSH_TIMEOUT_MS: '0' };
const always = (code: number): Receiver['behaviour'] => ({ fail: { code, times: Number.POSITIVE_INFINITY } });

interface Outcome {
  ended: Ended;
  load: Load;
  /** Spans counted as lost, whatever the reason. */
  lost: number;
}

const flushTimeoutMs = 1000;

/** Runs the service under load. Its spans meet the given network or Collector, its metrics a healthy one. */
async function underLoad(trouble: Behaviour | Receiver['behaviour'], env: Record<string, string> = {}) {
  const [network, collector] = typeof trouble === 'string' ? [trouble, {}] : (['pass', trouble] as const);
  const [receiver, healthy] = await Promise.all([startReceiver(collector), startReceiver()]);
  try {
    let ended: Ended | undefined;
    await withGate(
      receiver.endpoint,
      async ({ endpoint }) => {
        const given = {
          OTEL_EXPORTER_OTLP_ENDPOINT: healthy.endpoint,
          OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: endpoint,
          OTEL_LOGS_EXPORTER: 'none',
          // Filled in half a second, to leave ten times a second.
          OTEL_BSP_SCHEDULE_DELAY: '100',
          OTEL_BSP_MAX_QUEUE_SIZE: '512',
          OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '256',
          OTEL_METRIC_EXPORT_INTERVAL: '1000',
          FLEETSCOPE_CPU_BUDGET: '0',
          FLEETSCOPE_FLUSH_TIMEOUT_MS: String(flushTimeoutMs),
        };
        ended = await host.run('load.cjs', { env: { ...given, ...env } });
      },
      network,
    );
    const failures = Object.entries(healthy.failures).filter(([name]) => /(exported|processed) /.test(name));
    const lost = failures.reduce((sum, [, count]) => sum + count, 0);
    return { ended, load: readLoad(ended as Ended), lost } as Outcome;
  } finally {
    receiver.close();
    healthy.close();
  }
}

test.concurrent('I01 I04 at 1000 spans a second no failing Collector changes an answer, holds a request or the exit up, or grows the memory', async () => {
  // All at once, so that they share what else goes on on this machine.
  const [heldUp, healthy, ...failing] = await Promise.all([
    underLoad({}, { HELD_UP: 'true' }),
    underLoad({}),
    underLoad('hang'),
    underLoad('reset'),
    underLoad('down'),
    underLoad(always(status.RESOURCE_EXHAUSTED)),
    underLoad(always(status.UNAVAILABLE)),
  ]);
  expect(healthy.ended).toMatchObject({ code: 0, stderr: '', warnings: [] });
  const leastMs = healthy.load.p99Ms;
  for (const { ended, load, lost } of failing) {
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(ended.warnings).toEqual([expect.stringContaining('Cannot send telemetry to')]);
    expect(load).toMatchObject({ wrong: 0, right: expect.any(Number) });
    expect(load.right).toBeGreaterThan(50);
    expect(lost).toBeGreaterThan(1000);
    expect(load.grownMiB).toBeLessThan(healthy.load.grownMiB + 30);
    expect(isHeldUp(load.p99Ms, leastMs)).toBe(false);
    expect(ended.tookMs - load.doneMs).toBeLessThan(flushTimeoutMs + 2000);
  }
  // The same yardstick finds a service whose requests do wait.
  expect(isHeldUp(heldUp.load.p99Ms, leastMs)).toBe(true);
});

/** Generous, for a machine that has other things to do: what is to be found is waiting for a network. */
function isHeldUp(p99Ms: number, healthyMs: number): boolean {
  return p99Ms > 3 * healthyMs + 300;
}

// 20 000 spans of 4 KiB, faster than they can leave. What waits at rest is counted: objects, and requests made of them.
const hoard = `
const tracer = require('@opentelemetry/api').trace.getTracer('hoard');
function heldMiB() {
  gc();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return (heapUsed + arrayBuffers) / 2 ** 20;
}
const before = heldMiB();
let made = 0;
(function turn() {
  for (let at = 0; at < 100; at++) tracer.startSpan('big', { attributes: { text: String(made++).padEnd(4096, '.') } }).end();
  if (made < 20_000) return setImmediate(turn);
  setTimeout(() => console.log(heldMiB() - before), 1000);
})();`;

test.concurrent('I04 what cannot leave is dropped, not kept; with a queue without bound the same program keeps it all', async () => {
  const keptMiB = async (maxQueueSize: string) => {
    let kept = 0;
    await withReceiver(
      async (_, env) => {
        const given = { ...env, ...quick, ...tracesAlone, OTEL_BSP_MAX_QUEUE_SIZE: maxQueueSize };
        kept = Number((await host.run('hoard.cjs', { flags: ['--expose-gc'], env: given })).stdout);
      },
      { hang: true },
    );
    return kept;
  };
  const [bounded, unbounded] = await Promise.all([keptMiB('1024'), keptMiB('1000000')]);
  // Where a young generation has grown large, some of what is dropped waits there for its collection.
  expect(bounded).toBeLessThan(45);
  expect(unbounded).toBeGreaterThan(60);
});

// A span every 50 ms, named by its number.
const steady = `
const tracer = require('@opentelemetry/api').trace.getTracer('steady');
let made = 0;
const ticking = setInterval(() => {
  tracer.startSpan('span ' + made++).end();
  if (made === 200) clearInterval(ticking);
}, 50);`;

test.concurrent('I01 what a Collector misses while it restarts arrives when it is back, but what does not fit the queue', async () => {
  host.write('steady.cjs', steady);
  const all = Array.from({ length: 200 }, (_, at) => `span ${at}`);

  const arrived = async (env: Record<string, string>) => {
    let names: string[] = [];
    await withReceiver((receiver) =>
      withGate(receiver.endpoint, async ({ endpoint, becomes }) => {
        const given = { ...tracesAlone, ...env, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint };
        const running = host.run('steady.cjs', { env: { ...given, OTEL_BSP_SCHEDULE_DELAY: '1000' } });
        await vi.waitFor(() => expect(receiver.spans.length).toBeGreaterThan(0), 10_000);
        await becomes('down');
        await new Promise((resolve) => setTimeout(resolve, 3000));
        await becomes('pass');
        const { code, stderr, warnings } = await running;
        expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
        expect(warnings[0]).toContain('Cannot send telemetry to');
        names = [...new Set(receiver.spans.map(({ name }) => name))];
      }),
    );
    return names;
  };
  const [kept, cramped] = await Promise.all([
    arrived({ OTEL_BSP_MAX_QUEUE_SIZE: '51200' }),
    arrived({ OTEL_BSP_MAX_QUEUE_SIZE: '10', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '10' }),
  ]);
  expect(kept.toSorted()).toEqual(all.toSorted());
  expect(cramped.length).toBeLessThan(all.length);
  expect(cramped).toContain(all.at(-1));
});

test.concurrent('I01 a batch that the Collector refuses for good is dropped at once and said, and the next one goes', async () => {
  host.write('refused.cjs', steady);
  await withReceiver(
    async (receiver, env) => {
      const given = { ...env, ...tracesAlone, OTEL_BSP_SCHEDULE_DELAY: '1000' };
      const ended = await host.run('refused.cjs', { env: given });
      expect(ended).toMatchObject({ code: 0, stderr: '' });
      expect(ended.warnings).toEqual([expect.stringContaining('as the test asked (INVALID_ARGUMENT)')]);
      const names = receiver.spans.map(({ name }) => name);
      expect(names).not.toContain('span 0');
      expect(names).toContain('span 199');
      expect(new Set(names).size).toBe(names.length);
    },
    { fail: { code: status.INVALID_ARGUMENT, times: 1 } },
  );
});
