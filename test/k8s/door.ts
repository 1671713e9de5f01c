import { namespace, selector } from '../../k8s/manifest.ts';
import { stack } from '../../stack.ts';
import { yaml } from '../../twin.ts';
import type { Cluster } from './cluster.ts';

/** What senders call, whichever Collectors there are. @returns its URL, as it is reached from outside of the cluster. @param name of the Service. */
export async function openDoor({ kubectl }: Pick<Cluster, 'kubectl'>, name = 'numbered'): Promise<string> {
  const port = stack.collector.ports.http;
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace },
    spec: { selector: selector('collector'), ports: [{ port, targetPort: 'http' }] },
  };
  await kubectl(['create', '--filename', '-'], yaml(service));
  const asked = ['get', `service/${name}`, '--output=jsonpath={.spec.clusterIP}'];
  return `http://${await kubectl(['--namespace', namespace, ...asked])}:${port}`;
}
