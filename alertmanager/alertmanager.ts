import { compose, listen, type Place } from '../place.ts';
import { twin } from '../twin.ts';

/**
 * Alerts are grouped and kept here; receivers with a destination arrive with the escalation service.
 * The doctor's test alert has severity `none` and never leaves.
 */
export function alertmanager(_place: Place) {
  return {
    route: {
      receiver: 'unrouted',
      group_by: ['alertname', 'service_name'],
      group_wait: '30s',
      group_interval: '5m',
      repeat_interval: '4h',
      routes: [{ receiver: 'doctor', matchers: ['severity="none"'] }],
    },
    receivers: [{ name: 'unrouted' }, { name: 'doctor' }],
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
