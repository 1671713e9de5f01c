import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHost, type Ended, type Host, type RunOptions } from '../../instrumentation/src/testing/host.ts';
import { type Receiver, withReceiver } from '../../instrumentation/src/testing/receiver.ts';
import { nodeOf } from './installed.ts';

let host: Host;
beforeAll(() => {
  host = createHost();
});
afterAll(() => host.remove());

// A service that asks itself once, records by hand, and ends. What is done to its process comes first.
const service = (doing: string) => `
${doing}
const { metrics, trace } = require('@opentelemetry/api');
const server = require('http').createServer((request, response) => response.end('ok')).listen(0, '127.0.0.1', async () => {
  const text = await (await fetch('http://127.0.0.1:' + server.address().port)).text();
  trace.getTracer('test').startSpan('by hand').end();
  metrics.getMeter('test').createCounter('counted').add(1);
  server.close();
  server.closeAllConnections();
  require('fs').writeSync(1, text);
});`;

const frozen = `for (const each of [Object, Array, Function, Error, Promise, Map, Set, RegExp, String, Number, Symbol, Date, Uint8Array]) {
  Object.freeze(each.prototype);
  Object.freeze(each);
}
Object.freeze(globalThis.JSON);`;

const doings: [name: string, doing: string][] = [
  [
    'a console that throws',
    `for (const name of ['log', 'info', 'warn', 'error']) console[name] = () => { throw new Error('no'); };`,
  ],
  [
    'a stdout and a stderr that throw',
    `process.stdout.write = process.stderr.write = () => { throw new Error('no'); };
    try { console.log('lost'); } catch {}`,
  ],
  [
    'an emit of its own',
    `const { emit } = process;
    process.emit = function (name) { return name === 'warning' ? false : emit.apply(process, arguments); };`,
  ],
  ['frozen intrinsics', frozen],
  [
    'a clock and timers for tests',
    `Date.now = performance.now = () => 0;
    globalThis.setTimeout = globalThis.setInterval = globalThis.setImmediate = () => ({ ref() {}, unref() {} });`,
  ],
];

const flags = [
  '--frozen-intrinsics --disable-proto=throw',
  '--disable-proto=delete --no-addons --disallow-code-generation-from-strings',
  '--pending-deprecation --throw-deprecation --unhandled-rejections=strict',
  '--permission --allow-fs-read=* --allow-worker',
];

/** What the host itself shows, less the number of its process. */
function shown({ code, signal, stdout, stderr }: Ended) {
  return { code, signal, stdout, stderr: stderr.replaceAll(/\(node:\d+\)/g, '(node:PID)') };
}

/** The same program alone, and preloaded with a Collector there; both must show the same. */
async function compare(main: string, options: RunOptions, check: (receiver: Receiver, ended: Ended) => void) {
  await withReceiver(async (receiver, env) => {
    const [alone, ended] = await Promise.all([
      host.run(main, { ...options, preloads: [] }),
      host.run(main, { ...options, env: { ...env, ...options.env } }),
    ]);
    expect(alone).toMatchObject({ code: 0, stdout: 'ok' });
    expect(shown(ended)).toEqual(shown(alone));
    check(receiver, ended);
  });
}

test.concurrent.each(doings)('I01 a host with %s shows what it shows alone, and is seen', async (name, doing) => {
  const main = `${name.replace(/\W+/g, '-')}.cjs`;
  host.write(main, service(doing));
  await compare(main, {}, (receiver, { warnings }) => {
    expect(warnings).toEqual([]);
    expect(receiver.spans.map((span) => span.name)).toEqual(expect.arrayContaining(['GET', 'by hand']));
    expect(receiver.metrics).toMatchObject({ counted: 1 });
  });
});

test.concurrent.each(flags)('I01 with %s the host shows what it shows alone, and is seen', async (given) => {
  const main = `with${given.replace(/\W+/g, '-')}.cjs`;
  host.write(main, service(''));
  await compare(main, { flags: given.split(' ') }, (receiver, { warnings }) => {
    expect(warnings).toEqual([]);
    expect(receiver.spans.map((span) => span.name)).toEqual(expect.arrayContaining(['GET', 'by hand']));
    expect(receiver.metrics).toMatchObject({ counted: 1 });
  });
});

test.concurrent('I01 under --permission alone no thread may be started, which is said once', async () => {
  host.write('no-worker.cjs', service(''));
  await compare('no-worker.cjs', { flags: ['--permission', '--allow-fs-read=*'] }, ({ requests }, { warnings }) => {
    expect(warnings).toEqual([expect.stringMatching(/the sending thread stopped .*Use --allow-worker/)]);
    expect(requests).toBe(0);
  });
});

test.concurrent('I01 a host that swallows all events, or has closed its stderr, is left in peace', async () => {
  const nobody = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_BSP_SCHEDULE_DELAY: '1' };
  host.write('swallowed.cjs', service('process.emit = () => false;'));
  host.write('closed.cjs', service(`require('fs').closeSync(2);`));
  await compare('swallowed.cjs', {}, ({ requests }) => expect(requests).toBe(0));
  await compare('closed.cjs', { env: nobody }, (_, { warnings }) => expect(warnings).toEqual([]));
});

