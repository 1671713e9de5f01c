import { compose, listen, type Place } from '../place.ts';
import { twin } from '../twin.ts';
import { businessHours, quietHours, weekends } from './hours.ts';
import { inhibitRules } from './inhibition.ts';
import { receivers, routes, unrouted } from './routes.ts';

/**
 * Alerts are grouped, hidden behind those that say more, and given to a receiver by team and severity (routes.ts). Until the
 * escalation service is there, a receiver is a name without a destination: what it would get is seen at /api/v2/alerts/groups.
 */
export function alertmanager(_place: Place) {
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
    receivers: receivers.map((name) => ({ name })),
    time_intervals: [quietHours, weekends, businessHours],
  };
}

/** Command line beside `--config.file`. One instance: no gossip port. */
export function alertmanagerArgs(place: Place): string[] {
  return [
    `--storage.path=${place.data('alertmanager')}`,
    `--web.listen-address=${listen(place, 'alertmanager', 'http')}`,
    '--cluster.listen-address=',
  ];
}

export default twin('yml', alertmanager(compose));
