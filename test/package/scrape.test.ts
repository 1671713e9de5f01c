import { networkInterfaces } from 'node:os';
import getPort from 'get-port';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHost, type Host } from '../../instrumentation/src/testing/host.ts';

let host: Host;
beforeAll(() => {
  host = createHost();
});
afterAll(() => host.remove());

const pullOnly = { OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'prometheus', OTEL_LOGS_EXPORTER: 'none' };

/** Runs a program that asks for its own page at each of the hosts; answers what it got, or the code of the error. */
async function scrape(main: string, measure: string, hosts: string[], env: Record<string, string> = {}) {
  host.write(
    main,
    `const { metrics } = require('@opentelemetry/api');
    const meter = metrics.getMeter('test');
    ${measure}
    const ask = (host) => fetch('http://' + host + ':' + process.env.OTEL_EXPORTER_PROMETHEUS_PORT + '/metrics')
      .then((page) => page.text(), (error) => error.cause.code);
    setTimeout(async () => {
      process.stdout.write(JSON.stringify(await Promise.all(${JSON.stringify(hosts)}.map(ask))));
      process.exit();
    }, 300);`,
  );
  const port = String(await getPort());
  const ended = await host.run(main, { env: { ...pullOnly, OTEL_EXPORTER_PROMETHEUS_PORT: port, ...env } });
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  return { pages: JSON.parse(ended.stdout) as string[], warnings: ended.warnings };
}

test.concurrent('I03 a callback of the host that throws, and one that never answers, take nothing else off the page', async () => {
  const { pages } = await scrape(
    'callbacks.cjs',
    `meter.createCounter('sold').add(7);
    meter.createObservableGauge('throwing').addCallback(() => { throw new Error('no reading'); });
    meter.createObservableGauge('hanging').addCallback(() => new Promise(() => {}));
    meter.createObservableGauge('reading').addCallback((result) => result.observe(3));`,
    ['localhost'],
  );
  expect(pages[0]).toMatch(/^sold_total 7$/m);
  expect(pages[0]).toMatch(/^reading 3$/m);
  expect(pages[0]).not.toMatch(/^(throwing|hanging)\b/m);
});

test.concurrent('I03 the page is for this machine, and for others when asked: 0.0.0.0', async () => {
  const outside = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
  // A machine without any network still has all of 127.0.0.0/8, of which localhost is one address.
  const other = outside ?? '127.0.0.2';
  const local = await scrape('local.cjs', '', ['localhost', other]);
  expect(local.pages[0]).toContain('target_info');
  expect(local.pages[1]).toBe('ECONNREFUSED');
  const open = await scrape('open.cjs', '', ['127.0.0.1', other], { OTEL_EXPORTER_PROMETHEUS_HOST: '0.0.0.0' });
  expect(open.pages.map((page) => page.includes('target_info'))).toEqual([true, true]);
});
