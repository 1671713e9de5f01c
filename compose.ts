import { dirname } from 'node:path';
import { alertmanagerArgs } from './alertmanager/alertmanager.ts';
import { escalationEnv, passedOn } from './alertmanager/escalation/settings.ts';
import { elasticsearchCommand, elasticsearchEnv, elasticsearchHealth, heapOptions } from './choices/elasticsearch.ts';
import { elasticsearchSettings, secondSettings } from './collector/copies.ts';
import { queueSetting } from './collector/queue.ts';
import { goMemorySetting, heapSetting, memorySetting, metricsDiskSetting } from './engine/docker.ts';
import { memoryFolderSetting, memoryGroupSetting } from './engine/memory-folder.ts';
import { groupOf, owners, prepare, userOf } from './engine/prepare.ts';
import { composeDashboards } from './grafana/providers.ts';
import { grafanaEnv } from './grafana/server.ts';
import { passedOn as ledgerSettings, monitorEnv } from './monitor/ingest/settings.ts';
import { memoryCommand, memoryEnv, passedOn as memorySettings } from './monitor/memory/schedule/settings.ts';
import { address, compose as place, portSetting, readyUrl } from './place.ts';
import { diskSize, prometheusArgs } from './prometheus/prometheus.ts';
import {
  type Choice,
  type Component,
  choiceProfiles,
  choices,
  defaultProfile,
  goMemoryShare,
  isOwn,
  type Local,
  nodeHeapShare,
  type OwnComponent,
  type Part,
  parts,
  profiles,
  retentionDays,
  stack,
} from './stack.ts';
import { twin } from './twin.ts';

