/** Where the parts of the stack are. Every configuration is a function of a place, so that one source serves each engine. */
import { join } from 'node:path';
import { type Component, defaultProfile, type PortOf, type Profile, profiles, stack } from './stack.ts';

/** `compose`, `kubernetes`: containers that know each other by name. `native`: processes on one machine. */
export interface Place {
  readonly kind: 'compose' | 'kubernetes' | 'native';
  /** The address a component binds. */
  readonly bind: string;
  /** The host name by which other components reach it. */
  host(component: Component): string;
  /** The host names of its replicas, each by itself; of one: the component's own. */
  replicas(component: Component): readonly string[];
  /** The port, as other components see it. */
  port<C extends Component>(component: C, port: PortOf<C>): number;
  /** The folder for a component's data; it outlives a restart. */
  data(component: Component): string;
  /** Its memory limit in MiB. */
  memoryMib(component: Component): number;
  /** The file that holds a secret. */
  secret(name: Secret): string;
}

/** What is made by chance at the first start, a file each; who may read it, its owner last. */
export const secrets = {
  /** By it Alertmanager is known to the escalation service. */
  'escalation-webhook-token': ['alertmanager', 'escalation'],
  /** By it `npm run incidents` and other programs are. */
  'escalation-api-token': ['escalation'],
  /** Signs the links in messages. */
  'escalation-signing-key': ['escalation'],
  /** By it the Collector is known to the run ledger. */
  'monitor-ingest-token': ['collector', 'monitor'],
} as const satisfies Record<string, readonly Component[]>;

export type Secret = keyof typeof secrets;

/** `host:port` to bind. */
export function listen<C extends Component>(place: Place, component: C, port: PortOf<C>): string {
  return `${place.bind}:${place.port(component, port)}`;
}

/** `host:port` by which others reach a port. */
export function address<C extends Component>(place: Place, component: C, port: PortOf<C>): string {
  return `${place.host(component)}:${place.port(component, port)}`;
}

/** `host:port` of each of its replicas: for those that must speak to every one. */
export function addresses<C extends Component>(place: Place, component: C, port: PortOf<C>): string[] {
  return place.replicas(component).map((host) => `${host}:${place.port(component, port)}`);
}

/** The same as a URL without a trailing slash. */
export function url<C extends Component>(place: Place, component: C, port: PortOf<C>): string {
  return `http://${address(place, component, port)}`;
}

/** The URL that answers 2xx when a component is ready. */
export function readyUrl(place: Place, component: Component): string {
  const { port, path } = stack[component].ready;
  return `${url(place, component, port as never)}${path}`;
}

/** Containers bind every address of their own network; Compose publishes on loopback only. */
export const compose: Place = {
  kind: 'compose',
  bind: '0.0.0.0',
  host: (component) => component,
  replicas: (component) => [component],
  port: (component, port) => (stack[component].ports as Record<string, number>)[port] as number,
  data: (component) => containerData[component],
  memoryMib: (component) => profiles[defaultProfile][component],
  secret: (name) => `/run/fleetscope/secrets/${name}`,
};

/** Pods of one namespace: its services have the names of the components, its pods those and a number. */
export function kubernetes(options: { profile: Profile; replicas: Readonly<Record<Component, number>> }): Place {
  return {
    ...compose,
    kind: 'kubernetes',
    replicas: (component) => {
      const count = options.replicas[component];
      return count === 1 ? [component] : Array.from({ length: count }, (_, i) => `${component}-${i}.${component}`);
    },
    memoryMib: (component) => profiles[options.profile][component],
  };
}

/** The images' own data folders, where they have one. */
const containerData: Record<Component, string> = {
  collector: '/var/lib/otelcol',
  tempo: '/var/tempo',
  loki: '/loki',
  prometheus: '/prometheus',
  alertmanager: '/alertmanager',
  escalation: '/var/lib/escalation',
  monitor: '/var/lib/monitor',
  grafana: '/var/lib/grafana',
};

/** One machine: everything on loopback, data below `home`. `portOf` answers which port a component got. */
export function native(options: { home: string; profile: Profile; portOf: (setting: string) => number }): Place {
  return {
    kind: 'native',
    bind: '127.0.0.1',
    host: () => '127.0.0.1',
    replicas: () => ['127.0.0.1'],
    port: (component, port) => options.portOf(portSetting(component, port)),
    data: (component) => join(options.home, 'data', component),
    memoryMib: (component) => profiles[options.profile][component],
    secret: (name) => join(options.home, 'secrets', name),
  };
}

/** The variable that moves a port: `FLEETSCOPE_LOKI_HTTP=3101`. */
export function portSetting(component: Component, port: string): string {
  return `FLEETSCOPE_${component}_${port}`.toUpperCase();
}

/** Every port setting with its default. */
export const portSettings: ReadonlyMap<string, { component: Component; port: string; default: number }> = new Map(
  Object.entries(stack).flatMap(([component, facts]) =>
    Object.entries(facts.ports).map(
      ([port, number]) =>
        [
          portSetting(component as Component, port),
          { component: component as Component, port, default: number },
        ] as const,
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
