/** The components as Kubernetes runs them: the same configurations and command lines as Compose, on the same ports. */
import { alertmanagerArgs } from '../alertmanager/alertmanager.ts';
import { escalationEnv } from '../alertmanager/escalation/settings.ts';
import { dashboardList } from '../grafana/dashboard-list.ts';
import { dashboardConfigMap } from '../grafana/kustomization.ts';
import { composeDashboards } from '../grafana/providers.ts';
import { databaseFolder, databaseSecret, signedInGrafanaEnv } from '../grafana/sign-in.ts';
import { monitorEnv } from '../monitor/ingest/settings.ts';
import { memoryCommand, memoryEnv } from '../monitor/memory/schedule/settings.ts';
import { objectStoreEnv } from '../object-store.ts';
import { type Place, url } from '../place.ts';
import { rulesConfigMap } from '../prometheus/kustomization.ts';
import { kubernetesRules, prometheusArgs } from '../prometheus/prometheus.ts';
import { alertsPort, gossipPorts, type Part } from '../stack.ts';
import { hasClasses } from '../tempo/classes.ts';
import { edgeProgram } from './edge.ts';
import { lokiPrograms } from './loki.ts';
import { askedInPlain } from './probes.ts';
import type { Program } from './program.ts';
import { besidePrometheus, thanosPrograms } from './thanos.ts';
import { askedFromInside, tlsConfigs } from './tls.ts';

/** Where people's channels are kept: `FLEETSCOPE_SLACK_WEBHOOK_URL` and the like. Without it messages go to the log alone. */
const channelsSecret = 'fleetscope-channels';

const tempoObjectStore = objectStoreEnv('FLEETSCOPE_S3_TRACES_BUCKET');

function promtool(place: Place, what: 'ready' | 'healthy'): string[] {
  return ['/bin/promtool', 'check', what, `--url=${besides(place, 'prometheus')}`];
}

/** It has no question of its own for this: who is in the cluster is the least that there is to ask. */
function amtool(place: Place): string[] {
  return ['/bin/amtool', 'cluster', 'show', `--alertmanager.url=${besides(place, 'alertmanager')}`];
}

/** How a program in the same pod calls it: by a name that is in its certificate. */
function besides(place: Place, part: 'prometheus' | 'alertmanager'): string {
  return url({ ...place, host: () => 'localhost' }, part, 'http');
}

export function programs(place: Place): Partial<Record<Part, Program>> {
  const ledger = { FLEETSCOPE_MONITOR_DB: `${place.data('monitor')}/ledger.db` };
  return {
    collector: {
      args: ['--config=/etc/otelcol/collector.yaml'],
      env: { HOSTNAME: { fieldRef: { fieldPath: 'metadata.name' } }, FLEETSCOPE_CONTENT: 'drop' },
      configs: { '/etc/otelcol': 'collector' },
      ...edgeProgram(place),
      // Longer than it lets a client keep a connection (collector/collector.ts).
      drainSeconds: 95,
      // What is in flight is sent, or stays in the queue on disk.
      graceSeconds: 60,
      milliCpu: 250,
    },
    sampler: {
      args: ['--config=/etc/otelcol/sampler.yaml'],
      env: { HOSTNAME: { fieldRef: { fieldPath: 'metadata.name' } } },
      configs: { '/etc/otelcol': 'sampler' },
      // Traces that wait for their decision get it at once, and what is in flight is sent or stays in the queue on disk.
      graceSeconds: 60,
      milliCpu: 250,
    },
    tempo: {
      args: ['-config.file=/etc/tempo/tempo.yaml', ...(place.objectStore ? ['-config.expand-env=true'] : [])],
      ...(place.objectStore && { env: tempoObjectStore }),
      configs: { '/etc/tempo': hasClasses(place) ? ['tempo', 'tempo-classes'] : 'tempo' },
      ...askedInPlain(place, 'tempo'),
      scratch: ['/tmp'],
      // What is in memory is written as a block: over the network that takes longer than to a disk.
      graceSeconds: place.objectStore ? 300 : 90,
      milliCpu: 250,
    },
    ...lokiPrograms(place),
    prometheus: {
      args: ['--config.file=/etc/prometheus/prometheus.yaml', ...prometheusArgs(place)],
      ...besidePrometheus(place),
      configs: {
        ...{ '/etc/prometheus': 'prometheus', [kubernetesRules]: rulesConfigMap },
        ...tlsConfigs(place, 'web-tls', 'probe-tls'),
      },
      ...askedFromInside(place, promtool(place, 'ready'), promtool(place, 'healthy')),
      graceSeconds: 120,
      // It replays its log before it answers.
      startSeconds: 900,
      milliCpu: 250,
    },
    ...thanosPrograms(place),
    alertmanager: {
      args: ['--config.file=/etc/alertmanager/alertmanager.yaml', ...alertmanagerArgs(place)],
      ...(place.replicas('alertmanager').length > 1 && {
        env: { POD_IP: { fieldRef: { fieldPath: 'status.podIP' } } },
        ports: { gossip: gossipPorts.alertmanager },
      }),
      configs: { '/etc/alertmanager': 'alertmanager', ...tlsConfigs(place, 'web-tls', 'probe-tls', 'gossip-tls') },
      ...askedFromInside(place, amtool(place)),
      graceSeconds: 30,
      milliCpu: 50,
    },
    escalation: {
      env: {
        ...escalationEnv(place),
        FLEETSCOPE_ESCALATION_LOGS: `${place.data('escalation')}/logs/alerts`,
      },
      ...(place.tls && { ports: { alerts: alertsPort } }),
      envFrom: [{ secretRef: { name: channelsSecret, optional: true } }],
      scratch: ['/tmp'],
      graceSeconds: 30,
      milliCpu: 50,
    },
    monitor: {
      env: { ...monitorEnv(place), ...ledger },
      ...askedInPlain(place, 'monitor'),
      scratch: ['/tmp'],
      sidecars: [
        {
          ...{ part: 'memory', command: memoryCommand, env: { ...memoryEnv(place), ...ledger }, scratch: ['/tmp'] },
          milliCpu: 50,
        },
      ],
      graceSeconds: 30,
      milliCpu: 100,
    },
    grafana: {
      // One keeps a database of its own on its volume; several share one, and any is as good as another.
      ...(place.replicas('grafana').length > 1 && {
        kind: 'Deployment',
        secretFiles: { [databaseFolder]: { secret: databaseSecret, keys: ['ca.crt'], optional: true } },
      }),
      env: signedInGrafanaEnv(place),
      configs: {
        '/etc/grafana/provisioning/datasources': 'grafana-datasources',
        '/etc/grafana/provisioning/dashboards': 'grafana-providers',
        [composeDashboards]: Object.keys(dashboardList).map(dashboardConfigMap),
      },
      scratch: ['/tmp'],
      graceSeconds: 30,
      milliCpu: 100,
    },
  };
}
