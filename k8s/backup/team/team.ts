import { twins } from '../../../twin.ts';
import { backupManifests } from '../../backup.ts';

/** Beside the overlays `team` and `scale`: what people answer for. Metrics, logs and traces are in the store of objects there. */
export default twins('yaml', backupManifests(['escalation', 'monitor']));
