import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHost, type Host } from '../../instrumentation/src/testing/host.ts';

let host: Host;
beforeAll(() => {
  host = createHost();
});
afterAll(() => host.remove());

// The only thread of Node's pool is held by a pipe that nobody writes to. Each look-up of a name waits behind it, in every
// thread of the process; so does the end of the process, until somebody writes.
const blocked = `
const fs = require('fs');
const { execFileSync, spawn } = require('child_process');
const pipe = 'pipe-' + process.pid;
execFileSync('mkfifo', [pipe]);
fs.open(pipe, 'r', () => {});
require('@opentelemetry/api').trace.getTracer('test').startSpan('unsent').end();`;
const onePoolThread = { UV_THREADPOOL_SIZE: '1' };
const impatient = { OTEL_BSP_SCHEDULE_DELAY: '1', FLEETSCOPE_FLUSH_TIMEOUT_MS: '300' };

test.concurrent('I01 I04 a name that is never looked up holds neither the service nor its end', async () => {
  host.write(
    'looking-up.cjs',
    `${blocked}
    let resolved = false;
    require('dns').lookup('localhost', () => { resolved = true; });
    process.on('exit', () => {
      console.log('resolved: ' + resolved);
      fs.openSync(pipe, 'r+');
    });
    setTimeout(() => console.log('answered'), 500);
    setTimeout(() => process.exit(3), 1000);`,
  );
  const [alone, ended] = await Promise.all([
    host.run('looking-up.cjs', { preloads: [], env: onePoolThread }),
    host.run('looking-up.cjs', {
      env: { ...onePoolThread, ...impatient, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:1' },
    }),
  ]);
  expect(alone).toMatchObject({ code: 3, stdout: 'answered\nresolved: false\n', stderr: '' });
  expect(ended).toMatchObject({ code: 3, stdout: alone.stdout, stderr: '' });
  expect(ended.warnings).toEqual([expect.stringContaining('no answer within 300 ms')]);
  expect(ended.tookMs - alone.tookMs).toBeLessThan(3000);
});

test.concurrent('I01 a name that does not exist is one line', async () => {
  host.write('misnamed.cjs', `console.log('hello'); setTimeout(() => console.log('answered'), 1000);`);
  const env = { ...impatient, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector.invalid:4317' };
  expect(await host.run('misnamed.cjs', { env })).toMatchObject({
    code: 0,
    stdout: 'hello\nanswered\n',
    stderr: '',
    warnings: [expect.stringContaining('Cannot send telemetry to http://collector.invalid:4317')],
  });
});

test.concurrent('I04 a process that hangs after its last line dies of SIGTERM, as it does without us', async () => {
  // Says its last line after ours was sent; let go of after 5 s, so that nothing is left behind where the signal does nothing.
  host.write(
    'stuck.cjs',
    `${blocked}
    spawn('sh', ['-c', 'sleep 5; [ -p ' + pipe + ' ] && : 3<>' + pipe], { detached: true, stdio: 'ignore' }).unref();
    process.on('exit', () => require('fs').writeSync(1, 'last line'));
    setTimeout(() => process.exit(3), 200);`,
  );
  const env = { ...onePoolThread, ...impatient, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' };
  const [alone, ended] = await Promise.all([
    host.run('stuck.cjs', { preloads: [], env, signal: 'SIGTERM' }),
    host.run('stuck.cjs', { env, signal: 'SIGTERM' }),
  ]);
  expect(alone).toMatchObject({ stdout: 'last line', code: null, signal: 'SIGTERM' });
  expect(ended).toMatchObject({ stdout: 'last line', code: null, signal: 'SIGTERM' });
});
