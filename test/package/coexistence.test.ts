import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHost, type Host } from '../../instrumentation/src/testing/host.ts';
import { withReceiver } from '../../instrumentation/src/testing/receiver.ts';
import { nodeOf, oldestNode, project } from './installed.ts';

/** An app with an older API and the SDK of the line before, as most apps have. Their one is not ours. */
const theirs = ['@opentelemetry/api@1.9.0', '@opentelemetry/sdk-trace-node@2.12.0', 'express@5.3.0'];

let host: Host;
let node: string;
let modules: string;
beforeAll(async () => {
  modules = join(await project('others', theirs), 'node_modules');
  host = createHost(modules);
  node = await nodeOf(oldestNode);
});
afterAll(() => host.remove());

const secondSdk = 'fleetscope: Not registered: an OpenTelemetry SDK that the app starts itself.';

test.concurrent('I01 what an app records by its own API 1.9.0 arrives, in one trace with what the fleet API records', async () => {
  host.write(
    'older.cjs',
    `const { readFileSync } = require('fs');
    const { metrics, trace } = require('@opentelemetry/api');
    const { task } = require('@fleetscope/instrumentation');
    console.info(JSON.parse(readFileSync('node_modules/@opentelemetry/api/package.json')).version);
    trace.getTracer('app').startActiveSpan('around', (span) => {
      task({ type: 'plan' }, () => trace.getTracer('app').startSpan('within').end());
      span.end();
    });
    metrics.getMeter('app').createCounter('app.count').add(2);`,
  );
  await withReceiver(async (receiver, env) => {
    const ended = await host.run('older.cjs', { env });
    expect(ended).toMatchObject({ code: 0, stdout: '1.9.0\n', stderr: '', warnings: [] });
    const named = (name: string) => receiver.spans.find((span) => span.name === name);
    expect(named('task.execute')?.parentSpanId).toBe(named('around')?.spanId);
    expect(named('within')?.parentSpanId).toBe(named('task.execute')?.spanId);
    expect(receiver.metrics['app.count']).toBe(2);
  });
});

// Prints the spans that reached the app's own exporter.
const ownSdks = {
  'two.cjs': `const { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } = require('@opentelemetry/sdk-trace-node');
    const exporter = new InMemorySpanExporter();
    const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
    provider.register();`,
  'three.cjs': `const { NodeSDK } = require('@opentelemetry/sdk-node');
    const { InMemorySpanExporter, SimpleSpanProcessor } = require('@opentelemetry/sdk-trace');
    const exporter = new InMemorySpanExporter();
    const sdk = new NodeSDK({ spanProcessors: [new SimpleSpanProcessor({ exporter })], autoDetectResources: false, metricReaders: [], logRecordProcessors: [], instrumentations: [] });
    sdk.start();`,
};

describe('I01 an app that starts an SDK of its own keeps running; ours was there first and gets what it records', () => {
  test.concurrent.each([
    ['2.x', 'two.cjs'],
    ['3.x', 'three.cjs'],
  ] as const)('I01 SDK %s', async (_, main) => {
    // The 3.x one is in the repository's own node_modules.
    const its = main === 'two.cjs' ? host : createHost();
    its.write(
      main,
      `${ownSdks[main]}
      require('@opentelemetry/api').trace.getTracer('app').startSpan('by the API').end();
      process.stdout.write(JSON.stringify(exporter.getFinishedSpans().map(({ name }) => name)));`,
    );
    await withReceiver(async (receiver, env) => {
      const [alone, ended] = await Promise.all([its.run(main, { preloads: [] }), its.run(main, { env })]);
      expect(alone).toMatchObject({ code: 0, stdout: '["by the API"]' });
      expect(ended).toMatchObject({
        code: 0,
        stdout: '[]',
        stderr: '',
        warnings: [expect.stringContaining(secondSdk)],
      });
      expect(receiver.spans.map(({ name }) => name)).toEqual(['by the API']);
    });
    if (its !== host) its.remove();
  });
});

