import getPort from 'get-port';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHost, type Host } from '../../instrumentation/src/testing/host.ts';
import { type Receiver, withReceiver } from '../../instrumentation/src/testing/receiver.ts';

let host: Host;
beforeAll(() => {
  host = createHost();
});
afterAll(() => host.remove());

const server = 2;

/** Every `service.instance.id` that arrived: a UUID, after its name and three bytes of protobuf. */
function instances({ bytes }: Receiver): Set<string> {
  const found = /service\.instance\.id[\s\S]{3}\$([0-9a-f-]{36})/g;
  return new Set(
    bytes.flatMap((request) => [...request.toString('latin1').matchAll(found)].map(([, id]) => id as string)),
  );
}

test.concurrent('I01 four workers of a cluster share a port; each is seen as an instance of its own', async () => {
  host.write(
    'clustered.cjs',
    `const cluster = require('cluster');
    const http = require('http');
    if (cluster.isPrimary) {
      let ready = 0, left = 4;
      for (let at = 0; at < 4; at++) cluster.fork();
      cluster.on('listening', async (_, { port }) => {
        if (++ready < 4) return;
        const answers = new Set();
        // One connection each, so that they are dealt out in turn.
        for (let at = 0; at < 40 && answers.size < 4; at++) {
          const answer = await fetch('http://127.0.0.1:' + port, { headers: { connection: 'close' } });
          answers.add(await answer.text());
        }
        console.log(answers.size + ' workers answered');
        cluster.disconnect();
      });
      cluster.on('exit', (_, code, signal) => console.log('ended', code, signal));
    } else {
      http.createServer((request, response) => response.end('' + process.pid)).listen(0, '127.0.0.1');
    }`,
  );
  await withReceiver(async (receiver, env) => {
    const [alone, ended] = await Promise.all([
      host.run('clustered.cjs', { preloads: [] }),
      host.run('clustered.cjs', { env }),
    ]);
    expect(alone).toMatchObject({ code: 0, stdout: `4 workers answered\n${'ended 0 null\n'.repeat(4)}`, stderr: '' });
    expect(ended).toMatchObject({ code: 0, stdout: alone.stdout, stderr: '', warnings: [] });
    expect(receiver.spans.filter(({ kind }) => kind === server).length).toBeGreaterThanOrEqual(4);
    // The four, and the one that asked.
    expect(instances(receiver).size).toBe(5);
  });
});

test.concurrent('I01 a forked process is seen beside its parent, and its channel holds neither', async () => {
  host.write(
    'parent.cjs',
    `const child = require('child_process').fork('./child.cjs');
    require('@opentelemetry/api').trace.getTracer('test').startSpan('in the parent').end();
    child.on('message', (message) => { console.log(message); child.disconnect(); });
    child.on('exit', (code) => console.log('child ended', code));
    child.send('hello');`,
  );
  host.write(
    'child.cjs',
    `process.on('message', (message) => {
      require('@opentelemetry/api').trace.getTracer('test').startSpan('in the child').end();
      process.send(message + ' back');
    });`,
  );
  await withReceiver(async (receiver, env) => {
    const ended = await host.run('parent.cjs', { env });
    expect(ended).toMatchObject({ code: 0, stdout: 'hello back\nchild ended 0\n', stderr: '', warnings: [] });
    expect(receiver.spans.map(({ name }) => name).sort()).toEqual(['in the child', 'in the parent']);
    expect(instances(receiver).size).toBe(2);
  });
});

// Worker threads that wait, and what each of them adds to the memory of the process.
const waitingWorkers = `
const { Worker } = require('worker_threads');
const before = process.memoryUsage.rss();
const workers = Array.from({ length: 4 }, () => new Worker('require("worker_threads").parentPort.once("message", () => {})', { eval: true }));
Promise.all(workers.map((worker) => new Promise((resolve) => worker.once('online', resolve)))).then(() => setTimeout(() => {
  process.stdout.write(String((process.memoryUsage.rss() - before) / 4 / 2 ** 20));
  for (const worker of workers) worker.postMessage('end');
}, 500));`;

test.concurrent('I01 a worker thread grows by less than 10 MiB for us, and opens no second page for Prometheus', async () => {
  host.write('waiting.cjs', waitingWorkers);
  await withReceiver(async (_, env) => {
    const port = String(await getPort());
    const scraped = { OTEL_METRICS_EXPORTER: 'otlp,prometheus', OTEL_EXPORTER_PROMETHEUS_PORT: port };
    const [alone, ended] = await Promise.all([
      host.run('waiting.cjs', { preloads: [] }),
      host.run('waiting.cjs', { env: { ...env, ...scraped } }),
    ]);
    expect(ended).toMatchObject({ code: 0, stderr: '', warnings: [] });
    expect(Number(alone.stdout)).toBeGreaterThan(1);
    expect(Number(ended.stdout)).toBeLessThan(Number(alone.stdout) + 10);
  });
});

test.concurrent('I05 lines that pino writes by a transport of the host, in its thread, are unchanged and leave with their trace', async () => {
  host.write(
    'transport.cjs',
    `const { Writable } = require('stream');
    const write = (lines, _, done) => {
      for (const line of String(lines).trim().split('\\n')) process._rawDebug('pretty: ' + JSON.parse(line).msg);
      done();
    };
    module.exports = () => new Writable({ write });`,
  );
  host.write(
    'transported.mjs',
    `import { trace } from '@opentelemetry/api';
    import pino from 'pino';
    const transport = pino.transport({ target: new URL('./transport.cjs', import.meta.url).pathname });
    const log = pino(transport);
    transport.on('ready', () => {
      trace.getTracer('test').startActiveSpan('work', (span) => { log.info('first'); log.warn('second'); span.end(); });
      transport.end();
    });`,
  );
  await withReceiver(async (receiver, env) => {
    const [alone, ended] = await Promise.all([
      host.run('transported.mjs', { preloads: [] }),
      host.run('transported.mjs', { env }),
    ]);
    expect(alone).toMatchObject({ code: 0, stdout: '', stderr: 'pretty: first\npretty: second\n' });
    expect(ended).toMatchObject({ code: 0, stdout: '', stderr: alone.stderr, warnings: [] });
    const [span] = receiver.spans;
    expect(receiver.logs.filter(({ traceId }) => traceId).map(({ body, traceId }) => [body, traceId])).toEqual([
      ['first', span?.traceId],
      ['second', span?.traceId],
    ]);
    expect(instances(receiver).size).toBe(1);
  });
});
