import { twins } from '../../twin.ts';
import { fleetManifests } from '../fleet.ts';

/** `kubectl apply -k k8s/fleet` beside a size of the stack: agents at work, so that there is something to see. */
export default twins('yaml', fleetManifests());
