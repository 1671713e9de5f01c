/** Services that only expose /metrics, with the real Prometheus: files come, change, break and go while it runs. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { getJson, until } from '../../doctor/ask.ts';
import { processes } from '../../engine/processes.ts';
import { Supervisor } from '../../engine/supervisor.ts';
import { native, url } from '../../place.ts';
import { bend, freePorts, programs } from './stack.ts';

let stop = async () => {};
afterEach(() => stop());

/** As quick as a test wants it: every second, also for those that are slow. */
const quick = (text: string) =>
  text
    .replaceAll('refresh_interval: 1m', 'refresh_interval: 1s')
    .replaceAll(/scrape_(interval|timeout): \d+s/g, 'scrape_$1: 1s');

async function start() {
  const home = mkdtempSync(join(tmpdir(), 'fleetscope-scrape-'));
  const ports = await freePorts();
  const place = native({ home, profile: 'laptop', portOf: (setting) => ports.get(setting) as number });
  const { prometheus } = await programs();
  const all = bend(processes(place, { prometheus: prometheus as never }, home), 'prometheus', quick);
  const supervisor = new Supervisor({
    processes: all.map((one) => ({ ...one, needs: [] })),
    logs: join(home, 'logs'),
    onPhase: () => undefined,
  });
  const series = Array.from({ length: 30_000 }, (_, user) => `requests_total{user="${user}"} 1`).join('\n');
  const service = createServer(({ url }, response) =>
    response.end(url === '/too-many' ? `${series}\n` : 'orders_open{service_name="its own"} 7\n'),
  );
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  stop = async () => {
    await supervisor.stop();
    service.closeAllConnections();
    service.close();
    rmSync(home, { recursive: true, force: true });
  };
  await supervisor.start();
  const query = async (text: string) => {
    const path = `${url(place, 'prometheus', 'http')}/api/v1/query?${new URLSearchParams({ query: text })}`;
    const { data } = (await getJson(path)) as {
      data: { result: { metric: Record<string, string>; value: [number, string] }[] };
    };
    return data.result.map(({ metric, value }) => ({ ...metric, value: Number(value[1]) }) as Record<string, unknown>);
  };
  const when = (text: string, holds: (found: Record<string, unknown>[]) => boolean) =>
    until(async () => holds(await query(text)), { timeoutMs: 30_000, everyMs: 200 });
  return {
    drop: (path: string, text: string) => writeFileSync(join(home, 'scrape', path), text),
    remove: (path: string) => rmSync(join(home, 'scrape', path)),
    at: `127.0.0.1:${(service.address() as AddressInfo).port}`,
    query,
    when,
  };
}

const found = { found: true };
const some = (all: unknown[]) => all.length > 0;
const none = (all: unknown[]) => all.length === 0;

test('P11 a service is scraped when its file is dropped, and no longer when it is removed', {
  timeout: 120_000,
}, async () => {
  const { drop, remove, at, query, when } = await start();
  expect(await query('up{job=~"services.*"}')).toEqual([]);
  drop('targets/orders.yml', `- targets: ['${at}']\n  labels: { deployment_environment_name: production }\n`);
  drop('slow/github.json', JSON.stringify([{ targets: [at], labels: { service_name: 'github-exporter' } }]));
  expect(await when('orders_open{job="services"}', some)).toEqual(found);
  expect(await when('orders_open{job="services-slow"}', some)).toEqual(found);
  const [orders] = await query('orders_open{job="services"}');
  expect(orders).toMatchObject({
    service_name: 'orders',
    deployment_environment_name: 'production',
    instance: at,
    // What the service says of itself stands aside.
    exported_service_name: 'its own',
    value: 7,
  });
  expect((await query('orders_open{job="services-slow"}'))[0]).toMatchObject({ service_name: 'github-exporter' });
  remove('targets/orders.yml');
  expect(await when('up{job="services"}', none)).toEqual(found);
  expect(await query('up{job="services-slow"}')).toHaveLength(1);
});

test('P11 a broken file is counted and hurts no other, and a service with too many series loses its own', {
  timeout: 120_000,
}, async () => {
  const { drop, at, query, when } = await start();
  const errors = 'prometheus_sd_file_read_errors_total > 0';
  drop('targets/orders.yml', `- targets: ['${at}']\n`);
  expect(await when('up{service_name="orders"} == 1', some)).toEqual(found);
  expect(await query(errors)).toEqual([]);
  drop('targets/broken.yml', '- targets: [\n');
  drop('targets/greedy.yml', `- targets: ['${at}']\n  labels: { __metrics_path__: /too-many }\n`);
  expect(await when('up{service_name="greedy"} == 0', some)).toEqual(found);
  expect(await query('{__name__="requests_total"}')).toEqual([]);
  drop('targets/later.yml', `- targets: ['${at}']\n`);
  expect(await when('up{service_name="later"} == 1', some)).toEqual(found);
  expect(await when('up{service_name="orders"} == 1', some)).toEqual(found);
});

test('P11 a file that cannot be read is seen in a metric of Prometheus', { timeout: 120_000 }, async () => {
  const { drop, when } = await start();
  drop('targets/broken.yml', '- targets: [\n');
  // Prometheus has scraped itself by then, and goes on counting as long as the file is broken.
  expect(await when('increase(prometheus_sd_file_read_errors_total[20s]) > 1', some)).toEqual(found);
});
