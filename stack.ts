import own from './package.json' with { type: 'json' };

/** The Node that this repository runs and ships. */
const node = own.dependencies.node;

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
  escalation: {
    title: 'Escalation service',
    image: `fleetscope/escalation:${own.version}`,
    own: { version: own.version, base: `node:${node}-bookworm-slim` },
    ports: { http: 9002 },
    published: ['http'],
    ready: { port: 'http', path: '/-/ready' },
    alive: { port: 'http', path: '/-/healthy' },
    user: 10002,
    needs: [],
  },
  monitor: {
    title: 'Run ledger',
    image: `fleetscope/monitor:${own.version}`,
    own: { version: own.version, base: `node:${node}-bookworm-slim` },
    ports: { http: 9003 },
    published: ['http'],
    ready: { port: 'http', path: '/-/ready' },
    alive: { port: 'http', path: '/-/healthy' },
    user: 10003,
    needs: [],
  },
  grafana: {
    title: 'Grafana',
    image: 'grafana/grafana:13.2.3',
    ports: { http: 3003 },
    published: ['http'],
    ready: { port: 'http', path: '/api/health' },
    alive: { port: 'http', path: '/api/health' },
    user: 472,
    needs: ['tempo', 'loki', 'prometheus', 'alertmanager'],
  },
} as const satisfies Record<string, Facts>;

interface Facts {
  /** The name people use. */
  title: string;
  /** Shipped container image, exact tag. */
  image: string;
  /** The Go module that a machine without a container engine builds, its exact version, and the release it is. */
  native?: { module: string; pin: string; release: string; stable?: string };
  /** Ours: a program of this repository, and the image that its own is built on. */
  own?: { version: string; base: string };
  /** Port by purpose, the same inside a container and natively. */
  ports: Record<string, number>;
  /** The ports a user reaches; the others stay between components. */
  published: readonly string[];
  /** Answers 2xx when the component can do its work. */
  ready: { port: string; path: string };
  /** Answers 2xx as long as the process is worth keeping, whatever its neighbours do. */
  alive: { port: string; path: string };
  /** The numeric user of its image. */
  user: number;
  /** Components it sends to or reads from: they are ready before it starts and stop after it. */
  needs: readonly string[];
}

export type Component = keyof typeof stack;
export const components = Object.keys(stack) as Component[];

/** Parts that only some places have: a size of Kubernetes, or what a team has chosen beside or instead of ours. */
export const extras = {
  sampler: {
    title: 'Sampling tier',
    image: stack.collector.image,
    ports: { grpc: 4317, metrics: 8888, health: 13133 },
    ready: { port: 'health', path: '/' },
    alive: { port: 'health', path: '/' },
    user: stack.collector.user,
  },
} as const satisfies Record<string, Omit<Facts, 'published' | 'needs'>>;

export type Extra = keyof typeof extras;

/** Whatever runs somewhere. */
export type Part = Component | Extra;
export const parts: { readonly [P in Component]: (typeof stack)[P] } & { readonly [P in Extra]: (typeof extras)[P] } = {
  ...stack,
  ...extras,
};

export function isComponent(part: Part): part is Component {
  return part in stack;
}

export type PortOf<P extends Part> = keyof (typeof parts)[P]['ports'] & string;

/** Programs of this repository: Node runs them, no Go runtime. */
export type OwnComponent = 'escalation' | 'monitor';

export function isOwn(part: Part): part is OwnComponent {
  return 'own' in parts[part];
}

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

/**
 * The same where a store of objects holds the data: metrics by resolution, traces by class, in days. Of the sampled class so many of a
 * hundred traces are kept. Logs are kept alike everywhere. (P04)
 */
export const longRetentionDays = {
  metrics: { raw: 7, fiveMinutes: 30, hour: 365, day: 1825 },
  traces: { detailed: 7, sampled: 30, error: 90 },
} as const;

export const sampledPercent = 10;

export type TraceClass = keyof typeof longRetentionDays.traces;
export type RetentionClass = keyof typeof retentionDays.logs;

/** Memory limits per component in MiB, by profile: `npm run up -- --profile laptop`. */
export const profiles = {
  laptop: {
    ...{ collector: 256, tempo: 512, loki: 512, prometheus: 512, alertmanager: 64, escalation: 256, monitor: 256 },
    grafana: 256,
  },
  team: {
    ...{ collector: 1024, tempo: 2048, loki: 2048, prometheus: 4096, alertmanager: 128, escalation: 512, monitor: 512 },
    grafana: 512,
  },
} as const satisfies Record<string, Record<Component, number>>;

export type Profile = keyof typeof profiles;
export const defaultProfile: Profile = 'laptop';

/** Share of a memory limit that the Go runtime may use before it collects harder (GOMEMLIMIT). */
export const goMemoryShare = 0.8;

/** Share of it that the heap of a Node process may have; the rest is for its threads, its buffers and the code itself. */
export const nodeHeapShare = 0.5;

/** Disk that each of the Collector's four queues may use, in MiB; a full queue pushes back on the sender, but the ledger's. */
export const queueMib = 1024;

/** Requests that each queue of the Collector sends at a time; all of them busy for long is a backend that does not keep up. */
export const sendersPerQueue = 4;

/** The same of the ledger's queue: it has one writer. */
export const sendersToLedger = 2;

/** What a service sends is in its store after so many seconds at the latest. (P08) */
export const freshSeconds = 30;

/** Seconds between scrapes, rule evaluations, span-metric flushes, and the pushes of a service that sets no other time. */
export const intervalSeconds = { scrape: 15, evaluate: 15, spanMetrics: 5, push: 60 } as const;

/** The oldest sample an outage may deliver late, in hours. Longer outages lose metrics, not logs or traces. */
export const lateSampleHours = 6;

/** Free disk that `up` asks for before it starts, in MiB. */
export const diskNeedsMib = { data: 512, build: 6144 } as const;
