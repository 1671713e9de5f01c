/** Every port there is, moved at once and each to a number of its own: two that have changed places are seen too. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { alertsPort, edgePorts, gossipPorts, type Part, parts, probePorts } from '../stack.ts';
import { type EditedCopy, editedCopy } from './edited-copy.ts';

const ports = [
  ...Object.values(parts).flatMap((part) => Object.values<number>(part.ports)),
  ...[edgePorts, probePorts, gossipPorts].flatMap((all) => Object.values<number>(all)),
  alertsPort,
];
/** One of them, where it is no part of another number, of a version or of a name. */
const port = new RegExp(`(?<![\\w.])(${[...new Set(ports)].join('|')})(?!\\w|\\.\\d)`, 'g');
const kinds = ['yml', 'yaml', 'json', 'md', 'Dockerfile'];
/** What is no port, but reads like one: path → what stands there. */
const others: Record<string, string> = {
  // How many of something there are in three days.
  'prometheus/proofs/slo-budget.yml': 'value: 4320',
  // Of a server that is somebody else's: it moves with none of ours.
  'k8s/components/elasticsearch/network.yaml': 'port: 9200',
  'k8s/components/second-backend/network.yaml': 'port: 4318',
};
const isOthers = (line: string) => line.startsWith('export const othersPorts');

interface Asked {
  parts: Record<Part, { ports: Record<string, number>; published?: string[] }>;
  /** Of those that stand in stack.ts beside the parts. */
  more: number[];
  native: string;
}

let copy: EditedCopy;
let before: Map<string, string>;
let after: Map<string, string>;
let asked: Asked;
const moved: { old: string; now: string }[] = [];

beforeAll(async () => {
  copy = editedCopy();
  before = copy.texts(...kinds);
  copy.edit('stack.ts', (facts) =>
    facts.replace(/.+/g, (line) => (isOthers(line) ? line : line.replace(port, mover()))),
  );
  await copy.generate();
  after = copy.texts(...kinds);
  asked = (await copy.ask(whatIs)) as Asked;
});
afterAll(() => copy?.remove());

/** Moves what it is given; what stands on one line with one number is one port of several parts. */
function mover(): (old: string) => string {
  const here = new Map<string, string>();
  return (old) => {
    // No other number of what is generated.
    const now = here.get(old) ?? `${51_007 + 11 * moved.length}`;
    if (!here.has(old)) moved.push({ old, now });
    here.set(old, now);
    return now;
  };
}

const generated = () => [...before].filter(([path, text]) => isGenerated(path, text)).map(([path]) => path);

/** What people write has the numbers of the day; a dashboard is generated, and does not say so. */
function isGenerated(path: string, text: string): boolean {
  return !path.endsWith('.md') || /Generated from \S+ by /.test(text.split('\n', 1)[0] as string);
}

function portsIn(text: string, path = ''): string[] {
  const other = others[path];
  return (other ? text.replaceAll(other, '') : text).match(port) ?? [];
}

test('P03 every port is moved: those of each part, and those beside', () => {
  expect([...new Set(moved.map(({ old }) => Number(old)))].sort()).toEqual([...new Set(ports)].sort());
  const now = [...Object.values(asked.parts).flatMap((part) => Object.values(part.ports)), ...asked.more];
  expect([...new Set(now)].sort()).toEqual(moved.map(({ now }) => Number(now)).sort());
});

test('P03 no old number is left in anything that is generated, nor in what up renders', () => {
  const left = generated().flatMap((path) => portsIn(after.get(path) as string, path).map((old) => `${path}: ${old}`));
  expect(left).toEqual([]);
  expect(portsIn(asked.native)).toEqual([]);
  // They were there, and what is let through is.
  expect(generated().filter((path) => portsIn(before.get(path) as string, path).length > 0).length).toBeGreaterThan(
    100,
  );
  for (const [path, other] of Object.entries(others)) expect(after.get(path)).toContain(other);
});

test('P03 nothing but the ports has changed, and each is where the old one was', () => {
  const old = new Map(moved.map(({ old, now }) => [now, old]));
  const news = new RegExp(`(?<!\\d)(${[...old.keys()].join('|')})(?!\\d)`, 'g');
  const back = (text: string) => text.replace(news, (now) => old.get(now) as string);
  expect([...after].filter(([path, text]) => back(text) !== before.get(path)).map(([path]) => path)).toEqual([]);
});

describe('each reaches', () => {
  const all = () => Object.entries(asked.parts) as [Part, Asked['parts'][Part]][];
  const told = (part: string, name: string, number: number, text: string) =>
    text.includes(`${number}`) ? [] : [`${part} ${name} ${number}`];
  const textOf = (wanted: (path: string) => boolean) =>
    generated()
      .filter(wanted)
      .map((path) => after.get(path))
      .join('\n');

  test('P03 Kubernetes', () => {
    const k8s = textOf((path) => path.startsWith('k8s/'));
    // There Elasticsearch is somebody else's.
    const there = all().filter(([part]) => part !== 'elasticsearch');
    expect(
      there.flatMap(([part, { ports }]) => Object.entries(ports).flatMap((one) => told(part, ...one, k8s))),
    ).toEqual([]);
    expect(k8s).not.toContain(`port: ${asked.parts.elasticsearch.ports.http}`);
    expect(asked.more.flatMap((number) => told('beside', '', number, k8s))).toEqual([]);
  });

  test('P03 Compose: what may run there; what it publishes stands in compose.yml', () => {
    const local = all().filter(([, { published }]) => published);
    expect(local.length).toBeGreaterThan(9);
    const mounted = textOf((path) => !path.startsWith('k8s/') && /\.ya?ml$/.test(path));
    // Tempo and Loki speak to themselves by gRPC; their own files say where.
    expect(
      local.flatMap(([part, { ports }]) => Object.entries(ports).flatMap((one) => told(part, ...one, mounted))),
    ).toEqual([]);
    const compose = after.get('compose.yml') as string;
    expect(
      local.flatMap(([part, { ports, published = [] }]) =>
        published.flatMap((name) => told(part, name, ports[name] as number, compose)),
      ),
    ).toEqual([]);
  });

  test('P03 native: what up starts without a container engine', () => {
    const local = all().filter(([part, { published }]) => published && part !== 'elasticsearch');
    expect(
      local.flatMap(([part, { ports }]) => Object.entries(ports).flatMap((one) => told(part, ...one, asked.native))),
    ).toEqual([]);
  });
});

/** The facts of the copy, and all that `npm run up` would write and start with every part that it may have. */
const whatIs = `
import { processes } from './engine/processes.ts';
import { targetsOf } from './doctor/targets.ts';
import { native, portsFrom } from './place.ts';
import * as facts from './stack.ts';
const { parts, edgePorts, probePorts, gossipPorts, alertsPort } = facts;
const place = native({ home: '/tmp', profile: 'laptop', portOf: portsFrom({}), chosen: ['jaeger'] });
const version = (part) => parts[part].native?.release ?? '0.0.0';
const programs = Object.fromEntries([...facts.components, 'jaeger'].map((part) => [part, { program: part, version: version(part), from: 'cache' }]));
const more = [edgePorts, probePorts, gossipPorts].flatMap((all) => Object.values(all));
const native_ = JSON.stringify([processes(place, programs, '/tmp'), targetsOf(place)]);
console.log(JSON.stringify({ parts, more: [...new Set([...more, alertsPort])], native: native_ }));
`;
