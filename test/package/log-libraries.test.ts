import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHost, type Host } from '../../instrumentation/src/testing/host.ts';
import { withReceiver } from '../../instrumentation/src/testing/receiver.ts';

let host: Host;
beforeAll(() => {
  host = createHost();
});
afterAll(() => host.remove());

const within = (work: string) => `
trace.getTracer('test').startActiveSpan('work', (span) => {
  ${work}
  span.end();
});`;

const winston = `
const log = createLogger({ format: format.json(), transports: [new transports.Console()] });
${within(`log.warn('late', { order: 7 }); log.error(new Error('lost'));`)}`;

const libraries = {
  'winston.cjs': `const { trace } = require('@opentelemetry/api');
    const { createLogger, format, transports } = require('winston');${winston}`,
  'winston.mjs': `import { trace } from '@opentelemetry/api';
    import { createLogger, format, transports } from 'winston';${winston}`,
};

test.concurrent.each(['winston.cjs', 'winston.mjs'] as const)(
  'I05 %s: lines keep their bytes and leave as records of their trace',
  async (main) => {
    host.write(main, libraries[main]);
    await withReceiver(async (receiver, env) => {
      const [alone, ended] = await Promise.all([host.run(main, { preloads: [] }), host.run(main, { env })]);
      expect(alone.stdout.split('\n')[0]).toBe('{"level":"warn","message":"late","order":7}');
      expect(ended).toMatchObject({ code: 0, stdout: alone.stdout, stderr: '', warnings: [] });
      const [span] = receiver.spans;
      const records = receiver.logs.filter(({ traceId }) => traceId === span?.traceId);
      expect(records.map(({ body, severityNumber }) => [body, severityNumber])).toEqual([
        ['late', 13],
        ['lost', 17],
      ]);
    });
  },
);

test.concurrent('I05 what cannot be printed simply is printed as ever, and nothing recurses while the SDK itself talks', async () => {
  host.write(
    'console.cjs',
    `const { trace } = require('@opentelemetry/api');
    const circular = { name: 'circular' };
    circular.self = circular;
    const unreadable = { get value() { throw new Error('no'); } };
    ${within(`console.log('%s and %d', 'text', 7, circular); console.warn(2n ** 64n, Symbol('s')); console.info(unreadable);`)}
    setTimeout(() => console.error('later'), 300);`,
  );
  await withReceiver(async (receiver, env) => {
    const talking = { ...env, OTEL_LOG_LEVEL: 'debug', OTEL_BSP_SCHEDULE_DELAY: '1', OTEL_BLRP_SCHEDULE_DELAY: '1' };
    const [alone, ended] = await Promise.all([
      host.run('console.cjs', { preloads: [] }),
      host.run('console.cjs', { env: talking }),
    ]);
    expect(alone.stdout).toContain('text and 7 <ref *1> { name: ');
    expect(ended).toMatchObject({ code: 0, stdout: alone.stdout, stderr: alone.stderr });
    expect(ended.warnings.length).toBeGreaterThan(2);
    const [span] = receiver.spans;
    const records = receiver.logs.filter(({ scope }) => scope.endsWith('/console'));
    expect(records.map(({ traceId }) => traceId)).toEqual([span?.traceId, span?.traceId, span?.traceId, '']);
    expect(records.at(-1)).toMatchObject({ body: 'later', severityNumber: 17 });
  });
});
