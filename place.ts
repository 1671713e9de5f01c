/** Where the parts of the stack are. Every configuration is a function of a place, so that one source serves each engine. */
import { join } from 'node:path';
import {
  alertsPort,
  type Choice,
  type Component,
  choiceProfiles,
  choices,
  defaultProfile,
  type Extra,
  edgePorts,
  type Local,
  mutualPorts,
  type Part,
  type PortOf,
  type Profile,
  parts,
  podOf,
  profiles,
  stack,
} from './stack.ts';

/** `compose`, `kubernetes`: containers that know each other by name. `native`: processes on one machine. */
export interface Place {
  readonly kind: 'compose' | 'kubernetes' | 'native';
  /** The address a part binds. */
  readonly bind: string;
  /** Whether it runs here at all. */
  has(part: Part): boolean;
  /** The host name by which other parts reach it. */
  host(part: Part): string;
  /** The host names of its replicas, each by itself; of one: the part's own. */
  replicas(part: Part): readonly string[];
  /** Its replicas come and go, or have names by chance: whoever must know each asks the name service for `host`. */
  elastic(part: Part): boolean;
  /** The port, as other parts see it. */
  port<P extends Part>(part: P, port: PortOf<P>): number;
  /** The folder for a part's data; it outlives a restart. */
  data(part: Part): string;
  /** What it may use of memory and disk (stack.ts). */
  readonly profile: Profile;
  /** Its memory limit in MiB. */
  memoryMib(part: Part): number;
  /** The file that holds a secret. */
  secret(name: Secret | ChoiceSecret): string;
  /** By which the parts know each other on the ports that stack.ts calls mutual; absent: those are plain as well. */
  readonly tls?: PartsTls;
  /** Where the Collector takes OTLP from outside as well; absent: nobody comes from there. */
  readonly edge?: Edge;
  /** Blocks and chunks are kept in S3-compatible storage, which the environment names (object-store.ts); else in `data`. */
  readonly objectStore: boolean;
}

/** Files, the same in the reach of every part: each finds its own certificate there, and the authority of them all. (P06) */
export interface Tls {
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
}

export interface PartsTls extends Tls {
  /** The folder of what programs read of it in files of their own (mutual.ts). */
  readonly configs: string;
}

/** The door for senders whom no network policy knows: they are asked for a token, and see a certificate. */
export interface Edge {
  readonly ports: Readonly<Record<keyof typeof edgePorts, number>>;
  /** Files, read again when they change. */
  readonly certificate: string;
  readonly key: string;
  /** One a line, and behind it whose it is: two are valid while one takes the place of the other. */
  readonly tokens: string;
}

/** What is made by chance at the first start, a file each; who may read it, its owner last. */
export const secrets = {
  /** By it Alertmanager is known to the escalation service. */
  'escalation-webhook-token': ['alertmanager', 'escalation'],
  /** By it `npm run incidents` and other programs are, and whoever writes down what happened. */
  'escalation-api-token': ['memory', 'escalation'],
  /** Signs the links in messages. */
  'escalation-signing-key': ['escalation'],
  /** By it the Collector is known to the run ledger. */
  'monitor-ingest-token': ['collector', 'monitor'],
} as const satisfies Record<string, readonly Part[]>;

export type Secret = keyof typeof secrets;

/** The same for an Elasticsearch that Compose starts: a password for each of its users. */
export const choiceSecrets = {
  /** Of `elastic`, who may do anything: for people. */
  'elasticsearch-password': ['elasticsearch'],
  /** Of the Collector, who adds. */
  'elasticsearch-writer-password': ['collector', 'elasticsearch'],
  /** Of Grafana, who reads. */
  'elasticsearch-reader-password': ['grafana', 'elasticsearch'],
} as const satisfies Record<string, readonly Part[]>;

export type ChoiceSecret = keyof typeof choiceSecrets;

/** Who comes to it beside people. */
export const elasticsearchUsers = { writer: 'fleetscope', reader: 'grafana' } as const;

/** `host:port` to bind. */
export function listen<P extends Part>(place: Place, part: P, port: PortOf<P>): string {
  return `${place.bind}:${place.port(part, port)}`;
}

/** `host:port` by which others reach a port. */
export function address<P extends Part>(place: Place, part: P, port: PortOf<P>): string {
  return `${place.host(part)}:${place.port(part, port)}`;
}