/** The stack in containers. Published on loopback unless FLEETSCOPE_BIND says otherwise. */
function compose() {
  return {
    name: 'fleetscope',
    services: {
      // Named volumes start root-owned where an image has no such folder. The secrets are made here, once.
      volumes: {
        ...shell,
        user: '0:0',
        entrypoint: ['/bin/sh', '-ec', literally(prepare)],
        network_mode: 'none',
        cap_drop: ['ALL'],
        cap_add: ['CHOWN'],
        security_opt: ['no-new-privileges:true'],
        read_only: true,
        volumes: [...Object.keys(owners), 'secrets'].map((volume) => `${volume}:/mnt/${volume}`),
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
        command: [
          '--config.file=/etc/prometheus/prometheus.yml',
          ...prometheusArgs(place),
          `--storage.tsdb.retention.size=${variable(metricsDiskSetting, diskSize(defaultProfile))}`,
        ],
        healthcheck: healthcheck(['wget', '-q', '-O', '/dev/null', localReady('prometheus')]),
        volumes: [
          './prometheus/prometheus.yml:/etc/prometheus/prometheus.yml:ro',
          './prometheus/rules:/etc/prometheus/rules:ro',
          // Folders `targets` and `slow` with a file for each service that only exposes /metrics.
          `${variable('FLEETSCOPE_SCRAPE', './prometheus/scrape')}:/etc/prometheus/scrape:ro`,
          `prometheus:${place.data('prometheus')}`,
        ],
      },
      alertmanager: {
        ...service('alertmanager'),
        command: ['--config.file=/etc/alertmanager/alertmanager.yml', ...alertmanagerArgs(place)],
        healthcheck: healthcheck(['wget', '-q', '-O', '/dev/null', localReady('alertmanager')]),
        volumes: [
          './alertmanager/alertmanager.yml:/etc/alertmanager/alertmanager.yml:ro',
          secretsMount,
          `alertmanager:${place.data('alertmanager')}`,
        ],
      },
      escalation: {
        ...service('escalation'),
        build: ownImage('escalation'),
        user: `${userOf.escalation}:${userOf.escalation}`,
        environment: {
          ...service('escalation').environment,
          ...escalationEnv(place),
          FLEETSCOPE_ESCALATION_URL: variable(
            'FLEETSCOPE_ESCALATION_URL',
            `http://127.0.0.1:${variable(portSetting('escalation', 'http'), place.port('escalation', 'http'))}`,
          ),
          FLEETSCOPE_ESCALATION_LOGS: `${place.data('escalation')}/logs/alerts`,
          // Without a value each is passed on where it is set: where people are, and whose policy it is.
          ...Object.fromEntries(passedOn.map((name) => [name, null])),
        },
        healthcheck: askedByNode('escalation'),
        // What is being sent has 10 s, and what is being asked 3.
        stop_grace_period: '30s',
        tmpfs: ['/tmp'],
        volumes: [secretsMount, `escalation:${place.data('escalation')}`],
      },
      monitor: {
        ...service('monitor'),
        build: ownImage('monitor'),
        user: `${userOf.monitor}:${userOf.monitor}`,
        environment: {
          ...service('monitor').environment,
          ...monitorEnv(place),
          FLEETSCOPE_MONITOR_DB: ledger,
          FLEETSCOPE_MONITOR_RETENTION_DAYS: variable('FLEETSCOPE_MONITOR_RETENTION_DAYS', retentionDays.runs),
          ...Object.fromEntries(ledgerSettings.map((name) => [name, null])),
        },
        healthcheck: askedByNode('monitor'),
        // What is being written is written to its end.
        stop_grace_period: '30s',
        tmpfs: ['/tmp'],
        volumes: [secretsMount, `monitor:${place.data('monitor')}`],
      },
      memory: {
        // That of the ledger, which is built for both.
        ...service('memory'),
        entrypoint: memoryCommand,
        user: `${userOf.memory}:${userOf.memory}`,
        // By the first it reads its secret, which the ledger may not; whoever started it writes in the same files.
        group_add: [`${groupOf.memory}`, variable(memoryGroupSetting, userOf.memory)],
        environment: {
          ...service('memory').environment,
          ...memoryEnv(place),
          FLEETSCOPE_MONITOR_DB: ledger,
          FLEETSCOPE_MEMORY_DB: variable('FLEETSCOPE_MEMORY_STORE', ''),
          ...Object.fromEntries(memorySettings.map((name) => [name, null])),
        },
        healthcheck: askedByNode('memory'),
        stop_grace_period: '30s',
        tmpfs: ['/tmp'],
        // Both databases are in the ledger's volume. What people read is in a folder of the host where one is named, as `npm run up` does.
        volumes: [
          secretsMount,
          `monitor:${place.data('monitor')}`,
          `${variable(memoryFolderSetting, 'memory')}:${place.data('memory')}`,
        ],
      },
      collector: {
        ...service('collector'),
        hostname: 'collector',
        command: [
          '--config=/etc/otelcol/collector.yaml',
          // Copies for stores beside ours: those of the profiles, an Elasticsearch and a second backend where one is named.
          `--config=/etc/otelcol/copies/${variable('COMPOSE_PROFILES', 'none')}.yaml`,
          `--config=/etc/otelcol/copies/none\${${elasticsearchSettings.url}:+-but-elasticsearch}.yaml`,
          `--config=/etc/otelcol/copies/none\${${secondSettings.endpoint}:+-but-second}.yaml`,
        ],
        environment: {
          ...service('collector').environment,
          // Prompts and answers are dropped, unless this is `keep`.
          FLEETSCOPE_CONTENT: variable('FLEETSCOPE_CONTENT', 'drop'),
          // Without a value passed on where it is set: the configuration knows the default.
          [queueSetting]: null,
          [secondSettings.endpoint]: null,
          [secondSettings.signals]: null,
          [elasticsearchSettings.url]: null,
          [elasticsearchSettings.user]: null,
        },
        // The last 200 ms of a queue's batch are flushed, the rest stays on disk.
        stop_grace_period: '30s',
        volumes: [
          './collector/collector.yaml:/etc/otelcol/collector.yaml:ro',
          './collector/copies:/etc/otelcol/copies:ro',
          `${variable(elasticsearchSettings.passwordFile, './collector/copies/none.yaml')}:/etc/otelcol/elasticsearch/password:ro`,
          `${variable(secondSettings.headersFile, './collector/copies/none.yaml')}:/etc/otelcol/second/headers.yaml:ro`,
          secretsMount,
          `collector:${place.data('collector')}`,
        ],
      },
      jaeger: {
        ...choice('jaeger'),
        environment: { GOMEMLIMIT: variable(goMemorySetting('jaeger'), `${goLimit('jaeger')}MiB`) },
        command: ['--config=/etc/jaeger/jaeger.yaml'],
        healthcheck: healthcheck([
          'wget',
          '-q',
          '-O',
          '/dev/null',
          `http://127.0.0.1:${place.port('jaeger', 'health')}${parts.jaeger.ready.path}`,
        ]),
        stop_grace_period: '30s',
        tmpfs: ['/tmp'],
        volumes: ['./choices/jaeger.yaml:/etc/jaeger/jaeger.yaml:ro', `jaeger:${place.data('jaeger')}`],
      },
      elasticsearch: {
        ...choice('elasticsearch'),
        // It writes to its own configuration: who its users are, and a key store.
        read_only: false,
        environment: {
          ...elasticsearchEnv,
          ES_JAVA_OPTS: variable(
            heapSetting('elasticsearch'),
            heapOptions(choiceProfiles[defaultProfile].elasticsearch),
          ),
        },
        command: ['/bin/bash', '-ec', literally(elasticsearchCommand)],
        healthcheck: {
          ...healthcheck(['/bin/bash', '-c', literally(elasticsearchHealth(place.port('elasticsearch', 'http')))]),
          start_period: '180s',
        },
        stop_grace_period: '60s',
        volumes: [
          './choices/elasticsearch.yaml:/usr/share/elasticsearch/config/roles.yml:ro',
          secretsMount,
          `elasticsearch:${place.data('elasticsearch')}`,
        ],
      },
      ...Object.fromEntries(choices.map((part) => [chosenBy(part), guard(part)])),
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
        // Its image gives it the group of root.
        group_add: [`${groupOf.grafana}`],
        environment: { ...service('grafana').environment, ...grafanaEnv(place) },
        healthcheck: healthcheck(['wget', '-q', '-O', '/dev/null', localReady('grafana')]),
        tmpfs: ['/tmp'],
        volumes: [
          './grafana/datasources.yaml:/etc/grafana/provisioning/datasources/fleetscope.yaml:ro',
          `./grafana/choices/${variable('COMPOSE_PROFILES', 'none')}.yaml:/etc/grafana/provisioning/datasources/choices.yaml:ro`,
          secretsMount,
          './grafana/providers.yaml:/etc/grafana/provisioning/dashboards/fleetscope.yaml:ro',
          `./grafana/dashboards:${composeDashboards}:ro`,
          `grafana:${place.data('grafana')}`,
        ],
      },
    },
    volumes: {
      ...{ collector: {}, tempo: {}, loki: {}, prometheus: {}, alertmanager: {}, escalation: {}, monitor: {} },
      ...{ memory: {}, grafana: {}, secrets: {}, jaeger: {}, elasticsearch: {} },
    },
  };
}

