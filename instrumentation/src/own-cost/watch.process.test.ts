import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildIfStale, createHost, type Host } from '../testing/host.ts';
import { withReceiver } from '../testing/receiver.ts';

let host: Host;
beforeAll(() => {
  buildIfStale();
  host = createHost();
});
afterAll(() => host.remove());

// Does little but ask for spans, until it gets none or its time is up. Then it is asked for an order.
const busy = `
const app = require('express')();
const { connect } = require('net');
const { context, propagation, ROOT_CONTEXT, trace } = require('@opentelemetry/api');
const tracer = trace.getTracer('busy');
app.get('/orders/:id', (_, response) => response.send('ok'));
const endsAt = Date.now() + Number(process.env.LIMIT_MS);
let sum = 0;
(function turn() {
  let recording = true;
  for (let at = 0; at < 500; at++) {
    const span = tracer.startSpan('tick', { attributes: { at, note: 'a few words' } });
    recording &&= span.isRecording();
    sum += at % 2;
    span.end();
  }
  if (recording && Date.now() < endsAt) return setImmediate(turn);
  const incoming = { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' };
  const outgoing = {};
  tracer.startActiveSpan('last', {}, propagation.extract(ROOT_CONTEXT, incoming), (span) => {
    propagation.inject(context.active(), outgoing);
    span.end();
  });
  console.log(sum % 250, recording, outgoing.traceparent === incoming.traceparent);
  const server = app.listen(0, '127.0.0.1', () => {
    const socket = connect(server.address().port, '127.0.0.1', () => {
      socket.write('GET /orders/7 HTTP/1.1\\r\\nhost: x\\r\\nconnection: close\\r\\n\\r\\n');
    });
    socket.resume().on('close', () => server.close());
  });
})();`;

// What decides about stepping down looks as often as metrics leave.
const often = { OTEL_METRIC_EXPORT_INTERVAL: '100', OTEL_LOGS_EXPORTER: 'none' };

test.concurrent('B12 a service that telemetry costs too much records less: said once per level, shown as metrics', async () => {
  host.write('busy.cjs', busy);
  await withReceiver(async (receiver, env) => {
    const given = { ...env, ...often, FLEETSCOPE_CPU_BUDGET: '0.02', LIMIT_MS: '15000' };
    const { code, stdout, stderr, warnings } = await host.run('busy.cjs', { env: given });
    // The program's own result; no span is recorded any more; the trace of others passes through unchanged.
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '0 false true\n', stderr: '' });
    const cost = String.raw`telemetry took \d+ % of a core, over the 2 % of FLEETSCOPE_CPU_BUDGET\.`;
    expect(warnings).toEqual([
      expect.stringMatching(`^fleetscope: Stepped down from full to spans: ${cost}`),
      expect.stringMatching(`^fleetscope: Stepped down from spans to metrics: ${cost}`),
    ]);
    expect(receiver.metrics['fleetscope.instrumentation.level']).toBe(1);
    expect(receiver.metrics['fleetscope.instrumentation.cpu.utilization']).toBeGreaterThan(0.02);
    expect(new Set(receiver.spans.map(({ name }) => name))).toEqual(new Set(['tick']));
    // The order is still counted, under its route.
    expect(receiver.metrics['http.server.request.duration']).toBe(1);
    expect(Buffer.concat(receiver.bytes).includes('/orders/:id')).toBe(true);
  });
});

test.concurrent('B12 with a budget of 0 the same service goes on recording everything', async () => {
  host.write('busy-free.cjs', busy);
  await withReceiver(async (receiver, env) => {
    const given = { ...env, ...often, FLEETSCOPE_CPU_BUDGET: '0', LIMIT_MS: '900' };
    const { code, stdout, warnings } = await host.run('busy-free.cjs', { env: given });
    expect({ code, stdout, warnings }).toEqual({ code: 0, stdout: '0 true false\n', warnings: [] });
    expect(receiver.metrics['fleetscope.instrumentation.level']).toBe(3);
    const names = receiver.spans.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['last', 'GET /orders/:id', 'request handler']));
  });
});

test.concurrent('B12 an idle service stays well within the default budget', async () => {
  host.write('idle.cjs', `console.log('up'); setTimeout(() => {}, 900);`);
  await withReceiver(async (receiver, env) => {
    const { warnings } = await host.run('idle.cjs', { env: { ...env, OTEL_METRIC_EXPORT_INTERVAL: '200' } });
    expect(warnings).toEqual([]);
    expect(receiver.metrics['fleetscope.instrumentation.level']).toBe(3);
    expect(receiver.metrics).toHaveProperty(['fleetscope.instrumentation.cpu.utilization']);
  });
});
