import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildIfStale, createHost, type Host } from './testing/host.ts';
import { withReceiver } from './testing/receiver.ts';

const nobody = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' };

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

const ends = {
  'a natural end': { text: '', code: 0, naturally: true },
  'process.exit()': { text: 'process.exit(7);', code: 7 },
  'process.exitCode': { text: 'process.exitCode = 3;', code: 3, naturally: true },
  'an exception': { text: 'setTimeout(() => { throw new Error("boom"); }, 1);', code: 1 },
  'an exception at once': { text: 'throw new TypeError("boom at once");', code: 1 },
  'an unhandled rejection': { text: 'Promise.reject(new Error("lost"));', code: 1 },
} as const;

describe.concurrent.each(Object.entries(ends))('I04 after %s', (name, { text, code }) => {
  const main = `${name.replace(/\W+/g, '-')}.cjs`;
  beforeAll(() => host.write(main, buffered + text));

  test('I04 what was buffered arrives, and output and exit code are those of the program alone', async () => {
    const plain = await host.run(main, { preloads: [] });
    expect(plain.code).toBe(code);
    await withReceiver(async (receiver, env) => {
      const { tookMs, ...ended } = await host.run(main, { env });
      const { tookMs: _, ...expected } = plain;
      expect(ended).toEqual(expected);
      expect(receiver.spans.map((span) => span.name)).toEqual(['last span']);
      expect(receiver.logs.map(({ body }) => body)).toContain('last line');
      expect(receiver.metrics['last.count']).toBe(3);
    });
  });
});

describe('I01 with no Collector', () => {
  const modules = { 'alone.cjs': buffered, 'alone.mjs': `import 'node:http'; import { createRequire } from 'node:module';
    const require = createRequire(import.meta.url); ${buffered}` };

  test.concurrent.each(Object.entries(modules))('I01 %s runs as without us, and one warning is printed', async (main, text) => {
    host.write(main, `${text}; setTimeout(() => { process.exitCode = 4; }, 1500);`);
    const env = { ...nobody, OTEL_BLRP_SCHEDULE_DELAY: '50', OTEL_BSP_SCHEDULE_DELAY: '50', OTEL_METRIC_EXPORT_INTERVAL: '100' };
    const plain = await host.run(main, { preloads: [] });
    const ended = await host.run(main, { env });
    expect(ended).toMatchObject({ code: 4, stdout: plain.stdout, stderr: plain.stderr });
    expect(ended.warnings).toEqual([
      expect.stringMatching(/^fleetscope: Cannot send telemetry to http:\/\/127\.0\.0\.1:1: connect ECONNREFUSED .*\. The service runs on;/),
    ]);
  });
});

test.concurrent('I04 a Collector that never answers holds the exit for the flush limit, not longer', async () => {
  host.write('hung.cjs', `${buffered}; setTimeout(() => process.exit(5), 300);`);
  await withReceiver(
    async (_, env) => {
      const limited = { ...env, FLEETSCOPE_FLUSH_TIMEOUT_MS: '400', OTEL_BLRP_SCHEDULE_DELAY: '1' };
      const ended = await host.run('hung.cjs', { env: limited });
      expect(ended).toMatchObject({ code: 5, warnings: [expect.stringContaining('no answer within 400 ms')] });
      expect(ended.tookMs).toBeLessThan(300 + 400 + 2000);
      const patient = await host.run('hung.cjs', { env: { ...limited, FLEETSCOPE_FLUSH_TIMEOUT_MS: '1400' } });
      expect(patient.tookMs - ended.tookMs).toBeGreaterThan(500);
    },
    { hang: true },
  );
});

test.concurrent('I04 an export under way does not keep a finished program alive', async () => {
  host.write('done.cjs', `${buffered}; setTimeout(() => {}, 300);`);
  await withReceiver(
    async (receiver, env) => {
      const eager = { ...env, FLEETSCOPE_FLUSH_TIMEOUT_MS: '0', OTEL_BLRP_SCHEDULE_DELAY: '1', OTEL_BSP_SCHEDULE_DELAY: '1' };
      const ended = await host.run('done.cjs', { env: eager });
      expect(ended.code).toBe(0);
      expect(receiver.requests).toBeGreaterThan(0);
      expect(ended.tookMs).toBeLessThan(5000);
    },
    { hang: true },
  );
});

describe('I04 on a signal', () => {
  const server = `${buffered} require('http').createServer(() => {}).listen(0, () => console.log('ready'));`;

  test.concurrent.each(['SIGTERM', 'SIGINT'] as const)('I04 %s ends a service without a handler as it always did, flushed', async (signal) => {
    host.write('plain-server.cjs', server);
    await withReceiver(async (receiver, env) => {
      expect(await host.run('plain-server.cjs', { env, signal })).toMatchObject({ code: null, signal, warnings: [] });
      expect(receiver.spans.map(({ name }) => name)).toEqual(['last span']);
      expect(receiver.metrics['last.count']).toBe(3);
    });
  });

  test.concurrent('I04 a handler of the host runs once and decides the exit code', async () => {
    host.write('own-handler.cjs', `${server} process.on('SIGTERM', () => { console.log('bye'); setTimeout(() => process.exit(9), 20); });`);
    await withReceiver(async (receiver, env) => {
      const ended = await host.run('own-handler.cjs', { env, signal: 'SIGTERM' });
      expect(ended).toMatchObject({ code: 9, signal: null, stdout: 'last line\nready\nbye\n' });
      expect(receiver.spans.map(({ name }) => name)).toEqual(['last span']);
      expect(receiver.logs.map(({ body }) => body)).toEqual(['last line', 'ready', 'bye']);
    });
  });

  test.concurrent('I04 a host that asks whether it is the only listener finds that it is', async () => {
    // What signal-exit does.
    const check = `process.on('SIGTERM', function mine() {
      if (process.listeners('SIGTERM').length > 1) return;
      process.removeListener('SIGTERM', mine);
      process.kill(process.pid, 'SIGTERM');
    });`;
    host.write('only-listener.cjs', server + check);
    expect(await host.run('only-listener.cjs', { env: nobody, signal: 'SIGTERM' })).toMatchObject({ signal: 'SIGTERM' });
  });
});