/** An image with a shell. It declares a volume for its data: each down and up would leave an anonymous one behind. */
const shell = { image: stack.prometheus.image, tmpfs: [place.data('prometheus')] };

const hardened = { read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] };

/** The secrets' folder, for those that read of them: each file lets in those that it is for. */
const secretsMount = `secrets:${dirname(place.secret('escalation-webhook-token'))}:ro`;

/** Another name than on the host: a path there is none in here. */
const ledger = variable('FLEETSCOPE_MONITOR_STORE', `${place.data('monitor')}/ledger.db`);

/** The services that wait until that has been done. */
const prepared: readonly Part[] = [...(Object.keys(owners) as (keyof typeof owners)[]), 'alertmanager'];

/** What every component has: its image, its published ports, its limits, those that it needs. */
function service(component: Component) {
  const mib = profiles[defaultProfile][component];
  return {
    image: stack[component].image,
    // Ours is in no registry: built where it is not there, and asked of nobody.
    ...(isOwn(component) && { pull_policy: 'never' }),
    restart: 'unless-stopped',
    ports: stack[component].published.map((port) => publish(component, port)),
    environment: isOwn(component)
      ? { NODE_OPTIONS: `--max-old-space-size=${variable(heapSetting(component), Math.floor(mib * nodeHeapShare))}` }
      : { GOMEMLIMIT: variable(goMemorySetting(component), `${Math.floor(mib * goMemoryShare)}MiB`) },
    mem_limit: variable(memorySetting(component), `${mib}m`),
    depends_on: {
      ...(prepared.includes(component) ? { volumes: { condition: 'service_completed_successfully' } } : {}),
      ...healthy(...stack[component].needs),
    },
    ...hardened,
  };
}

/** A store beside ours, where COMPOSE_PROFILES names it. */
function choice(part: Choice) {
  return {
    image: parts[part].image,
    profiles: [part],
    restart: 'unless-stopped',
    ports: parts[part].published.map((port) => publish(part, port)),
    mem_limit: variable(memorySetting(part), `${choiceProfiles[defaultProfile][part]}m`),
    depends_on: {
      volumes: { condition: 'service_completed_successfully' },
      [chosenBy(part)]: { condition: 'service_completed_successfully' },
    },
    ...hardened,
  };
}

/** Compose tells nobody what `--profile` named: Collector and Grafana would not know. So the name of a service says how to choose. */
function chosenBy(part: Choice): string {
  return `choose-${part}-by-COMPOSE_PROFILES`;
}

/** Lets a store start where the variable names it, whatever else it names. */
function guard(part: Choice) {
  const ask = [
    `case ",$COMPOSE_PROFILES," in *,${part},*) exit 0 ;; esac`,
    `echo "Cannot start ${part}: the Collector would send it nothing. Name it in COMPOSE_PROFILES, not by --profile: COMPOSE_PROFILES=${part} docker compose up." >&2`,
    'exit 1',
  ].join('\n');
  return {
    ...shell,
    profiles: [part],
    entrypoint: ['/bin/sh', '-ec', literally(ask)],
    environment: { COMPOSE_PROFILES: variable('COMPOSE_PROFILES', '') },
    network_mode: 'none',
    ...hardened,
  };
}

function goLimit(part: Choice): number {
  return Math.floor(choiceProfiles[defaultProfile][part] * goMemoryShare);
}

/** What Compose is to leave alone. */
function literally(text: string): string {
  return text.replaceAll('$', '$$$$');
}

/** A service of ours is built from this checkout. */
function ownImage(component: OwnComponent) {
  const args = { NODE_IMAGE: stack[component].own.base, COMPONENT: component, USER_ID: userOf[component] };
  return { context: '.', dockerfile: 'service/Dockerfile', args };
}

/** Moved by its variable on the host; inside, the port stays. */
function publish(component: Local, port: string): string {
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

/** Where an image has no other program that could ask. */
function askedByNode(component: OwnComponent) {
  const program = `fetch('${localReady(component)}').then(({ ok }) => process.exit(ok ? 0 : 1))`;
  return healthcheck(['node', '-e', program]);
}

function healthy(...components: Component[]) {
  return Object.fromEntries(components.map((component) => [component, { condition: 'service_healthy' }]));
}

export default twin('yml', compose());
