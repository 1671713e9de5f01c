/** What a cloud's storage does: a default class, and volumes to claim. Here they are folders of the node. */
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Documents, twin } from '../../twin.ts';
import type { Cluster } from './cluster.ts';

const className = 'folders';

export async function provideVolumes({ kubectl, volumes }: Cluster, names: readonly string[]): Promise<void> {
  const documents = new Documents(
    {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: className, annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
      provisioner: 'kubernetes.io/no-provisioner',
      volumeBindingMode: 'WaitForFirstConsumer',
      reclaimPolicy: 'Retain',
    },
    ...names.map((name) => {
      const path = join(volumes, name);
      mkdirSync(path, { recursive: true });
      chmodSync(path, 0o755);
      return {
        apiVersion: 'v1',
        kind: 'PersistentVolume',
        metadata: { name },
        spec: {
          capacity: { storage: '100Gi' },
          accessModes: ['ReadWriteOnce'],
          persistentVolumeReclaimPolicy: 'Retain',
          storageClassName: className,
          local: { path },
          nodeAffinity: {
            required: {
              nodeSelectorTerms: [
                { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['node'] }] },
              ],
            },
          },
        },
      };
    }),
  );
  const [text = ''] = Object.values(twin('yaml', documents).render('test/k8s/volumes.ts'));
  await kubectl(['apply', '-f', '-'], text);
}
