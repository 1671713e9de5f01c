import { twins } from '../../../twin.ts';
import { edgeServiceName } from '../../edge.ts';
import { component } from '../../hosts.ts';

/**
 * OTLP from outside, by an address of the cloud's or of MetalLB's. It passes TLS through to the Collector, which asks for the token.
 * For a node's own ports write `NodePort` in a patch of one's own.
 */
export default twins('yaml', {
  kustomization: component({
    patches: [
      {
        target: { kind: 'Service', name: edgeServiceName },
        patch: JSON.stringify([{ op: 'replace', path: '/spec/type', value: 'LoadBalancer' }]),
      },
    ],
  }),
});
