import { twins } from '../../../twin.ts';
import { overlay } from '../../overlay.ts';
import { team } from '../../size.ts';

/** `kubectl apply -k k8s/overlays/team`: several nodes of which one may go, and a store of objects. */
export default twins('yaml', overlay(team));
