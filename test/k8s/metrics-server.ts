/** What autoscalers ask for the use of CPU and memory: most clusters have it, this one when a test provides it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../../doctor/ask.ts';
import { needTool } from '../../native/tool.ts';
import { Documents, twin } from '../../twin.ts';
import type { Cluster } from './cluster.ts';
import { importImage } from './image-archive.ts';
import { metricsServer } from './tools.ts';

const name = 'metrics-server';
const image = `fleetscope.test/${name}:1`;
const port = 10_250;

/** @returns when the API answers for the node. */
export async function provideMetrics(cluster: Cluster): Promise<void> {
  const program = join(await needTool(metricsServer, (line) => process.stderr.write(`${line}\n`)), name);
  const config = { entrypoint: [`/${name}`], user: '65534' };
  await importImage(cluster, image, [{ path: `/${name}`, program }], config);
  const [text = ''] = Object.values(twin('yaml', manifests(cluster)).render('test/k8s/metrics-server.ts'));
  await cluster.kubectl(['apply', '--filename', '-'], text);
  const answers = async () => (await cluster.kubectl(['top', 'node'])).includes('node ');
  const ready = await until(answers, { timeoutMs: 120_000, everyMs: 2_000 });
  if (!ready.found) throw new Error('Cannot read the use of CPU: the metrics API does not answer.', { cause: ready });
}

function manifests({ client, folder }: Cluster): Documents {
  const metadata = { name, namespace: 'kube-system', labels: { 'k8s-app': name } };
  const pki = (file: string) => readFileSync(join(folder, 'pki', file), 'utf8');
  return new Documents(
    {
      ...{ apiVersion: 'v1', kind: 'Secret', metadata },
      stringData: {
        kubeconfig: readFileSync(client.kubeconfig, 'utf8'),
        'client.crt': pki('client.crt'),
        'client.key': pki('client.key'),
      },
    },
    {
      ...{ apiVersion: 'v1', kind: 'Service', metadata },
      spec: { selector: metadata.labels, ports: [{ port: 443, targetPort: port }] },
    },
    {
      ...{ apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService' },
      metadata: { name: 'v1beta1.metrics.k8s.io' },
      spec: {
        service: { name, namespace: metadata.namespace },
        ...{ group: 'metrics.k8s.io', version: 'v1beta1', groupPriorityMinimum: 100, versionPriority: 100 },
        insecureSkipTLSVerify: true,
      },
    },
    {
      ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata },
      spec: {
        selector: { matchLabels: metadata.labels },
        template: {
          metadata: { labels: metadata.labels },
          spec: {
            automountServiceAccountToken: false,
            containers: [
              {
                ...{ name, image },
                args: [
                  ...['--kubeconfig', '--authentication-kubeconfig', '--authorization-kubeconfig'].map(
                    (flag) => `${flag}=/etc/${name}/kubeconfig`,
                  ),
                  ...[`--secure-port=${port}`, '--cert-dir=/tmp', '--metric-resolution=15s', '--kubelet-insecure-tls'],
                  '--kubelet-preferred-address-types=InternalIP',
                  `--kubelet-client-certificate=/etc/${name}/client.crt`,
                  `--kubelet-client-key=/etc/${name}/client.key`,
                ],
                volumeMounts: [
                  { name: 'config', mountPath: `/etc/${name}`, readOnly: true },
                  { name: 'scratch', mountPath: '/tmp' },
                ],
              },
            ],
            volumes: [
              { name: 'config', secret: { secretName: name } },
              { name: 'scratch', emptyDir: {} },
            ],
          },
        },
      },
    },
  );
}
