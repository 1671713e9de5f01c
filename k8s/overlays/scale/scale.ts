import { twins } from '../../../twin.ts';
import { overlay } from '../../overlay.ts';
import { scale } from '../../size.ts';

/** `kubectl apply -k k8s/overlays/scale`: tiers that follow their load, where that is sound. */
export default twins('yaml', overlay(scale));
