import { alertmanagerArgs } from './alertmanager/alertmanager.ts';
import { goMemorySetting, memorySetting } from './engine/docker.ts';
import { composeDashboards } from './grafana/providers.ts';
import { grafanaEnv } from './grafana/server.ts';
import { address, compose as place, portSetting, readyUrl } from './place.ts';
import { prometheusArgs } from './prometheus/prometheus.ts';
import { type Component, defaultProfile, goMemoryShare, profiles, stack } from './stack.ts';
import { twin } from './twin.ts';

/** The stack in containers. Published on loopback unless FLEETSCOPE_BIND says otherwise. */
function compose() {
  return {
    name: 'fleetscope',
    services: {
      // Named volumes start root-owned where an image has no such folder; these programs run as 10001.
      volumes: {
        ...shell,
        user: '0:0',
        entrypoint: ['/bin/sh', '-c', `chown 10001:10001 ${chowned.map((component) => `/mnt/${component}`).join(' ')}`],
        network_mode: 'none',
        cap_drop: ['ALL'],
        cap_add: ['CHOWN'],
        security_opt: ['no-new-privileges:true'],
        read_only: true,
        volumes: chowned.map((component) => `${component}:/mnt/${component}`),
      },
      tempo: {
        ...service('tempo'),
        command: ['-config.file=/etc/tempo.yaml'],
        healthcheck: healthcheck(['/tempo', '-health', `-health.url=${localReady('tempo')}`]),
        volumes: ['./tempo/tempo.yaml:/etc/tempo.yaml:ro', `tempo:${place.data('tempo')}`],
      },
      loki: {
        ...service('loki'),
        command: ['-config.file=/etc/loki/loki.yaml'],
        healthcheck: healthcheck(['/usr/bin/loki', '-health', `-health.url=${localReady('loki')}`]),
        volumes: ['./loki/loki.yaml:/etc/loki/loki.yaml:ro', `loki:${place.data('loki')}`],
      },
      prometheus: {
        ...service('prometheus'),
        command: ['--config.file=/etc/prometheus/prometheus.yml', ...prometheusArgs(place)],
        healthcheck: healthcheck(['wget', '-q', '-O', '/dev/null', localReady('prometheus')]),
        volumes: [
          './prometheus/prometheus.yml:/etc/prometheus/prometheus.yml:ro',
          './prometheus/rules:/etc/prometheus/rules:ro',
          `prometheus:${place.data('prometheus')}`,
        ],
      },
      alertmanager: {
        ...service('alertmanager'),
        command: ['--config.file=/etc/alertmanager/alertmanager.yml', ...alertmanagerArgs(place)],
        healthcheck: healthcheck(['wget', '-q', '-O', '/dev/null', localReady('alertmanager')]),
        volumes: [
          './alertmanager/alertmanager.yml:/etc/alertmanager/alertmanager.yml:ro',
          `alertmanager:${place.data('alertmanager')}`,
        ],
      },
      collector: {
        ...service('collector'),
        hostname: 'collector',
        command: ['--config=/etc/otelcol/collector.yaml'],
        environment: {
          ...service('collector').environment,
          // Prompts and answers are dropped, unless this is `keep`.
          FLEETSCOPE_CONTENT: variable('FLEETSCOPE_CONTENT', 'drop'),
        },
        // The last 200 ms of a queue's batch are flushed, the rest stays on disk.
        stop_grace_period: '30s',
        volumes: ['./collector/collector.yaml:/etc/otelcol/collector.yaml:ro', `collector:${place.data('collector')}`],
      },
      // The Collector's image holds nothing that could ask for its health, so this one asks from outside.
      'collector-health': {
        ...shell,
        entrypoint: ['/bin/sh', '-c', 'trap "exit 0" TERM; while :; do sleep 3600 & wait $$!; done'],
        healthcheck: healthcheck(['wget', '-q', '-O', '/dev/null', readyUrl(place, 'collector')]),
        depends_on: { collector: { condition: 'service_started' } },
        restart: 'unless-stopped',
        mem_limit: '32m',
        ...hardened,
      },
      grafana: {
        ...service('grafana'),
        environment: { ...service('grafana').environment, ...grafanaEnv(place) },
        healthcheck: healthcheck(['wget', '-q', '-O', '/dev/null', localReady('grafana')]),
        tmpfs: ['/tmp'],
        volumes: [
          './grafana/datasources.yaml:/etc/grafana/provisioning/datasources/fleetscope.yaml:ro',
          './grafana/providers.yaml:/etc/grafana/provisioning/dashboards/fleetscope.yaml:ro',
          `./grafana/dashboards:${composeDashboards}:ro`,
          `grafana:${place.data('grafana')}`,
        ],
      },
    },
    volumes: { collector: {}, tempo: {}, loki: {}, prometheus: {}, alertmanager: {}, grafana: {} },
  };
}

/** An image with a shell. It declares a volume for its data: each down and up would leave an anonymous one behind. */
const shell = { image: stack.prometheus.image, tmpfs: [place.data('prometheus')] };

const hardened = { read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] };

/** Whose volumes that service makes writable. */
const chowned: readonly Component[] = ['collector', 'tempo', 'loki'];

/** What every component has: its image, its published ports, its limits, those that it needs. */
function service(component: Component) {
  const mib = profiles[defaultProfile][component];
  return {
    image: stack[component].image,
    restart: 'unless-stopped',
    ports: stack[component].published.map((port) => publish(component, port)),
    environment: {
      GOMEMLIMIT: variable(goMemorySetting(component), `${Math.floor(mib * goMemoryShare)}MiB`),
    },
    mem_limit: variable(memorySetting(component), `${mib}m`),
    depends_on: {
      ...(chowned.includes(component) ? { volumes: { condition: 'service_completed_successfully' } } : {}),
      ...healthy(...stack[component].needs),
    },
    ...hardened,
  };
}

/** Moved by its variable on the host; inside, the port stays. */
function publish(component: Component, port: string): string {
  const number = place.port(component, port as never);
  return `${variable('FLEETSCOPE_BIND', '127.0.0.1')}:${variable(portSetting(component, port), number)}:${number}`;
}

/** Compose's own notation for a variable with a default. */
function variable(name: string, fallback: string | number): string {
  return `\${${name}:-${fallback}}`;
}

function localReady(component: Component): string {
  return readyUrl(place, component).replace(
    address(place, component, stack[component].ready.port as never),
    `127.0.0.1:${place.port(component, stack[component].ready.port as never)}`,
  );
}

/** Without `start_interval`: it would start a few seconds sooner, but Docker before 25 and Podman refuse the whole file. */
function healthcheck(command: string[]) {
  return { test: ['CMD', ...command], interval: '5s', timeout: '3s', retries: 3, start_period: '60s' };
}

function healthy(...components: Component[]) {
  return Object.fromEntries(components.map((component) => [component, { condition: 'service_healthy' }]));
}

export default twin('yml', compose());
