import { expect, test } from 'vitest';
import { kubernetes } from '../place.ts';
import { prometheus } from '../prometheus/prometheus.ts';
import { Documents } from '../twin.ts';
import type { Manifest } from './manifest.ts';
import { overlay } from './overlay.ts';
import { type Size, scale, single, team } from './size.ts';

/** The names that Prometheus asks for addresses. */
function asked(size: Size): string[] {
  const jobs = prometheus(kubernetes(size)).scrape_configs;
  return jobs
    .flatMap((job) => ('dns_sd_configs' in job ? job.dns_sd_configs.flatMap(({ names }) => names) : []))
    .sort();
}

function services(size: Size): Manifest[] {
  const all = Object.values(overlay(size)).flatMap((one) => (one instanceof Documents ? (one.all as Manifest[]) : []));
  return all.filter(({ kind, metadata }) => kind === 'Service' && metadata.name.endsWith('-scrape'));
}

test('A19 a pod that does not answer keeps the address by which Prometheus sees that', () => {
  const queries = ['thanos-query-frontend-scrape', 'thanos-query-scrape'];
  expect(asked(team)).toEqual(queries);
  expect(asked(scale)).toEqual(['collector-scrape', 'loki-read-scrape', ...queries]);
  for (const size of [team, scale]) {
    expect(
      services(size)
        .map(({ metadata }) => metadata.name)
        .sort(),
    ).toEqual(asked(size));
    for (const { spec } of services(size))
      expect(spec).toMatchObject({ clusterIP: 'None', publishNotReadyAddresses: true });
  }
});

test('A19 where every pod has a name of its own nobody asks for addresses', () => {
  expect(asked(single)).toEqual([]);
  expect(services(single)).toEqual([]);
});
