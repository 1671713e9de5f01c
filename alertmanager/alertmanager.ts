import { tlsArgument, tlsConfig } from '../mutual.ts';
import { alertsUrl, compose, listen, type Place } from '../place.ts';
import { gossipName, gossipPorts } from '../stack.ts';
import { twin } from '../twin.ts';
import { businessHours, quietHours, weekends } from './hours.ts';
import { inhibitRules } from './inhibition.ts';
import { receivers, routes, unrouted } from './routes.ts';

/** Alerts in one message, at some 2.5 KiB each: more would be larger than the service takes. What is left out is counted. */
const mostAlerts = 200;

/**
 * Alerts are grouped, hidden behind those that say more, and given to a receiver by team and severity (routes.ts). Every receiver
 * is the escalation service, which knows people: a message that it has not taken is sent again, for as long as the alert lasts.
 */
export function alertmanager(place: Place) {
  return {
    route: {
      receiver: unrouted,
      // One incident is one message: ten agents that fall silent together are told once, with all ten.
      group_by: ['alertname', 'service_name', 'deployment_environment_name'],
      group_wait: '30s',
      group_interval: '5m',
      repeat_interval: '4h',
      routes,
    },
    inhibit_rules: inhibitRules,
    receivers: receivers.map((name) => ({
      name,
      webhook_configs: [
        {
          url: alertsUrl(place),
          send_resolved: true,
          http_config: {
            authorization: { credentials_file: place.secret('escalation-webhook-token') },
            ...tlsConfig(place, 'escalation'),
            follow_redirects: false,
          },
          max_alerts: mostAlerts,
          timeout: '10s',
        },
      ],
    })),
    time_intervals: [quietHours, weekends, businessHours],
  };
}

/** Command line beside `--config.file`. */
export function alertmanagerArgs(place: Place): string[] {
  return [
    `--storage.path=${place.data('alertmanager')}`,
    `--web.listen-address=${listen(place, 'alertmanager', 'http')}`,
    ...tlsArgument('--web.config.file', place, 'web-tls'),
    ...gossip(place),
  ];
}

/**
 * Several tell each other what they have told and what is silenced: an alert that all of them have is told once, and by another if the
 * first is gone. Cut off from each other each tells it: rather twice than never. One instance has no gossip port.
 */
function gossip(place: Place): string[] {
  const replicas = place.replicas('alertmanager');
  if (replicas.length === 1) return ['--cluster.listen-address='];
  const port = gossipPorts.alertmanager;
  // A name of its own, which has those too that are not ready: they find each other while they start.
  const peers = place.kind === 'kubernetes' ? [gossipName('alertmanager')] : replicas;
  return [
    `--cluster.listen-address=${place.bind}:${port}`,
    // Some clusters give their pods public addresses: it would refuse to pick one by itself.
    ...(place.kind === 'kubernetes' ? [`--cluster.advertise-address=$(POD_IP):${port}`] : []),
    ...peers.map((host) => `--cluster.peer=${host}:${port}`),
    // Others in the cluster gossip too, perhaps at an address that was one of ours.
    '--cluster.label=fleetscope',
    // With it they speak TCP alone.
    ...tlsArgument('--cluster.tls-config', place, 'gossip-tls'),
  ];
}

export default twin('yml', alertmanager(compose));