test.concurrent('I01 an app that would add a span processor to whatever SDK there is finds that it cannot, as without us', async () => {
  host.write(
    'processor.cjs',
    `const { ProxyTracerProvider, trace } = require('@opentelemetry/api');
    const provider = trace.getTracerProvider();
    const inner = provider instanceof ProxyTracerProvider ? provider.getDelegate() : provider;
    process.stdout.write(typeof inner.addSpanProcessor);`,
  );
  const [alone, ended] = await Promise.all([
    host.run('processor.cjs', { preloads: [] }),
    host.run('processor.cjs', {
      env: { OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' },
    }),
  ]);
  expect(alone.stdout).toBe('undefined');
  expect(ended).toMatchObject({ code: 0, stdout: 'undefined', stderr: '', warnings: [] });
});

const route = `const app = express();
app.get('/u/:id', (request, response) => response.send('user ' + request.params.id));
const server = app.listen(0, '127.0.0.1', async () => {
  const url = 'http://127.0.0.1:' + server.address().port + '/u/';
  const text = await (await fetch(url + 7)).text();
  http.get(url + 8, (response) => response.resume().on('end', () => {
    process.stdout.write(text);
    server.close();
    server.closeAllConnections();
  }));
});`;

test.concurrent.each([
  ['express.cjs', `const express = require('express'); const http = require('http'); ${route}`, process.execPath],
  ['express.mjs', `import express from 'express'; import http from 'node:http'; ${route}`, process.execPath],
  ['express-old.cjs', `const express = require('express'); const http = require('http'); ${route}`, oldestNode],
  ['express-old.mjs', `import express from 'express'; import http from 'node:http'; ${route}`, oldestNode],
])(
  'I01 %s: one server span per request, named by its route, in the trace of its one client span',
  async (main, text, which) => {
    host.write(main, text);
    await withReceiver(async (receiver, env) => {
      const ended = await host.run(main, { env, node: which === oldestNode ? node : which });
      expect(ended).toMatchObject({ code: 0, stdout: 'user 7', stderr: '', warnings: [] });
      const [server, client] = [2, 3].map((kind) => receiver.spans.filter((span) => span.kind === kind));
      expect(server?.map(({ name }) => name)).toEqual(['GET /u/:id', 'GET /u/:id']);
      expect(client).toHaveLength(2);
      expect(server?.map(({ parentSpanId }) => parentSpanId).sort()).toEqual(
        client?.map(({ spanId }) => spanId).sort(),
      );
      expect(new Set(receiver.spans.map(({ traceId }) => traceId)).size).toBe(2);
    });
  },
);

test.concurrent('I01 with the preset all the libraries of the official package are seen too, and a request is still one span', async () => {
  // The repository's node_modules have that package, and an instrumentation of DNS in it.
  const its = createHost();
  its.write(
    'all.mjs',
    `import { lookup } from 'node:dns/promises'; await lookup('localhost'); import http from 'node:http';
    const server = http.createServer((request, response) => response.end('ok')).listen(0, '127.0.0.1', () => {
      http.get({ port: server.address().port, host: '127.0.0.1' }, (response) => response.resume().on('end', () => {
        server.close();
        server.closeAllConnections();
      }));
    });`,
  );
  await withReceiver(async (receiver, env) => {
    const scopes = () => receiver.spans.map(({ scope }) => scope.replace('@opentelemetry/instrumentation-', ''));
    const all = await its.run('all.mjs', { env: { ...env, FLEETSCOPE_INSTRUMENTATIONS: 'all' } });
    expect(all).toMatchObject({ code: 0, stderr: '', warnings: [] });
    expect(scopes().filter((scope) => scope === 'http')).toHaveLength(2);
    expect(scopes()).toContain('dns');
  });
  its.remove();
});