test.concurrent('I01 where no folder can be written to, nothing is missed', async () => {
  host.write('read-only.cjs', service(''));
  const nowhere = '/dev/null/none';
  const env = { TMPDIR: nowhere, HOME: nowhere, NODE_COMPILE_CACHE: nowhere };
  await compare('read-only.cjs', { env }, ({ spans }, { warnings }) => {
    expect(warnings).toEqual([]);
    expect(spans.map(({ name }) => name)).toContain('by hand');
  });
});

test.concurrent('I01 a full disk below the cache of compiled code is not noticed', async () => {
  host.write('full.cjs', service(''));
  // A mount namespace of its own: a small file system, filled, that nobody else sees and that goes with the process.
  const full = `mkdir -p full && mount -t tmpfs -o size=64k tmpfs full && { head -c 1000000 /dev/zero > full/all 2>&-; } ; NODE_COMPILE_CACHE="$PWD/full" TMPDIR="$PWD/full" exec "$0" "$@"`;
  const rootless = process.getuid?.() === 0 ? [] : ['--map-root-user'];
  const options = { node: 'unshare', flags: [...rootless, '--mount', 'sh', '-c', full, process.execPath] };
  await compare('full.cjs', options, ({ spans }, { warnings }) => {
    expect(warnings).toEqual([]);
    expect(spans.map(({ name }) => name)).toContain('by hand');
  });
});

test.concurrent('I04 a request that ends the process loses none that came before it', async () => {
  host.write(
    'exiting.cjs',
    `const http = require('http');
    const server = http.createServer((request, response) => {
      if (request.url === '/last') process.exit(7);
      response.end('ok');
    }).listen(0, '127.0.0.1', async () => {
      const url = 'http://127.0.0.1:' + server.address().port;
      for (let at = 0; at < 3; at++) await (await fetch(url + '/first')).text();
      fetch(url + '/last');
    });`,
  );
  await withReceiver(async (receiver, env) => {
    const [alone, ended] = await Promise.all([
      host.run('exiting.cjs', { preloads: [] }),
      host.run('exiting.cjs', { env }),
    ]);
    expect(shown(alone)).toEqual({ code: 7, signal: null, stdout: '', stderr: '' });
    expect(shown(ended)).toEqual(shown(alone));
    const server = 2;
    expect(receiver.spans.filter(({ kind }) => kind === server)).toHaveLength(3);
  });
});

test.concurrent('I01 a program in TypeScript, as Node runs it, is seen', async () => {
  host.write(
    'main.ts',
    `import { createServer, type Server } from 'node:http';
    const server: Server = createServer((request, response) => response.end('ok'));
    server.listen(0, '127.0.0.1', async () => {
      const { port } = server.address() as { port: number };
      process.stdout.write(await (await fetch(\`http://127.0.0.1:\${port}\`)).text());
      server.close();
      server.closeAllConnections();
    });`,
  );
  host.write('typed/package.json', '{ "name": "typed", "type": "module" }');
  host.write('typed/main.ts', `import '../main.ts';`);
  for (const main of ['main.ts', 'typed/main.ts']) {
    await compare(main, {}, ({ spans }) => expect(spans.map(({ kind }) => kind).sort()).toEqual([2, 3]));
  }
});

test.concurrent('I01 the test runner of Node tells what it tells alone, and its tests are seen', async () => {
  host.write(
    'some.test.mjs',
    `import { test } from 'node:test';
    import { trace } from '@opentelemetry/api';
    test('passes', () => trace.getTracer('test').startSpan('within a test').end());
    test('fails', () => { throw new Error('as it should'); });`,
  );
  await withReceiver(async (receiver, env) => {
    const flags = ['--test', '--test-reporter=tap'];
    const [alone, ended] = await Promise.all([
      host.run('some.test.mjs', { flags, preloads: [] }),
      host.run('some.test.mjs', { flags, env }),
    ]);
    const told = ({ code, stdout, stderr }: Ended) => ({
      code,
      stderr,
      stdout: stdout
        .replaceAll(/duration_ms.*/g, '')
        .split('\n')
        .filter((line) => !/^ +(at|async) /.test(line)),
    });
    expect(told(alone)).toMatchObject({
      code: 1,
      stdout: expect.arrayContaining(['ok 1 - passes', 'not ok 2 - fails']),
    });
    expect(told(ended)).toEqual(told(alone));
    expect(receiver.spans.map(({ name }) => name)).toContain('within a test');
  });
});

test.concurrent('I01 on Node 20 the host runs as ever, and is told once what is missing', async () => {
  const node = await nodeOf('20.19.0');
  host.write('old.cjs', `process.stdout.write('ok');`);
  for (const preloads of [['--import'], ['--require'], ['--require', '--import']] as const) {
    const ended = await host.run('old.cjs', { node, preloads: [...preloads] });
    expect(ended).toMatchObject({ code: 0, stdout: 'ok', stderr: '' });
    expect(ended.warnings).toEqual([
      expect.stringContaining('Not started: this is Node 20.19.0, and 22.15 or newer is needed'),
    ]);
  }
});
