import { Documents, twins } from '../../../twin.ts';
import { component, fromHosts, nowhere, setVariables, urlIn } from '../../hosts.ts';
import { ingress } from '../../ingress.ts';

const url = `https://${nowhere}`;
const hostsOf = ['spec.rules.0.host', 'spec.tls.0.hosts.0'];

/** Grafana and the escalation service, as people reach them from outside: whatever the ingress controller, with TLS. */
export default twins('yaml', {
  kustomization: component({
    resources: ['ingresses.yaml'],
    patches: [
      setVariables('grafana', { GF_SERVER_ROOT_URL: `${url}/` }),
      setVariables('escalation', { FLEETSCOPE_ESCALATION_URL: url, FLEETSCOPE_GRAFANA_URL: `${url}/` }),
    ],
    replacements: [
      fromHosts(
        'grafana',
        { kind: 'Ingress', name: 'grafana', fieldPaths: hostsOf },
        ...urlIn('grafana', 'GF_SERVER_ROOT_URL'),
        ...urlIn('escalation', 'FLEETSCOPE_GRAFANA_URL'),
      ),
      fromHosts(
        'escalation',
        { kind: 'Ingress', name: 'escalation', fieldPaths: hostsOf },
        ...urlIn('escalation', 'FLEETSCOPE_ESCALATION_URL'),
      ),
    ],
  }),
  ingresses: new Documents(
    ingress('grafana', ['/']),
    ingress('escalation', ['/incidents', '/links', '/api', '/openapi.json']),
  ),
});
