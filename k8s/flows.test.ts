import { expect, test } from 'vitest';
import { kubernetes, type Place } from '../place.ts';
import { alertsPort, gossipPorts, type Part, parts, podOf } from '../stack.ts';
import { configs } from './configs.ts';
import { flowsOf, outwardOf, peersOf } from './flows.ts';
import { policies } from './network.ts';
import { partsOf } from './overlay.ts';
import { type Size, sizes } from './size.ts';
import { programs } from './workloads.ts';

const bySize = sizes.map((size) => [size.name, size] as const);
const names = (Object.keys(parts) as Part[]).sort((a, b) => b.length - a.length);
/** `loki:3100`, `prometheus-0.prometheus:9090`, `escalation-alerts:9102`, and what a resolver of names is told in two fields, by the name that Prometheus asks. */
const address = new RegExp(
  `(?<![\\w-])(${names.join('|')})(?:-alerts)?(?:(?:-scrape)?"\\]?(?:,"type":"A")?,"port":"?|:)(\\d{2,5})\\b`,
  'g',
);

/** `from → to:port`, pod by pod, for every address of a part in what a pod is configured with. */
function configured(size: Size): string[] {
  const place = kubernetes(size);
  const texts = new Map<Part, string>(partsOf(size).map((part) => [part, JSON.stringify(programs(place)[part])]));
  for (const [name, config] of Object.entries(configs(place))) {
    const part = names.find((part) => name === part || name.startsWith(`${part}-`));
    // What several read says nothing of who is asked: files of certificates.
    if (!part) continue;
    const owner = podOf(part);
    texts.set(owner, `${texts.get(owner)} ${JSON.stringify(config)}`);
  }
  const found = [...texts].flatMap(([from, text]) =>
    [...text.matchAll(address)].flatMap(([, to, port]) =>
      // Itself it asks without a network; but its kind with one.
      podOf(to as Part) !== from || place.replicas(from).length > 1 ? [`${from} → ${podOf(to as Part)}:${port}`] : [],
    ),
  );
  return [...new Set(found)].sort();
}

function allowed(place: Place): string[] {
  const found = flowsOf(place).flatMap(({ from, to, ports }) =>
    ports.map((port) => {
      const ports: Record<string, number> = { ...parts[to].ports, alerts: alertsPort };
      return `${podOf(from)} → ${podOf(to)}:${ports[port]}`;
    }),
  );
  expect(new Set(found).size, 'a flow stands there twice').toBe(found.length);
  return found.sort();
}

test.each(bySize)('P03 the network policies of %s allow what is configured, and nothing else', (_, size) => {
  expect(allowed(kubernetes(size))).toEqual(configured(size));
});

test('P03 replicas find each other where there are several, and there alone', () => {
  const peers = (name: string) => {
    const size = sizes.find((one) => one.name === name) as Size;
    return peersOf(kubernetes(size)).map(({ from, to, ports }) => `${from} → ${to}: ${ports}`);
  };
  expect(peers('single')).toEqual([]);
  for (const name of ['team', 'scale']) {
    expect(peers(name)).toContain('alertmanager → alertmanager: gossip');
    expect(peers(name)).toContain('loki → loki: gossip');
  }
});

interface Rule {
  readonly from?: object[];
  readonly to?: { ipBlock?: { cidr: string; except?: string[] } }[];
  readonly ports?: { port: number; protocol: string }[];
}

test.each(bySize)('P03 %s: anybody reaches the edge of the Collector, and nothing else', (_, size) => {
  const place = kubernetes(size);
  const open = policies(place, partsOf(size)).flatMap(({ metadata, spec }) =>
    (spec as { ingress: Rule[] }).ingress
      .filter(({ from }) => from === undefined)
      .flatMap(({ ports = [] }) => ports.map(({ port }) => `${metadata.name}:${port}`)),
  );
  expect(open).toEqual(Object.values(place.edge?.ports ?? {}).map((port) => `collector:${port}`));
  expect(open).toHaveLength(2);
});

test.each(bySize)('P03 %s: who reaches the internet reaches no private address and no metadata service', (_, size) => {
  const place = kubernetes(size);
  const out = policies(place, partsOf(size)).flatMap(({ metadata, spec }) =>
    (spec as { egress: Rule[] }).egress.flatMap(({ to = [], ports = [] }) =>
      to.flatMap(({ ipBlock }) => (ipBlock && ports[0]?.port !== 53 ? [{ name: metadata.name, ipBlock, ports }] : [])),
    ),
  );
  for (const { ipBlock } of out)
    expect(ipBlock.except).toEqual([
      '10.0.0.0/8',
      '100.64.0.0/10',
      '172.16.0.0/12',
      '192.168.0.0/16',
      '169.254.0.0/16',
    ]);
  const all = programs(place);
  const expected = partsOf(size).filter((part) => outwardOf(part, all[part] ?? {}).length > 0);
  expect(out.map(({ name }) => name)).toEqual(expected);
  expect(expected.includes('tempo')).toBe(size.objectStore);
  expect(expected).not.toContain('collector');
});

test('P03 every port of a policy is one of its part', () => {
  for (const size of sizes) {
    const place = kubernetes(size);
    for (const { from, to, ports } of [...flowsOf(place), ...peersOf(place)]) {
      const known = [
        ...Object.keys(parts[to].ports),
        ...(to === 'escalation' && place.tls ? ['alerts'] : []),
        ...(to in gossipPorts || podOf(to) in gossipPorts ? ['gossip'] : []),
      ];
      for (const port of ports) expect(known, `${from} → ${to}`).toContain(port);
    }
  }
});