/** `host:port` of each of its replicas: for those that must speak to every one. */
export function addresses<P extends Part>(place: Place, part: P, port: PortOf<P>): string[] {
  return place.replicas(part).map((host) => `${host}:${place.port(part, port)}`);
}

/** The same as a URL without a trailing slash. */
export function url<P extends Part>(place: Place, part: P, port: PortOf<P>): string {
  return `${scheme(place, part, port)}://${address(place, part, port)}`;
}

export function scheme<P extends Part>(place: Place, part: P, port: PortOf<P>): 'http' | 'https' {
  return isMutual(place, part, port) ? 'https' : 'http';
}

/** Whether each side of a port shows the other a certificate. */
export function isMutual<P extends Part>(place: Place, part: P, port: PortOf<P>): boolean {
  const ports: readonly string[] = mutualPorts[part] ?? [];
  return place.tls !== undefined && ports.includes(port);
}

/** The name that a part's certificate has, whatever the address that was dialled: of what runs beside another, that one's. */
export function certificateName(part: Part): string {
  return podOf(part);
}

/** Where parts reach the escalation service: with certificates at a port of its own, for the other is people's. */
export function escalationUrl(place: Place): string {
  if (!place.tls) return url(place, 'escalation', 'http');
  // A name of its own in a cluster: the other has an address of its own, and leads to the other port (k8s/service.ts).
  const host = `${place.host('escalation')}${place.kind === 'kubernetes' ? '-alerts' : ''}`;
  return `https://${host}:${alertsPort}`;
}

/** Where Alertmanager hands over alerts. */
export function alertsUrl(place: Place): string {
  return `${escalationUrl(place)}/alerts`;
}

/** Where logs are asked for: of one Loki the same part that takes them, else one of its own. */
export function logsReader(place: Place): 'loki' | 'loki-read' {
  return place.has('loki-read') ? 'loki-read' : 'loki';
}

/** Where metrics are asked for: of one Prometheus itself, of several through what makes them one and knows the past. */
export function metricsReader(place: Place): 'prometheus' | 'thanos-query-frontend' {
  return place.has('thanos-query-frontend') ? 'thanos-query-frontend' : 'prometheus';
}

/** The URL that answers 2xx when a part is ready. */
export function readyUrl(place: Place, component: Local): string {
  const { port, path } = parts[component].ready;
  return `${url(place, component, port as never)}${path}`;
}

/** Containers bind every address of their own network; Compose publishes on loopback only. */
export const compose: Place = {
  kind: 'compose',
  bind: '0.0.0.0',
  has: (part) => part in stack,
  host: (part) => part,
  replicas: (part) => [part],
  elastic: () => false,
  port: (part, port) => (parts[part].ports as Record<string, number>)[port] as number,
  data: (part) => (part in containerData ? containerData[part as keyof typeof containerData] : `/var/lib/${part}`),
  profile: defaultProfile,
  memoryMib: (part) => limitIn(localLimits(defaultProfile), part),
  secret: (name) => `/run/fleetscope/secrets/${name}`,
  objectStore: false,
};

export interface KubernetesOptions {
  readonly profile: Profile;
  /** Of the parts that run there. */
  readonly replicas: Readonly<Record<Component, number> & Partial<Record<Extra, number>>>;
  /** Of those that no profile knows, or that need more than it says, in MiB. */
  readonly memoryMib: Readonly<Partial<Record<Part, number>>>;
  /** Of the parts that follow their load: at most so many. */
  readonly most: Readonly<Partial<Record<Part, number>>>;
  readonly objectStore: boolean;
  /** Its parts know each other by certificates, and encrypt. */
  readonly tls: boolean;
}

