import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildIfStale, createHost, type Ended, type Host } from './testing/host.ts';
import { withReceiver } from './testing/receiver.ts';

// Nothing listens on port 1 of the loopback.
const nobody = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' };
const nothingSent = { OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' };
const eager = { OTEL_BLRP_SCHEDULE_DELAY: '1', OTEL_BSP_SCHEDULE_DELAY: '1' };

let host: Host;
beforeAll(() => {
  buildIfStale();
  host = createHost();
});
afterAll(() => host.remove());

// A span, a line and a count, none of which has left yet when the program ends in the way that follows.
const buffered = `
const { metrics, trace } = require('@opentelemetry/api');
trace.getTracer('test').startSpan('last span').end();
metrics.getMeter('test').createCounter('last.count').add(3);
console.log('last line');
process.on('beforeExit', () => console.log('about to exit'));
`;
const asModule = `import 'node:http';
import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);`;

function outcome({ code, signal, stdout, stderr }: Ended) {
  return { code, signal, stdout, stderr };
}

const ends = [
  ['a natural end', 'process.exitCode = 3;', 3],
  ['process.exit()', 'process.exit(7);', 7],
  ['an exception at once', 'throw new TypeError("boom at once");', 1],
  ['an unhandled rejection', 'Promise.reject(new Error("lost"));', 1],
] as const;

test.concurrent.each(ends)(
  'I04 after %s what was buffered has arrived, and outcome and output are the program’s own',
  async (name, text, code) => {
    const main = `${name.replace(/\W+/g, '-')}.cjs`;
    host.write(main, buffered + text);
    await withReceiver(async (receiver, env) => {
      const [alone, ended] = await Promise.all([
        host.run(main, { preloads: [] }),
        host.run(main, { preloads: ['--require'], env }),
      ]);
      expect(alone.code).toBe(code);
      expect(outcome(ended)).toEqual(outcome(alone));
      expect(ended.warnings).toEqual([]);
      expect(receiver.spans.map((span) => span.name)).toEqual(['last span']);
      expect(receiver.logs.map(({ body }) => body)).toContain('last line');
      expect(receiver.metrics['last.count']).toBe(3);
    });
  },
);

// As a service does that asks its disk how full it is.
const observing = `
const { stat } = require('node:fs/promises');
metrics.getMeter('test').createObservableGauge('disk.files').addCallback(async (result) => {
  await stat('.');
  await stat('..');
  result.observe(7);
});
`;

test.concurrent('I04 a value that is observed by I/O is waited for once: the program ends, and the value arrives', async () => {
  host.write('observing.cjs', buffered + observing);
  await withReceiver(async (receiver, env) => {
    const ended = await host.run('observing.cjs', { env });
    expect(ended).toMatchObject({ code: 0, warnings: [] });
    expect(ended.stdout.match(/about to exit/g)?.length).toBeLessThanOrEqual(4);
    expect(receiver.metrics).toMatchObject({ 'disk.files': 7, 'last.count': 3 });
  });
});

test.concurrent('I04 what a program still counts after its first beforeExit arrives', async () => {
  const more = `process.once('beforeExit', () => setTimeout(() => counter.add(4), 50));`;
  const counting = `const counter = metrics.getMeter('test').createCounter('late.count'); counter.add(1);`;
  host.write('more.cjs', buffered + counting + more);
  await withReceiver(async (receiver, env) => {
    expect(await host.run('more.cjs', { env })).toMatchObject({ code: 0, warnings: [] });
    expect(receiver.metrics).toMatchObject({ 'late.count': 5 });
  });
});

test.concurrent('I04 a crashing ES module crashes as under any other --import', async () => {
  host.write('crash.mjs', `${asModule}${buffered} await Promise.reject(new RangeError('lost'));`);
  const [nothing, ended] = await Promise.all([
    host.run('crash.mjs', { preloads: ['nothing'] }),
    host.run('crash.mjs', { env: nobody }),
  ]);
  expect(nothing).toMatchObject({ code: 1, stderr: expect.stringContaining('RangeError: lost') });
  expect(outcome(ended)).toEqual(outcome(nothing));
  expect(ended.warnings).toHaveLength(1);
});

test.concurrent.each([
  ['alone.cjs', buffered],
  ['alone.mjs', asModule + buffered],
])('I01 with no Collector %s runs as without us, and one warning is printed', async (main, text) => {
  host.write(main, `${text}; setTimeout(() => { process.exitCode = 4; }, 400);`);
  const env = { ...nobody, ...eager, OTEL_METRIC_EXPORT_INTERVAL: '50' };
  const [alone, ended] = await Promise.all([host.run(main, { preloads: [] }), host.run(main, { env })]);
  expect(outcome(ended)).toEqual(outcome(alone));
  expect(ended.warnings).toEqual([
    expect.stringMatching(
      /Cannot send telemetry to http:\/\/127\.0\.0\.1:1: connect ECONNREFUSED .* The service runs on;/,
    ),
  ]);
});

test.concurrent('I04 a Collector that never answers holds the exit for the flush limit, not longer', async () => {
  host.write('hung.cjs', `${buffered}; setTimeout(() => process.exit(5), 300);`);
  await withReceiver(
    async (_, env) => {
      const limited = (ms: string) => ({ ...env, ...eager, FLEETSCOPE_FLUSH_TIMEOUT_MS: ms });
      const short = await host.run('hung.cjs', { env: limited('100') });
      expect(short).toMatchObject({ code: 5, warnings: [expect.stringContaining('no answer within 100 ms')] });
      const long = await host.run('hung.cjs', { env: limited('1500') });
      expect(long.tookMs - short.tookMs).toBeGreaterThan(500);
      expect(long.tookMs - short.tookMs).toBeLessThan(4000);
    },
    { hang: true },
  );
});

test.concurrent('I04 an export under way does not keep a finished program alive', async () => {
  host.write('done.cjs', `${buffered}; setTimeout(() => {}, 1500);`);
  await withReceiver(
    async (receiver, env) => {
      const ended = await host.run('done.cjs', { env: { ...env, ...eager, FLEETSCOPE_FLUSH_TIMEOUT_MS: '0' } });
      expect(ended).toMatchObject({ code: 0, stdout: 'last line\nabout to exit\n' });
      expect(receiver.requests).toBeGreaterThan(0);
      // The answer that never comes is waited for 10 s, elsewhere.
      expect(ended.tookMs).toBeLessThan(5000);
    },
    { hang: true },
  );
});

const server = `${buffered} require('http').createServer(() => {}).listen(0, () => console.log('ready'));`;

test.concurrent.each(['SIGTERM', 'SIGINT'] as const)(
  'I04 %s ends a service without a handler as it always did, flushed',
  async (signal) => {
    host.write('plain-server.cjs', server);
    await withReceiver(async (receiver, env) => {
      expect(await host.run('plain-server.cjs', { env, signal })).toMatchObject({ code: null, signal, warnings: [] });
      expect(receiver.spans.map(({ name }) => name)).toEqual(['last span']);
      expect(receiver.metrics['last.count']).toBe(3);
    });
  },
);

test.concurrent('I04 a handler of the host runs once and decides the exit code', async () => {
  const handler = `process.on('SIGTERM', () => { console.log('bye'); setTimeout(() => process.exit(9), 20); });`;
  host.write('own-handler.cjs', handler + server);
  await withReceiver(async (receiver, env) => {
    const ended = await host.run('own-handler.cjs', { env, signal: 'SIGTERM' });
    expect(ended).toMatchObject({ code: 9, signal: null, warnings: [] });
    expect(ended.stdout.match(/bye/g)).toHaveLength(1);
    expect(receiver.spans.map(({ name }) => name)).toEqual(['last span']);
    expect(receiver.logs.map(({ body }) => body)).toContain('bye');
  });
});

test.concurrent('I04 a host that asks whether it is the only listener finds that it is', async () => {
  // What signal-exit does.
  const handler = `process.on('SIGTERM', function mine() {
    if (process.listeners('SIGTERM').length > 1) return;
    process.removeListener('SIGTERM', mine);
    process.kill(process.pid, 'SIGTERM');
  });`;
  host.write('only-listener.cjs', handler + server);
  expect(await host.run('only-listener.cjs', { env: nothingSent, signal: 'SIGTERM' })).toMatchObject({
    signal: 'SIGTERM',
  });
});

test.concurrent('I04 what is buffered arrives although a handler of the host ends the process by the signal', async () => {
  const handler = `process.on('SIGTERM', function mine() {
    process.removeListener('SIGTERM', mine);
    process.kill(process.pid, 'SIGTERM');
  });`;
  host.write('raised-again.cjs', handler + server);
  await withReceiver(async (receiver, env) => {
    expect(await host.run('raised-again.cjs', { env, signal: 'SIGTERM' })).toMatchObject({ signal: 'SIGTERM' });
    expect(receiver.spans.map(({ name }) => name)).toEqual(['last span']);
  });
});

test.concurrent('I04 ten listeners of the host on exit are not one too many for Node', async () => {
  host.write('listeners.cjs', `for (let at = 0; at < 10; at++) process.on('exit', () => {});`);
  expect(await host.run('listeners.cjs', { env: nothingSent })).toMatchObject({ code: 0, stderr: '' });
});

test.concurrent('I01 a batch the Collector could not take is sent again, and its records arrive once', async () => {
  host.write('retried.cjs', `${buffered}; setTimeout(() => {}, 2000);`);
  const logsAlone = { ...nothingSent, OTEL_LOGS_EXPORTER: 'otlp', OTEL_BLRP_SCHEDULE_DELAY: '1' };
  const unavailable = 14;
  await withReceiver(
    async (receiver, env) => {
      const { warnings } = await host.run('retried.cjs', { env: { ...env, ...logsAlone } });
      expect(warnings).toEqual([expect.stringContaining('as the test asked (UNAVAILABLE)')]);
      expect(receiver.logs.map(({ body }) => body)).toEqual(['last line', 'about to exit']);
      // Two batches, the one that is sent again, and the word of the start.
      expect(receiver.requests).toBe(4);
    },
    { fail: { code: unavailable, times: 1 } },
  );
});

test.concurrent('I04 what does not fit the queue is dropped and counted', async () => {
  host.write(
    'flood.cjs',
    `const tracer = require('@opentelemetry/api').trace.getTracer('test');
    for (let at = 0; at < 20; at++) tracer.startSpan('s').end();`,
  );
  await withReceiver(async (receiver, env) => {
    const small = { OTEL_BSP_MAX_QUEUE_SIZE: '4', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '4' };
    await host.run('flood.cjs', { env: { ...env, ...small } });
    expect(receiver.spans).toHaveLength(8);
    expect(receiver.failures).toEqual({ 'otel.sdk.processor.span.processed queue_full': 12 });
  });
});
