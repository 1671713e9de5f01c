import type { Facts, MoreFacts } from './facts.ts';
import own from './package.json' with { type: 'json' };

/** The Node that this repository runs and ships. */
const node = own.dependencies.node;

/** What our services have alike. */
function ours<Port extends number>(image: OwnImage, http: Port, user: number) {
  return {
    image: `fleetscope/${image}:${own.version}`,
    own: { version: own.version, base: `node:${node}-bookworm-slim` },
    ports: { http },
    ready: { port: 'http', path: '/-/ready' },
    alive: { port: 'http', path: '/-/healthy' },
    user,
  } as const;
}

/**
 * The facts: everything the stack is made of. No other file names a version, an image, a port, a retention or a size.
 * Ports are the shipped defaults; each can be moved by the variable that `portSetting` names.
 */
export const stack = {
  collector: {
    title: 'OpenTelemetry Collector',
    image: 'otel/opentelemetry-collector-contrib:0.158.0',
    native: {
      module: 'go.opentelemetry.io/collector/cmd/builder',
      pin: 'v0.158.0',
      release: '0.158.0',
      stable: 'v1.64.0',
    },
    ports: { grpc: 4317, http: 4318, metrics: 8888, health: 13133 },
    published: ['grpc', 'http', 'metrics', 'health'],
    ready: { port: 'health', path: '/' },
    alive: { port: 'health', path: '/' },
    user: 10001,
    // Not the ledger: what waits for it waits on disk, and a ledger that does not start keeps nothing else from starting.
    needs: ['tempo', 'loki', 'prometheus'],
  },
  tempo: {
    title: 'Tempo',
    image: 'grafana/tempo:3.0.3',
    native: {
      module: 'github.com/grafana/tempo',
      pin: 'v1.5.1-0.20250529124718-87c2dc380cec',
      release: '2.8.0-rc.0',
    },
    ports: { http: 3200, grpc: 9095, otlp: 14317 },
    published: ['http'],
    ready: { port: 'http', path: '/ready' },
    alive: { port: 'http', path: '/status/version' },
    user: 10001,
    needs: ['prometheus'],
  },
  loki: {
    title: 'Loki',
    image: 'grafana/loki:3.7.8',
    native: { module: 'github.com/grafana/loki/v3', pin: 'v3.7.8', release: '3.7.8' },
    ports: { http: 3100, grpc: 9096 },
    published: ['http'],
    ready: { port: 'http', path: '/ready' },
    alive: { port: 'http', path: '/loki/api/v1/status/buildinfo' },
    user: 10001,
    needs: [],
  },
  prometheus: {
    title: 'Prometheus',
    image: 'prom/prometheus:v3.15.0',
    native: { module: 'github.com/prometheus/prometheus', pin: 'v0.315.0', release: '3.15.0' },
    ports: { http: 9090 },
    published: ['http'],
    ready: { port: 'http', path: '/-/ready' },
    alive: { port: 'http', path: '/-/healthy' },
    user: 65534,
    needs: ['alertmanager'],
  },
  alertmanager: {
    title: 'Alertmanager',
    image: 'prom/alertmanager:v0.34.2',
    native: { module: 'github.com/prometheus/alertmanager', pin: 'v0.31.1', release: '0.31.1' },
    ports: { http: 9093 },
    published: ['http'],
    ready: { port: 'http', path: '/-/ready' },
    alive: { port: 'http', path: '/-/healthy' },
    user: 65534,
    needs: ['escalation'],
  },
  escalation: { title: 'Escalation service', ...ours('escalation', 9002, 10002), published: ['http'], needs: [] },
  monitor: { title: 'Run ledger', ...ours('monitor', 9003, 10003), published: ['http'], needs: [] },
  memory: {
    title: 'Memory',
    // Another program of that image: it reads the same files.
    ...ours('monitor', 9004, 10003),
    // Nothing but its probes.
    published: [],
    needs: ['monitor', 'prometheus', 'escalation'],
    // SQLite cannot be read from another pod.
    within: 'monitor',
  },
  grafana: {
    title: 'Grafana',
    image: 'grafana/grafana:13.2.3',
    ports: { http: 3003 },
    published: ['http'],
    ready: { port: 'http', path: '/api/health' },
    // Not the one above: that asks the database too, whose trouble no restart mends.
    alive: { port: 'http', path: '/healthz' },
    user: 472,
    needs: ['tempo', 'loki', 'prometheus', 'alertmanager'],
  },
} as const satisfies Record<string, Facts>;

