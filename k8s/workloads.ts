/** The components as Kubernetes runs them: the same configurations and command lines as Compose, on the same ports. */
import { alertmanagerArgs } from '../alertmanager/alertmanager.ts';
import { escalationEnv } from '../alertmanager/escalation/settings.ts';
import { dashboardList } from '../grafana/dashboard-list.ts';
import { dashboardConfigMap } from '../grafana/kustomization.ts';
import { composeDashboards } from '../grafana/providers.ts';
import { grafanaEnv } from '../grafana/server.ts';
import { monitorEnv } from '../monitor/ingest/settings.ts';
import type { Place } from '../place.ts';
import { rulesConfigMap } from '../prometheus/kustomization.ts';
import { kubernetesRules, prometheusArgs } from '../prometheus/prometheus.ts';
import type { Part } from '../stack.ts';
import type { Program } from './program.ts';

/** Where people's channels are kept: `FLEETSCOPE_SLACK_WEBHOOK_URL` and the like. Without it messages go to the log alone. */
const channelsSecret = 'fleetscope-channels';

export function programs(place: Place): Partial<Record<Part, Program>> {
  return {
    collector: {
      args: ['--config=/etc/otelcol/collector.yaml'],
      env: { HOSTNAME: { fieldRef: { fieldPath: 'metadata.name' } }, FLEETSCOPE_CONTENT: 'drop' },
      configs: { '/etc/otelcol': 'collector' },
      // What is in flight is sent, or stays in the queue on disk.
      graceSeconds: 60,
      milliCpu: 250,
    },
    tempo: {
      args: ['-config.file=/etc/tempo/tempo.yaml'],
      configs: { '/etc/tempo': 'tempo' },
      scratch: ['/tmp'],
      // What is in memory is written as a block.
      graceSeconds: 90,
      milliCpu: 250,
    },
    loki: {
      args: ['-config.file=/etc/loki/loki.yaml'],
      configs: { '/etc/loki': 'loki' },
      scratch: ['/tmp'],
      graceSeconds: 120,
      startSeconds: 900,
      milliCpu: 250,
    },
    prometheus: {
      args: ['--config.file=/etc/prometheus/prometheus.yaml', ...prometheusArgs(place)],
      configs: { '/etc/prometheus': 'prometheus', [kubernetesRules]: rulesConfigMap },
      graceSeconds: 120,
      // It replays its log before it answers.
      startSeconds: 900,
      milliCpu: 250,
    },
    alertmanager: {
      args: ['--config.file=/etc/alertmanager/alertmanager.yaml', ...alertmanagerArgs(place)],
      configs: { '/etc/alertmanager': 'alertmanager' },
      graceSeconds: 30,
      milliCpu: 50,
    },
    escalation: {
      env: {
        ...escalationEnv(place),
        FLEETSCOPE_ESCALATION_LOGS: `${place.data('escalation')}/logs/alerts`,
      },
      envFrom: [{ configMapRef: { name: 'escalation' } }, { secretRef: { name: channelsSecret, optional: true } }],
      scratch: ['/tmp'],
      graceSeconds: 30,
      milliCpu: 50,
    },
    monitor: {
      env: { ...monitorEnv(place), FLEETSCOPE_MONITOR_DB: `${place.data('monitor')}/ledger.db` },
      scratch: ['/tmp'],
      graceSeconds: 30,
      milliCpu: 100,
    },
    grafana: {
      env: grafanaEnv(place),
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
