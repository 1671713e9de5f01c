import { once } from 'node:events';
import { createRequire } from 'node:module';
import { type AddressInfo, createServer } from 'node:net';
import getPort from 'get-port';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { buildIfStale, createHost, type Host } from './testing/host.ts';
import { withReceiver } from './testing/receiver.ts';

// Nothing listens on port 1 of the loopback.
const nobody = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' };
const nothingSent = { OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' };
const clientKind = 3;

let host: Host;
beforeAll(() => {
  buildIfStale();
  host = createHost();
});
afterAll(() => host.remove());

// A server that asks itself once: by `http.get`, and by `fetch`.
const askOnce = `
const server = http.createServer((request, response) => response.end('ok'));
server.listen(0, '127.0.0.1', () => {
  const url = 'http://127.0.0.1:' + server.address().port + '/u';
  http.get(url, (response) => {
    response.resume().on('end', async () => {
      console.log(await (await fetch(url)).text());
      server.close();
      server.closeAllConnections();
    });
  });
});`;

describe('I01 one http.get is one client span, one fetch is one, and the servers continue their traces', () => {
  const programs = {
    'common.cjs': `const http = require('http');${askOnce}`,
    'default.mjs': `import http from 'node:http';${askOnce}`,
    'named.mjs': `import { createServer, get } from 'http'; const http = { createServer, get };${askOnce}`,
    'mixed.mjs': `import 'node:http'; import { createRequire } from 'node:module';
      const http = createRequire(import.meta.url)('http');${askOnce}`,
  };
  const cases = [
    ['common.cjs', ['--require']],
    ['default.mjs', ['--import']],
    ['named.mjs', ['--require', '--import']],
    ['mixed.mjs', ['--import']],
  ] as const;

  test.concurrent.each(cases)('I01 in %s with %s', async (main, preloads) => {
    host.write(main, programs[main]);
    await withReceiver(async (receiver, env) => {
      const { code, stdout, stderr, warnings } = await host.run(main, { env, preloads: [...preloads] });
      expect({ code, stdout, stderr, warnings }).toEqual({ code: 0, stdout: 'ok\n', stderr: '', warnings: [] });
      const clients = receiver.spans.filter(({ kind }) => kind === clientKind);
      const scopes = clients.map(({ scope }) => scope.replace('@opentelemetry/instrumentation-', ''));
      expect(scopes.sort()).toEqual(['http', 'undici']);
      const servers = receiver.spans.filter(({ kind }) => kind !== clientKind);
      expect(servers.map(({ traceId }) => traceId).sort()).toEqual(clients.map(({ traceId }) => traceId).sort());
      expect(receiver.logs.map(({ body }) => body)).toEqual(['ok']);
      // It ends within a second: a command, not a service.
      expect(receiver.starts).toEqual([]);
      expect(receiver.metrics).toMatchObject({ 'http.server.request.duration': 2, 'otel.sdk.span.started': 4 });
      expect(receiver.resource).toMatchObject({ 'service.name': 'shop', 'service.version': '1.2.3' });
    });
  });
});

test.concurrent('I01 a worker thread starts no second SDK', async () => {
  host.write(
    'worker.cjs',
    `const { Worker, isMainThread } = require('worker_threads');
    console.log(isMainThread, Symbol.for('opentelemetry.js.api.1') in globalThis);
    if (isMainThread) new Worker(__filename);`,
  );
  const { stdout, warnings } = await host.run('worker.cjs', { env: nothingSent });
  expect({ stdout, warnings }).toEqual({ stdout: 'true true\nfalse false\n', warnings: [] });
});

test.concurrent('I01 an instrumentation whose patch throws leaves the library and the host as they are', async () => {
  const broken = 'broken/node_modules/@opentelemetry/instrumentation-broken';
  host.write(`${broken}/package.json`, '{ "main": "index.js" }');
  host.write(
    `${broken}/index.js`,
    `const { InstrumentationBase, InstrumentationNodeModuleDefinition } = require('@opentelemetry/instrumentation');
    exports.BrokenInstrumentation = class extends InstrumentationBase {
      constructor() { super('broken', '1.0.0', {}); }
      init() { return [new InstrumentationNodeModuleDefinition('victim', ['*'], () => { throw new Error('a bug'); })]; }
    };`,
  );
  host.write('broken/node_modules/victim/package.json', '{ "version": "1.0.0", "main": "index.js" }');
  host.write('broken/node_modules/victim/index.js', 'module.exports = "unharmed";');
  host.write('broken/app.cjs', 'console.log(require("victim"));');
  const env = {
    ...nothingSent,
    FLEETSCOPE_INSTRUMENTATIONS: 'broken,missing',
  };
  const { code, stdout, warnings } = await host.run('broken/app.cjs', { env });
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'unharmed\n' });
  expect(warnings).toEqual([
    expect.stringContaining(
      'Ignored the instrumentation missing: @opentelemetry/instrumentation-missing is not installed.',
    ),
    expect.stringContaining('Left victim as it is: broken failed to patch it (a bug).'),
  ]);
});

