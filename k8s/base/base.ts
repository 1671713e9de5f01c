import { components, podOf } from '../../stack.ts';
import { Documents, twins } from '../../twin.ts';
import { edgeService } from '../edge.ts';
import { labels, namespace, ownLabels, restricted } from '../manifest.ts';
import { denyAll } from '../network.ts';
import { account, service } from '../service.ts';

/** Those with pods of their own. */
const own = components.filter((component) => podOf(component) === component);

/** What every size has alike: the namespace and its rules, names, accounts, dashboards and alert rules. */
export default twins('yaml', {
  kustomization: {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: [
      ...['namespace.yaml', 'network.yaml', 'accounts.yaml', 'services.yaml'],
      ...['../../grafana', '../../prometheus'],
    ],
  },
  namespace: {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name: namespace,
      labels: { ...ownLabels, ...restricted },
    },
  },
  network: denyAll(),
  accounts: new Documents(...own.map((component) => account(component, labels(component)))),
  services: new Documents(...own.map((component) => service(component)), edgeService()),
});