export type Component = keyof typeof stack;
export const components = Object.keys(stack) as Component[];

/** One program in several roles. */
const thanos = {
  image: 'quay.io/thanos/thanos:v0.42.4',
  ports: { http: 10902, grpc: 10901 },
  ready: { port: 'http', path: '/-/ready' },
  alive: { port: 'http', path: '/-/healthy' },
  user: 1001,
} as const;

const { image, ports, ready, alive, user } = stack.loki;
const loki = { image, ports, ready, alive, user } as const;

/** Parts that only some places have: a size of Kubernetes, or what a team has chosen beside or instead of ours. */
const extras = {
  sampler: {
    title: 'Sampling tier',
    image: stack.collector.image,
    ports: { grpc: 4317, metrics: 8888, health: 13133 },
    ready: { port: 'health', path: '/' },
    alive: { port: 'health', path: '/' },
    user: stack.collector.user,
  },
  'loki-read': { title: 'Loki, queries', ...loki, nameless: true },
  'loki-backend': { title: 'Loki, compaction and index', ...loki },
  'thanos-sidecar': {
    title: 'Thanos, beside Prometheus',
    ...thanos,
    user: stack.prometheus.user,
    within: 'prometheus',
  },
  'thanos-query': { title: 'Thanos, queries', ...thanos, nameless: true },
  'thanos-query-frontend': {
    title: 'Thanos, cache of queries',
    ...thanos,
    ports: { http: thanos.ports.http },
    nameless: true,
  },
  'thanos-store': { title: 'Thanos, blocks in the bucket', ...thanos },
  'thanos-compact': { title: 'Thanos, resolutions and retention', ...thanos, ports: { http: thanos.ports.http } },
  'thanos-rule': { title: 'Thanos, figures of each day', ...thanos },
  'thanos-compact-daily': { title: 'Thanos, retention of those', ...thanos, ports: { http: thanos.ports.http } },
  jaeger: {
    title: 'Jaeger',
    image: 'jaegertracing/jaeger:2.19.0',
    // The newest that is a Go module: 2.13 by its other name.
    native: { module: 'github.com/jaegertracing/jaeger', pin: 'v1.76.0', release: '2.13.0' },
    // Not its own defaults: on one machine the Collector has those.
    ports: { http: 16686, otlp: 24317, health: 23133 },
    published: ['http'],
    ready: { port: 'health', path: '/status' },
    alive: { port: 'health', path: '/status' },
    user: 10001,
  },
  elasticsearch: {
    title: 'Elasticsearch',
    image: 'docker.elastic.co/elasticsearch/elasticsearch:9.5.6',
    ports: { http: 9200 },
    published: ['http'],
    ready: { port: 'http', path: '/_cluster/health' },
    alive: { port: 'http', path: '/' },
    user: 1000,
  },
} as const satisfies Record<string, Omit<Facts, 'published' | 'needs'> & MoreFacts>;

export type Extra = keyof typeof extras;

/** Stores that a team may have beside ours: `npm run up -- --with jaeger`, a profile in Compose. (P07) */
export const choices = ['elasticsearch', 'jaeger'] as const satisfies readonly Extra[];
export type Choice = (typeof choices)[number];
/** Whatever runs on one machine. */
export type Local = Component | Choice;

/** Whatever runs somewhere. */
export type Part = Component | Extra;
export const parts: Readonly<typeof stack & typeof extras> = { ...stack, ...extras };

/** The part in whose pods it runs on Kubernetes: its own, but for those that stand beside another. */
export function podOf(part: Part): Part {
  const facts = parts[part];
  return 'within' in facts ? facts.within : part;
}

export function isComponent(part: Part): part is Component {
  return part in stack;
}

export type PortOf<P extends Part> = keyof (typeof parts)[P]['ports'] & string;

/**
 * Where a cluster's Collectors take OTLP from outside it: TLS and a token, beside the plain ports, which only labelled namespaces reach.
 * A sender sees the usual ports: the Service `otlp` leads from those to these.
 */
export const edgePorts = { 'edge-grpc': 4319, 'edge-http': 4320 } as const;