test.concurrent('I01 an SDK that is there first keeps its place', async () => {
  host.write(
    'first.cjs',
    `const { trace, INVALID_SPAN_CONTEXT } = require('@opentelemetry/api');
    const tracer = { startSpan: (name) => ({ ...trace.wrapSpanContext(INVALID_SPAN_CONTEXT), name: name + ' of theirs' }) };
    trace.setGlobalTracerProvider({ getTracer: () => tracer });`,
  );
  host.write('second.cjs', `console.log(require('@opentelemetry/api').trace.getTracer('t').startSpan('span').name);`);
  const env = { NODE_OPTIONS: '--require ./first.cjs' };
  const { stdout, warnings } = await host.run('second.cjs', { preloads: ['--require'], env });
  expect(stdout).toBe('span of theirs\n');
  expect(warnings).toEqual([expect.stringContaining('Not started: another OpenTelemetry SDK is registered already.')]);
});

test.concurrent('I01 OTEL_SDK_DISABLED loads nothing of OpenTelemetry', async () => {
  host.write(
    'loaded.cjs',
    `console.log(Object.keys(require.cache).filter((path) => /@opentelemetry|dist.(start|shared)[.]cjs$/.test(path)).length);`,
  );
  const off = await host.run('loaded.cjs', { env: { OTEL_SDK_DISABLED: 'true' } });
  expect(off).toMatchObject({ stdout: '0\n', warnings: [] });
  const on = await host.run('loaded.cjs', { env: nothingSent });
  expect(Number(on.stdout)).toBeGreaterThan(10);
});

test.concurrent('I01 a package manager is no service: it is left alone', async () => {
  host.write('npm-cli.js', `console.log(Symbol.for('opentelemetry.js.api.1') in globalThis);`);
  expect(await host.run('npm-cli.js', { env: nobody })).toMatchObject({ stdout: 'false\n', warnings: [] });
});

test.concurrent('I02 a wrong variable is one line on stderr and the service starts', async () => {
  host.write('quiet.cjs', '');
  const env = { ...nothingSent, OTEL_BSP_SCHEDULE_DELAY: 'soon' };
  expect(await host.run('quiet.cjs', { env })).toMatchObject({
    code: 0,
    stderr: '',
    warnings: [expect.stringContaining('Ignored OTEL_BSP_SCHEDULE_DELAY: "soon" is not a whole number')],
  });
});

test.concurrent('I02 headers, service name and resource attributes arrive', async () => {
  host.write('hello.mjs', `console.log('hello');`);
  await withReceiver(async (receiver, env) => {
    await host.run('hello.mjs', {
      env: {
        ...env,
        OTEL_EXPORTER_OTLP_HEADERS: 'X-Tenant=blue%20team',
        OTEL_SERVICE_NAME: 'till',
        OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=staging,service.name=overridden',
        OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      },
    });
    expect(receiver.headers).toMatchObject({ 'x-tenant': 'blue team' });
    expect(receiver.resource).toMatchObject({ 'service.name': 'till', 'deployment.environment.name': 'staging' });
  });
});

