import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildIfStale, createHost, type Host } from '../testing/host.ts';
import { type Receiver, withReceiver } from '../testing/receiver.ts';

let host: Host;
beforeAll(() => {
  buildIfStale();
  host = createHost();
});
afterAll(() => host.remove());

const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

// A shop that asks itself for prices: by a route of express, and by plain http. Says which traceparent the price was asked with.
const shop = `
const express = require('express');
const http = require('http');
const { logs } = require('@opentelemetry/api');
logs.getLogger('shop').emit({ body: 'written to OpenTelemetry itself' });
const prices = http.createServer((request, response) => response.end(request.headers.traceparent));
const app = express();
app.get('/orders/:id', async (_, response) => {
  response.send(await (await fetch('http://127.0.0.1:' + prices.address().port)).text());
});
prices.listen(0, '127.0.0.1', () => {
  const server = app.listen(0, '127.0.0.1', async () => {
    // Asked through a client that nobody instruments, with a trace that began elsewhere.
    const socket = require('net').connect(server.address().port, '127.0.0.1');
    socket.write('GET /orders/7 HTTP/1.1\\r\\nhost: x\\r\\nconnection: close\\r\\ntraceparent: ${traceparent}\\r\\n\\r\\n');
    let answer = '';
    for await (const chunk of socket) answer += chunk;
    console.log(answer.split('\\r\\n\\r\\n')[1].includes('${traceparent}') ? 'passed through' : 'continued');
    server.close();
    prices.close();
    prices.closeAllConnections();
  });
});`;

async function run(preset: string, check: (receiver: Receiver, stdout: string) => void) {
  host.write('shop.cjs', shop);
  await withReceiver(async (receiver, endpoint) => {
    const { code, stdout, warnings } = await host.run('shop.cjs', { env: { ...endpoint, FLEETSCOPE_PRESET: preset } });
    expect({ code, warnings }).toEqual({ code: 0, warnings: [] });
    // Whatever the preset: the one metric that every service needs.
    expect(receiver.metrics['http.server.request.duration']).toBe(2);
    check(receiver, stdout);
  });
}

const scopes = ({ spans }: Receiver) =>
  [...new Set(spans.map(({ scope }) => scope.replace('@opentelemetry/instrumentation-', '')))].sort();

/** Less what the package says of itself, such as that it has started. */
const lines = ({ logs }: Receiver) =>
  logs.filter(({ scope }) => scope !== '@fleetscope/instrumentation').map(({ body }) => body);

test.concurrent('B12 the preset full records all', () =>
  run('full', (receiver, stdout) => {
    expect(stdout).toBe('continued\n');
    expect(scopes(receiver)).toEqual(['express', 'http', 'undici']);
    expect(lines(receiver)).toEqual(['written to OpenTelemetry itself', 'continued']);
    expect(receiver.metrics).toHaveProperty(['nodejs.eventloop.utilization']);
    expect(receiver.metrics['fleetscope.instrumentation.level']).toBe(3);
  }));

test.concurrent('B12 the preset spans has spans of HTTP, named by their route, and neither log lines nor the runtime', () =>
  run('spans', (receiver, stdout) => {
    expect(stdout).toBe('continued\n');
    expect(scopes(receiver)).toEqual(['http', 'undici']);
    expect(receiver.spans.map(({ name }) => name)).toContain('GET /orders/:id');
    expect(lines(receiver)).toEqual(['written to OpenTelemetry itself']);
    expect(receiver.metrics).not.toHaveProperty(['nodejs.eventloop.utilization']);
    expect(receiver.metrics['fleetscope.instrumentation.level']).toBe(2);
  }));

test.concurrent('B12 the preset metrics has durations alone, and the traces of others pass through it unchanged', () =>
  run('metrics', (receiver, stdout) => {
    expect(stdout).toBe('passed through\n');
    expect(receiver.spans).toEqual([]);
    expect(lines(receiver)).toEqual([]);
    expect(receiver.metrics['http.client.request.duration']).toBe(1);
    expect(receiver.metrics['fleetscope.instrumentation.level']).toBe(1);
  }));