/**
 * Ports on which both sides show a certificate, where a place has them (place.ts's `tls`). The others stay plain: what people, senders and
 * the kubelet reach, and the Collector's own metrics, which it can only show so.
 */
export const mutualPorts: { readonly [P in Part]?: readonly PortOf<P>[] } = {
  sampler: ['grpc'],
  tempo: ['http', 'grpc', 'otlp'],
  loki: ['http', 'grpc'],
  'loki-read': ['http', 'grpc'],
  'loki-backend': ['http', 'grpc'],
  monitor: ['http'],
  prometheus: ['http'],
  alertmanager: ['http'],
  'thanos-sidecar': ['http', 'grpc'],
  'thanos-query': ['http', 'grpc'],
  'thanos-query-frontend': ['http'],
  'thanos-store': ['http', 'grpc'],
  'thanos-compact': ['http'],
  'thanos-rule': ['http', 'grpc'],
  'thanos-compact-daily': ['http'],
};

/** There the kubelet, which has no certificate, asks those in plain whether they are well: no policy opens them to anybody else. */
export const probePorts = {
  tempo: 3201,
  ...{ loki: 3101, 'loki-read': 3101, 'loki-backend': 3101 },
  monitor: 9103,
} as const satisfies Partial<Record<Part, number>>;

/** There Alertmanager hands over alerts where parts have certificates; the other port is for people, through an ingress controller that has none. */
export const alertsPort = 9102;

/** Where those of other people are, as they come: nothing of ours, and moved with nothing. */
export const othersPorts = { elasticsearch: 9200, otlp: 4318 } as const;

/** By which the replicas of a part know each other, where it has several: open nowhere else. */
export const gossipPorts = {
  ...{ loki: 7946, 'loki-read': 7946, 'loki-backend': 7946 },
  alertmanager: 9094,
} as const satisfies Partial<Record<Part, number>>;

/** The name by which they do: in a cluster it has those too that are not ready. The parts of Loki beside the first find each other by that of the first. */
export function gossipName(part: 'loki' | 'alertmanager'): string {
  return `${part}-gossip`;
}

/** Programs of this repository: Node runs them, no Go runtime. */
export type OwnComponent = 'escalation' | 'monitor' | 'memory';
/** Those with an image of their own; the memory's is that of the ledger. */
export type OwnImage = Exclude<OwnComponent, 'memory'>;

export function isOwn(part: Part): part is OwnComponent {
  return 'own' in parts[part];
}

/** gRPC addresses (`host:port`) of `thanos-query` in other clusters, each with a name of its own: ours answers for them as well. (P06) */
export const otherClusters: readonly string[] = [];

/** How long data is kept, in days. `logs` is by the Collector's `retention.class`. (P04; local default 30 d) */
export const retentionDays = {
  metrics: 30,
  traces: 30,
  /** From their end; the audit trail stays. */
  incidents: 365,
  /** In the ledger, from their end; those of `getMonitor()` too, where the service has the file. 0: for ever. */
  runs: 365,
  logs: { debug: 7, standard: 30, error: 90, security: 365, audit: 2555 },
} as const;

/** What copies data away: restic, and our image that brings it to where containers are. */
export const backupTool = {
  title: 'restic',
  image: `fleetscope/backup:${own.version}`,
  base: `node:${node}-bookworm-slim`,
  restic: 'restic/restic:0.18.1',
  native: { module: 'github.com/restic/restic', pin: 'v0.18.1', release: '0.18.1' },
  /** In MiB. */
  memory: 512,
} as const;

/** The fleet of examples/fleet as an image, for a cluster that has no agents of its own yet. */
export const demoFleet = {
  title: 'Demo fleet',
  image: `fleetscope/fleet:${own.version}`,
  base: `node:${node}-bookworm-slim`,
  user: 10004,
  /** In MiB: the world around the fleet, the fleet, and code that it runs. */
  memory: 768,
} as const;

/**
 * How often a part is backed up, and for how many days each backup is kept: measured data as long as it is itself kept here, logs as long
 * as those of errors, what people answer for a year. (P05: 30 d, 90 d, 1 y) Queues are not: what is in them arrives, or was sent already.
 */