test.concurrent('I05 a pino line keeps its bytes and leaves as a record of its trace', async () => {
  host.write(
    'pino.mjs',
    `import { trace } from '@opentelemetry/api';
    import pino from 'pino';
    const log = pino({ timestamp: false, base: null });
    trace.getTracer('test').startActiveSpan('work', (span) => { log.warn({ order: 7 }, 'late'); span.end(); });`,
  );
  await withReceiver(async (receiver, env) => {
    const { stdout, warnings } = await host.run('pino.mjs', { env });
    expect({ stdout, warnings }).toEqual({ stdout: '{"level":40,"order":7,"msg":"late"}\n', warnings: [] });
    const [span] = receiver.spans;
    expect(receiver.logs).toMatchObject([{ body: 'late', severityNumber: 13, traceId: span?.traceId }]);
  });
  const correlated = await host.run('pino.mjs', { env: { ...nothingSent, FLEETSCOPE_LOG_CORRELATION: 'true' } });
  expect(JSON.parse(correlated.stdout)).toMatchObject({ order: 7, trace_id: expect.stringMatching(/^[0-9a-f]{32}$/) });
});

test('I01 an old Node is refused in one sentence, a sufficient one is not', () => {
  const { refusal } = createRequire(import.meta.url)('../dist/node-version.cjs');
  expect(refusal('20.19.0')).toBe(
    'fleetscope: Not started: this is Node 20.19.0, and 22.15 or newer is needed. The service runs without telemetry; upgrade Node to get it.\n',
  );
  expect(['22.14.9', '18.0.0'].map((version) => typeof refusal(version))).toEqual(['string', 'string']);
  expect(['22.15.0', '24.0.0', '26.1.0-nightly'].map(refusal)).toEqual([undefined, undefined, undefined]);
});

const pullOnly = { ...nothingSent, OTEL_METRICS_EXPORTER: 'prometheus' };

test.concurrent('I03 a page for Prometheus can be switched on, and its idle connection holds nobody', async () => {
  const port = await getPort();
  host.write('scraped.cjs', 'setTimeout(() => {}, 1500);');
  const env = { ...pullOnly, OTEL_EXPORTER_PROMETHEUS_PORT: String(port) };
  const running = host.run('scraped.cjs', { env });
  // `fetch` keeps its connection, as Prometheus does between two scrapes. Node would wait 5 s for it.
  const page = await vi.waitFor(async () => (await fetch(`http://localhost:${port}/metrics`)).text(), 5000);
  expect(page).toMatch(/^target_info\{service_name="shop"/m);
  const { code, warnings, tookMs } = await running;
  expect({ code, warnings }).toEqual({ code: 0, warnings: [] });
  expect(tookMs).toBeLessThan(1500 + 3000);
});

test.concurrent('I03 a port that is taken costs one warning, not the service', async () => {
  const squatter = createServer().listen(0, 'localhost');
  await once(squatter, 'listening');
  const { port } = squatter.address() as AddressInfo;
  host.write('crowded.cjs', `setTimeout(() => console.log('fine'), 200);`);
  const env = { ...pullOnly, OTEL_EXPORTER_PROMETHEUS_PORT: String(port) };
  const { code, stdout, warnings } = await host.run('crowded.cjs', { env });
  squatter.close();
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'fine\n' });
  expect(warnings).toEqual([expect.stringContaining(`Cannot serve metrics on localhost:${port}: listen EADDRINUSE`)]);
});

test.concurrent('I02 OTEL_CONFIG_FILE is handed to the SDK that reads it', async () => {
  host.write('filed.cjs', `console.log('hello');`);
  await withReceiver(async (receiver) => {
    host.write(
      'otel.yaml',
      `file_format: "1.0"
resource: { attributes: [{ name: service.name, value: from-file }] }
logger_provider: { processors: [{ batch: { exporter: { otlp_grpc: { endpoint: "${receiver.endpoint}" } } } }] }
`,
    );
    const ended = await host.run('filed.cjs', { env: { OTEL_CONFIG_FILE: 'otel.yaml' } });
    expect(ended).toMatchObject({ code: 0, stdout: 'hello\n', stderr: '', warnings: [] });
    expect(receiver.logs.map(({ body }) => body)).toEqual(['hello']);
    expect(receiver.resource['service.name']).toBe('from-file');
  });
});

test.concurrent('D11 a process that has lived for a second says that it came up, with its version', async () => {
  await withReceiver(async (receiver, env) => {
    host.write('service.cjs', `setTimeout(() => {}, 1_300);`);
    await host.run('service.cjs', { env });
    expect(receiver.starts).toEqual(['Started shop 1.2.3']);
    expect(receiver.metrics).toMatchObject({ 'process.memory.usage': expect.any(Number) });
  });
});
