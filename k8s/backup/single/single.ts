import { twins } from '../../../twin.ts';
import { backupManifests } from '../../backup.ts';

/** `kubectl apply -k k8s/backup/single` beside the overlay of that name: every part that keeps something. */
export default twins(
  'yaml',
  backupManifests(['prometheus', 'tempo', 'loki', 'alertmanager', 'escalation', 'monitor', 'grafana']),
);