export const backups = {
  prometheus: { every: 'day', keepDays: 30 },
  tempo: { every: 'day', keepDays: 30 },
  loki: { every: 'day', keepDays: 90 },
  alertmanager: { every: 'day', keepDays: 30 },
  escalation: { every: 'day', keepDays: 365 },
  monitor: { every: 'day', keepDays: 365 },
  grafana: { every: 'week', keepDays: 365 },
} as const satisfies Partial<Record<Component, { every: 'day' | 'week'; keepDays: number }>>;

/** A backup that has not ended by then, its retries included, is ended: in a cluster by its Job. BackupLate waits for it. */
export const backupDeadlineSeconds = 6 * 3600;

/**
 * The same where a store of objects holds the data: metrics by resolution, traces by class, in days. Of the sampled class so many of a
 * hundred traces are kept. Logs are kept alike everywhere. (P04)
 */
export const longRetentionDays = {
  metrics: { raw: 7, fiveMinutes: 30, hour: 365, day: 1825 },
  traces: { detailed: 7, sampled: 30, error: 90 },
} as const;

export const sampledPercent = 10;

/**
 * How long the sampling tier waits for an error: so long after a trace's root has come, and at most so long after its first span. What
 * takes longer is whole in `detailed` alone.
 */
export const errorWindow = { afterRootSeconds: 20, mostSeconds: 300 } as const;

export type TraceClass = keyof typeof longRetentionDays.traces;
export type RetentionClass = keyof typeof retentionDays.logs;

/** Memory limits per component in MiB, by profile: `npm run up -- --profile laptop`. */
export const profiles = {
  laptop: {
    ...{ collector: 256, tempo: 512, loki: 512, prometheus: 512, alertmanager: 64, escalation: 256, monitor: 256 },
    ...{ memory: 256, grafana: 256 },
  },
  team: {
    ...{ collector: 1024, tempo: 2048, loki: 2048, prometheus: 4096, alertmanager: 128, escalation: 512, monitor: 512 },
    ...{ memory: 512, grafana: 512 },
  },
  prod: {
    ...{ collector: 4096, tempo: 8192, loki: 8192, prometheus: 16384, alertmanager: 256, escalation: 1024 },
    ...{ monitor: 1024, memory: 1024, grafana: 1024 },
  },
} as const satisfies Record<string, Record<Component, number>>;

export type Profile = keyof typeof profiles;

/** The same for those that a team has chosen. */
export const choiceProfiles = {
  laptop: { jaeger: 512, elasticsearch: 1536 },
  team: { jaeger: 2048, elasticsearch: 4096 },
  prod: { jaeger: 4096, elasticsearch: 16384 },
} as const satisfies Record<Profile, Record<Choice, number>>;
export const defaultProfile: Profile = 'laptop';

/** Share of a memory limit that the Go runtime may use before it collects harder (GOMEMLIMIT). */
export const goMemoryShare = 0.8;

/** Share of it that the heap of a Node process may have, or of a Java process; the rest is for its threads, its buffers and the code itself. */
export const nodeHeapShare = 0.5;

/**
 * Disk by profile, in MiB, where a part knows a bound. `queue`: each of the Collector's; a full one pushes back on the sender, but the
 * ledger's. `metrics`: Prometheus then drops its oldest block, whatever `retentionDays` says. Loki and Tempo know days alone.
 */
export const disks = {
  laptop: { queue: 1024, metrics: 8192 },
  team: { queue: 2048, metrics: 40_960 },
  prod: { queue: 8192, metrics: 163_840 },
} as const satisfies Record<Profile, { queue: number; metrics: number }>;

/** Requests that each queue of the Collector sends at a time; all of them busy for long is a backend that does not keep up. */
export const sendersPerQueue = 4;

/** The same of the ledger's queue: it has one writer. */
export const sendersToLedger = 2;

/** The same of a copy for a store beside ours: as few as do. */
export const sendersPerCopy = 2;

/** What a service sends is in its store after so many seconds at the latest. (P08) */
export const freshSeconds = 30;

/** Seconds between scrapes, rule evaluations, span-metric flushes, and the pushes of a service that sets no other time. */
export const intervalSeconds = { scrape: 15, slowScrape: 30, evaluate: 15, spanMetrics: 5, push: 60 } as const;

/** The oldest sample an outage may deliver late, in hours. Longer outages lose metrics, not logs or traces. */
export const lateSampleHours = 6;

/** Free disk that `up` asks for before it starts, in MiB. */
export const diskNeedsMib = { data: 512, build: 6144 } as const;
