import { load } from 'js-yaml';
import { expect, test } from 'vitest';
import { kubernetes } from '../place.ts';
import { prometheus } from '../prometheus/prometheus.ts';
import { mutualPorts, type Part, parts } from '../stack.ts';
import { Documents } from '../twin.ts';
import type { Manifest } from './manifest.ts';
import { overlay } from './overlay.ts';
import { service } from './service.ts';
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

interface Port {
  readonly port: number;
  readonly appProtocol?: string;
}

/** By part and number: those of the base, and what the size says differently of them. */
function protocols(size: Size): Map<string, string> {
  const made = overlay(size);
  const { patches = [] } = made.kustomization as { patches?: { patch: string }[] };
  const base = (Object.keys(parts) as Part[]).map((part) => service(part));
  const all = Object.values(made).flatMap((one) => (one instanceof Documents ? (one.all as Manifest[]) : []));
  const said = [...base, ...all, ...patches.map(({ patch }) => load(patch) as Manifest)];
  return new Map(
    said
      .filter(({ kind }) => kind === 'Service')
      .flatMap(({ metadata, spec }) =>
        (spec as { ports: Port[] }).ports.map(({ port, appProtocol = '' }) => [
          `${metadata.name.replace(/-scrape$/, '')}:${port}`,
          appProtocol,
        ]),
      ),
  );
}

test.each([team, scale])('P06 $name: ports that ask for a certificate are called so, and no others', (size) => {
  const found = protocols(size);
  const place = kubernetes(size);
  const present = (Object.keys(parts) as Part[]).filter((part) => place.has(part) && !('within' in parts[part]));
  for (const part of present)
    for (const [name, port] of Object.entries(parts[part].ports)) {
      const isMutual = (mutualPorts[part] as readonly string[] | undefined)?.includes(name) ?? false;
      expect(found.get(`${part}:${port}`) === 'https', `${part} ${name}`).toBe(isMutual);
    }
  expect(found.get('loki:9096')).toBe('https');
  expect(found.get('collector:4317')).toBe('kubernetes.io/h2c');
});

test('P06 one node calls nothing so', () => {
  expect([...protocols(single).values()]).not.toContain('https');
  expect(protocols(single).get('tempo:14317')).toBe('kubernetes.io/h2c');
});
