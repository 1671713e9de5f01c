import getPort from 'get-port';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHost, type Host } from '../../instrumentation/src/testing/host.ts';
import { withReceiver } from '../../instrumentation/src/testing/receiver.ts';

let host: Host;
beforeAll(() => {
  host = createHost();
});
afterAll(() => host.remove());

/** A program that reads its own page for Prometheus. `made` makes what it then prints as JSON. */
function selfScraping(made: string): string {
  return `
const { metrics, trace } = require('@opentelemetry/api');
const { task } = require('@fleetscope/instrumentation');
const heldMiB = () => (gc(), process.memoryUsage().heapUsed / 2 ** 20);
const before = heldMiB();
async function series(name) {
  const page = await fetch('http://localhost:' + process.env.OTEL_EXPORTER_PROMETHEUS_PORT + '/metrics');
  return (await page.text()).split('\\n').filter((line) => line.startsWith(name));
}
setTimeout(async () => {
  console.info(JSON.stringify(await (async () => { ${made} })()));
  process.exit();
}, 200);`;
}

async function run(main: string, made: string) {
  host.write(main, selfScraping(made));
  let said: { lines: string[]; grownMiB: number } | undefined;
  const port = String(await getPort());
  await withReceiver(async (_, env) => {
    const scraped = { OTEL_METRICS_EXPORTER: 'otlp,prometheus', OTEL_EXPORTER_PROMETHEUS_PORT: port };
    const ended = await host.run(main, { flags: ['--expose-gc'], env: { ...env, ...scraped } });
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    said = JSON.parse(ended.stdout);
  });
  return said as NonNullable<typeof said>;
}

test.concurrent('T10 a metric of the host with 50 000 values of a label ends in 2000 series, one of them for the rest', async () => {
  const made = (values: number) => `
    const counter = metrics.getMeter('user').createCounter('user.requests');
    for (let at = 0; at < 50_000; at++) counter.add(1, { user: 'user-' + (at % ${values}) });
    const grownMiB = heldMiB() - before;
    return { grownMiB, lines: await series('user_requests_total') };`;
  const { lines, grownMiB } = await run('open.cjs', made(50_000));
  expect(lines).toHaveLength(2000);
  expect(lines.filter((line) => line.includes('overflow'))).toEqual([
    'user_requests_total{otel_metric_overflow="true"} 48001',
  ]);
  expect(grownMiB).toBeLessThan(10);
  const bounded = await run('closed.cjs', made(1999));
  expect(bounded.lines).toHaveLength(1999);
  expect(bounded.lines.join('\n')).not.toContain('overflow');
});

test.concurrent('T10 5000 names of agents end in 200, and in one for the rest', async () => {
  const { lines, grownMiB } = await run(
    'agents.cjs',
    `for (let at = 0; at < 5000; at++) task({ type: 'work', agent: 'agent-' + at }, () => {});
    return { grownMiB: heldMiB() - before, lines: await series('agent_tasks_started_total') };`,
  );
  expect(lines).toHaveLength(201);
  expect(lines.filter((line) => line.includes('_OTHER'))).toEqual([
    expect.stringMatching(/agent_name="_OTHER".* 4800$/),
  ]);
  expect(lines.join('\n')).not.toMatch(/task_id|overflow/);
  // Its 5000 spans wait in the queue, up to 2048.
  expect(grownMiB).toBeLessThan(40);
});

test.concurrent('T10 50 000 values of an attribute on spans are no memory that stays', async () => {
  const { grownMiB } = await run(
    'spans.cjs',
    `const tracer = trace.getTracer('test');
    for (let at = 0; at < 50_000; at++) {
      tracer.startSpan('work', { attributes: { 'user.id': 'user-' + at } }).end();
      if (at % 500 === 0) await new Promise(setImmediate);
    }
    return { grownMiB: heldMiB() - before, lines: [] };`,
  );
  expect(grownMiB).toBeLessThan(15);
});

test.concurrent('I01 huge, big, cyclic, unreadable and impossible values of attributes change nothing for the host', async () => {
  host.write(
    'values.cjs',
    `
const { logs, metrics, trace } = require('@opentelemetry/api');
const { agent, log, task, tool } = require('@fleetscope/instrumentation');
const cyclic = { name: 'cyclic' };
cyclic.self = cyclic;
const unreadable = new Proxy({}, { get() { throw new Error('unreadable'); }, ownKeys() { throw new Error('unreadable'); } });
const values = [
  'x'.repeat(1_000_000), 2n ** 64n, cyclic, [cyclic], unreadable, [1, 'mixed', null], () => {}, Symbol('s'),
  NaN, new Date(NaN), new Map([[1, 2]]), new Uint8Array(1_000_000), Object.create(null), null, undefined, '\\ud800',
];
const tracer = trace.getTracer('test');
const counter = metrics.getMeter('test').createCounter('test.count');
const logger = logs.getLogger('test');
for (const value of values) {
  const given = { attributes: { value, list: [value, value] } };
  const span = tracer.startSpan('span', given);
  span.setAttribute('late', value);
  span.addEvent('event', { value });
  span.end();
  counter.add(1, { value });
  logger.emit({ body: 'record', attributes: { value } });
  const answers = [
    agent({ name: value, id: value }, () => 1),
    task({ type: value, id: value, retries: value }, () => 2),
    tool({ name: value }, () => 3),
  ];
  log.info(value, { component: value, error: value, userId: value });
  if (answers.join() !== '1,2,3') throw new Error('another answer');
}
process.stdout.write('answered');`,
  );
  await withReceiver(async (receiver, env) => {
    const [alone, ended] = await Promise.all([
      host.run('values.cjs', { preloads: [] }),
      host.run('values.cjs', { env }),
    ]);
    expect(alone).toMatchObject({ code: 0, stdout: 'answered', stderr: '' });
    expect(ended).toMatchObject({ code: 0, stdout: 'answered', stderr: '' });
    // What can be read is recorded: all but one of 16, whose value throws, and in labels the number that JSON does not know.
    expect(receiver.spans.filter(({ name }) => name === 'span')).toHaveLength(15);
    expect(receiver.logs.filter(({ body }) => body === 'record').length).toBeGreaterThanOrEqual(15);
    expect(receiver.metrics['test.count']).toBeGreaterThanOrEqual(14);
    expect(ended.warnings).toContainEqual(expect.stringContaining('Not recorded: unreadable.'));
    // The text of a megabyte came in 20 places, and was cut in all but the message of `log.info`.
    expect(Math.max(...receiver.bytes.map(({ length }) => length))).toBeLessThan(4_000_000);
  });
});
