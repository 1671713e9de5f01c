import { twins } from '../../../twin.ts';
import { overlay } from '../../overlay.ts';
import { single } from '../../size.ts';

/** `kubectl apply -k k8s/overlays/single`: everything once, on one node. */
export default twins('yaml', overlay(single));