/** Pods of one namespace: its services have the names of the parts, its pods those and a number. */
export function kubernetes({ profile, replicas, memoryMib, most, objectStore, tls }: KubernetesOptions): Place {
  const elastic = (part: Part) => (most[part] ?? 0) > 0 || ('nameless' in parts[part] && (replicas[part] ?? 0) > 1);
  return {
    ...compose,
    kind: 'kubernetes',
    has: (part) => (replicas[part] ?? 0) > 0,
    host: podOf,
    // What stands beside another keeps what it has on that one's volume.
    data: (part) => (podOf(part) === part ? compose.data(part) : `${compose.data(podOf(part))}/${part}`),
    elastic,
    replicas: (part) => {
      const [count, pod] = [replicas[part] ?? 0, podOf(part)];
      return count === 1 || 'nameless' in parts[part]
        ? [pod]
        : Array.from({ length: count }, (_, i) => `${pod}-${i}.${pod}`);
    },
    profile,
    memoryMib: (part) => limitIn({ ...profiles[profile], ...memoryMib }, part),
    objectStore,
    ...(tls && {
      tls: {
        authority: '/run/fleetscope/tls/ca.crt',
        certificate: '/run/fleetscope/tls/tls.crt',
        key: '/run/fleetscope/tls/tls.key',
        configs: '/etc/fleetscope/tls',
      },
    }),
    edge: {
      ports: edgePorts,
      certificate: '/run/fleetscope/otlp-tls/tls.crt',
      key: '/run/fleetscope/otlp-tls/tls.key',
      tokens: '/run/fleetscope/otlp-tokens/tokens',
    },
  };
}

/** @throws RangeError */
function limitIn(limits: Partial<Record<Part, number>>, part: Part): number {
  const mib = limits[part];
  if (mib === undefined) throw new RangeError(`Cannot say how much memory ${part} has: it does not run in this place.`);
  return mib;
}

/** Of all that may run on one machine, in MiB. */
export function localLimits(profile: Profile): Record<Local, number> {
  return { ...profiles[profile], ...choiceProfiles[profile] };
}

/** The images' own data folders, where they have one. */
const containerData: Record<Component | 'elasticsearch', string> = {
  collector: '/var/lib/otelcol',
  tempo: '/var/tempo',
  loki: '/loki',
  prometheus: '/prometheus',
  alertmanager: '/alertmanager',
  escalation: '/var/lib/escalation',
  monitor: '/var/lib/monitor',
  memory: '/var/lib/memory',
  grafana: '/var/lib/grafana',
  elasticsearch: '/usr/share/elasticsearch/data',
};

/** One machine: everything on loopback, data below `home`. `portOf` answers which port a part got; `chosen`: what runs beside ours. */
export function native(options: {
  home: string;
  profile: Profile;
  portOf: (setting: string) => number;
  chosen?: readonly Choice[];
}): Place {
  const chosen: readonly Part[] = options.chosen ?? [];
  return {
    kind: 'native',
    bind: '127.0.0.1',
    has: (part) => part in stack || chosen.includes(part),
    host: () => '127.0.0.1',
    replicas: () => ['127.0.0.1'],
    elastic: () => false,
    port: (part, port) => options.portOf(portSetting(part, port)),
    // What it writes people read.
    data: (part) => join(options.home, part === 'memory' ? '.' : 'data', part),
    profile: options.profile,
    memoryMib: (part) => limitIn(localLimits(options.profile), part),
    secret: (name) => join(options.home, 'secrets', name),
    objectStore: false,
  };
}

/** The variable that moves a port: `FLEETSCOPE_LOKI_HTTP=3101`. */
export function portSetting(part: Part, port: string): string {
  return `FLEETSCOPE_${part}_${port}`.toUpperCase().replaceAll('-', '_');
}

/** Every port setting with its default. */
export const portSettings: ReadonlyMap<string, { component: Local; port: string; default: number }> = new Map(
  [...(Object.keys(stack) as Component[]), ...choices].flatMap((component) =>
    Object.entries(parts[component].ports).map(
      ([port, number]) => [portSetting(component, port), { component, port, default: number }] as const,
    ),
  ),
);

/** Reads the port settings from the environment. @throws RangeError that names a setting which is no port number. */
export function portsFrom(env: NodeJS.ProcessEnv): (setting: string) => number {
  const ports = new Map<string, number>();
  for (const [setting, { default: fallback }] of portSettings) {
    const text = env[setting];
    const number = text === undefined || text === '' ? fallback : Number(text);
    if (!Number.isInteger(number) || number < 1 || number > 65535)
      throw new RangeError(`Cannot use ${setting}="${text}": a port is a whole number from 1 to 65535.`);
    ports.set(setting, number);
  }
  return (setting) => {
    const port = ports.get(setting);
    if (port === undefined) throw new RangeError(`Cannot find the port setting "${setting}": place.ts knows none.`);
    return port;
  };
}
