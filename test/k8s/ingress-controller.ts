/** What serves Ingresses in a cluster: Traefik, as people install it, with rights of its own; and who gives Services of type LoadBalancer an address. */
import { ingressLabel } from '../../k8s/flows.ts';
import { Documents, twin, yaml } from '../../twin.ts';
import type { Cluster } from './cluster.ts';
import { importImage } from './image-archive.ts';
import type { Node } from './node.ts';
import { needTraefik } from './traefik.ts';

export const ingressNamespace = 'edge';

const name = 'traefik';
const image = `fleetscope.test/${name}:1`;
const ports = { https: 8443, ping: 8080 };
const user = 65_532;

/** @returns when it is ready, at the address of the node. */
export async function provideIngress(cluster: Cluster): Promise<void> {
  const program = await needTraefik((line) => process.stderr.write(`${line}\n`));
  await importImage(cluster, image, [{ path: `/${name}`, program }], { entrypoint: [`/${name}`], user: `${user}` });
  const [text = ''] = Object.values(twin('yaml', manifests(cluster.node)).render('test/k8s/ingress-controller.ts'));
  await cluster.kubectl(['apply', '--filename', '-'], text);
  await giveAddress(cluster, ingressNamespace, name);
  const rollout = ['rollout', 'status', `deployment/${name}`, '--timeout=120s'];
  await cluster.kubectl(['--namespace', ingressNamespace, ...rollout]);
}

/** What a cloud does, or MetalLB: here it is the node's address for all of them. */
export async function giveAddress(
  { kubectl, node }: Pick<Cluster, 'kubectl' | 'node'>,
  namespace: string,
  service: string,
): Promise<void> {
  const patch = JSON.stringify({ status: { loadBalancer: { ingress: [{ ip: node.address }] } } });
  const args = ['patch', 'service', service, '--subresource=status', '--type=merge', '--patch', patch];
  await kubectl(['--namespace', namespace, ...args]);
}

function manifests(node: Node): Documents {
  const metadata = { name, namespace: ingressNamespace, labels: { 'app.kubernetes.io/name': name } };
  const api = 'rbac.authorization.k8s.io';
  const look = ['get', 'list', 'watch'];
  return new Documents(
    {
      ...{ apiVersion: 'v1', kind: 'Namespace' },
      metadata: {
        name: ingressNamespace,
        labels: { ...ingressLabel, 'pod-security.kubernetes.io/enforce': 'restricted' },
      },
    },
    { ...{ apiVersion: 'v1', kind: 'ServiceAccount', metadata } },
    {
      ...{ apiVersion: `${api}/v1`, kind: 'ClusterRole', metadata: { name } },
      rules: [
        { apiGroups: [''], resources: ['services', 'secrets', 'nodes'], verbs: look },
        { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: look },
        { apiGroups: ['networking.k8s.io'], resources: ['ingresses', 'ingressclasses'], verbs: look },
        { apiGroups: ['networking.k8s.io'], resources: ['ingresses/status'], verbs: ['update'] },
      ],
    },
    {
      ...{ apiVersion: `${api}/v1`, kind: 'ClusterRoleBinding', metadata: { name } },
      roleRef: { apiGroup: api, kind: 'ClusterRole', name },
      subjects: [{ kind: 'ServiceAccount', name, namespace: ingressNamespace }],
    },
    {
      ...{ apiVersion: 'networking.k8s.io/v1', kind: 'IngressClass' },
      metadata: { name, annotations: { 'ingressclass.kubernetes.io/is-default-class': 'true' } },
      spec: { controller: 'traefik.io/ingress-controller' },
    },
    { ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata }, data: { kubeconfig: kubeconfig(node) } },
    {
      ...{ apiVersion: 'v1', kind: 'Service', metadata },
      spec: {
        type: 'LoadBalancer',
        selector: metadata.labels,
        ports: [{ name: 'https', port: 443, targetPort: 'https' }],
      },
    },
    {
      ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata },
      spec: {
        selector: { matchLabels: metadata.labels },
        template: { metadata: { labels: metadata.labels }, spec: pod() },
      },
    },
  );
}

function pod() {
  return {
    serviceAccountName: name,
    securityContext: { runAsNonRoot: true, runAsUser: user, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      {
        ...{ name, image },
        args: [
          ...[`--entrypoints.websecure.address=:${ports.https}`, '--entrypoints.websecure.asdefault'],
          ...['--entrypoints.websecure.http.tls', `--entrypoints.ping.address=:${ports.ping}`],
          ...['--ping.entrypoint=ping', '--global.checknewversion=false', '--global.sendanonymoususage=false'],
          ...['--providers.kubernetesingress', '--providers.kubernetesingress.strictprefixmatching'],
          // A connection that is kept open is one that a policy allowed once.
          ...['--serverstransport.maxidleconnsperhost=-1', '--serverstransport.forwardingtimeouts.dialtimeout=3s'],
          `--providers.kubernetesingress.ingressendpoint.publishedservice=${ingressNamespace}/${name}`,
        ],
        // It would look for the API server where the first one says.
        env: [
          { name: 'KUBERNETES_SERVICE_HOST', value: '' },
          { name: 'KUBECONFIG', value: '/etc/traefik/kubeconfig' },
        ],
        ports: Object.entries(ports).map(([name, containerPort]) => ({ name, containerPort })),
        readinessProbe: { httpGet: { path: '/ping', port: 'ping' }, periodSeconds: 1 },
        securityContext: {
          ...{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
        },
        volumeMounts: [{ name: 'config', mountPath: '/etc/traefik', readOnly: true }],
      },
    ],
    volumes: [{ name: 'config', configMap: { name } }],
  };
}

/** The API server of the test is not behind the Service "kubernetes"; the token and its rights are those of the account. */
function kubeconfig({ address }: Node): string {
  return yaml({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server: `https://${address}:6443`, 'insecure-skip-tls-verify': true } }],
    users: [{ name, user: { tokenFile: '/var/run/secrets/kubernetes.io/serviceaccount/token' } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: name } }],
    'current-context': 'test',
  });
}
