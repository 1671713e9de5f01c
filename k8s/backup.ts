/** Backups in a cluster: a CronJob per part that reads its volume on the node where it runs, and templates of the Jobs that put it back, and that make the repository. */
import { compose as place } from '../place.ts';
import { backupDeadlineSeconds, backups, backupTool, parts } from '../stack.ts';
import { Documents } from '../twin.ts';
import { fromSecret } from './choices.ts';
import { confined, confinedPod } from './confined.ts';
import { quantity } from './container.ts';
import { type Manifest, namespace, ownLabels, selector } from './manifest.ts';
import { dns, internet, policy, tcp } from './network.ts';
import { account } from './service.ts';

type BackedUp = keyof typeof backups;

/** `repository`, `password`; for S3 `access-key-id` and `secret-access-key`: made by whoever has the store. */
export const backupSecret = 'fleetscope-backup';

/** Choices for the next restore, where they differ from "the newest, into an empty volume": `at`, `replace`. */
const choices = 'fleetscope-restore';

/** One folder of manifests: of parts that keep their data on volumes of their own. */
export function backupManifests(all: readonly BackedUp[]): Record<string, object> {
  return {
    kustomization: {
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      namespace,
      resources: ['account.yaml', 'network.yaml', 'backup-init.yaml', ...all.map((part) => `backup-${part}.yaml`)],
    },
    account: account('backup', labels()),
    network: new Documents(outward(all), ...inward(all)),
    'backup-init': initJob(),
    ...Object.fromEntries(
      all.map((part) => [`backup-${part}`, new Documents(backupJob(part, all.indexOf(part)), restoreJob(part))]),
    ),
  };
}

function labels(): Record<string, string> {
  return { ...backupPods, ...ownLabels };
}

const backupPods = { 'app.kubernetes.io/name': 'backup', 'app.kubernetes.io/part-of': 'fleetscope' };

/** In the small hours, one after the other: two would wait for each other's lock. */
function backupJob(part: BackedUp, order: number): Manifest {
  const minute = (order * 20) % 60;
  const hour = 1 + Math.floor((order * 20) / 60);
  return cronJob(`backup-${part}`, {
    schedule: `${minute} ${hour} * * ${backups[part].every === 'week' ? '0' : '*'}`,
    suspend: false,
    retries: 2,
    template: pod(part, ['backup', '--only', part], true),
  });
}

/** `kubectl create job --from=cronjob/restore-<part>` makes a Job of it when the part is stopped. */
function restoreJob(part: BackedUp): Manifest {
  return byHand(`restore-${part}`, pod(part, ['restore', '--only', part], false));
}

/** Likewise, once: a backup makes no repository, so that a misspelt address is an error and not a second one, empty. */
function initJob(): Manifest {
  return byHand('backup-init', {
    metadata: { labels: labels() },
    spec: {
      restartPolicy: 'Never',
      ...confinedPod('backup', nobody),
      containers: [container(['init'])],
      volumes: [password, scratch],
    },
  });
}

/** Whose volume is read by nobody: as the image says. */
const nobody = 65534;

/** A template, never by the clock. */
function byHand(name: string, template: object): Manifest {
  // One that failed is looked at by a person first.
  return cronJob(name, { schedule: '0 0 31 2 *', suspend: true, retries: 0, template });
}

function cronJob(
  name: string,
  { schedule, suspend, retries, template }: { schedule: string; suspend: boolean; retries: number; template: object },
) {
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name, labels: labels() },
    spec: {
      schedule,
      timeZone: 'Etc/UTC',
      suspend,
      concurrencyPolicy: 'Forbid',
      // A cluster that was away at that hour makes it up.
      startingDeadlineSeconds: 6 * 3600,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 3,
      jobTemplate: { spec: { backoffLimit: retries, activeDeadlineSeconds: backupDeadlineSeconds, template } },
    },
  };
}

/** As the part's own user: it reads what that may read, and what it restores is that user's. */
function pod(part: BackedUp, args: readonly string[], reads: boolean) {
  return {
    metadata: { labels: labels() },
    spec: {
      restartPolicy: 'Never',
      ...confinedPod('backup', parts[part].user),
      // Its volume may be mounted on one node: that of the part, as long as it runs.
      ...(reads && {
        affinity: {
          podAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: [
              { labelSelector: { matchLabels: selector(part) }, topologyKey: 'kubernetes.io/hostname' },
            ],
          },
        },
      }),
      containers: [
        container(
          args,
          [{ name: 'data', mountPath: place.data(part), ...(reads && { readOnly: true }) }],
          reads ? [] : [choice('FLEETSCOPE_RESTORE_AT', 'at'), choice('FLEETSCOPE_RESTORE_REPLACE', 'replace')],
        ),
      ],
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName: `data-${part}-0` } }, password, scratch],
    },
  };
}

const password = {
  name: 'password',
  secret: { secretName: backupSecret, items: [{ key: 'password', path: 'password' }], defaultMode: 0o440 },
};

/** Copies of logs and databases, and what restic is about to send. */
const scratch = { name: 'scratch', emptyDir: { sizeLimit: '20Gi' } };

function choice(name: string, key: string) {
  return { name, valueFrom: { configMapKeyRef: { name: choices, key, optional: true } } };
}

function container(args: readonly string[], mounts: readonly object[] = [], env: readonly object[] = []) {
  return {
    name: 'backup',
    image: backupTool.image,
    args,
    env: [
      { name: 'FLEETSCOPE_BACKUP_REPOSITORY', ...fromSecret(backupSecret, 'repository') },
      { name: 'FLEETSCOPE_BACKUP_PASSWORD_FILE', value: '/run/fleetscope/backup/password' },
      { name: 'FLEETSCOPE_BACKUP_SCRATCH', value: '/scratch' },
      { name: 'TMPDIR', value: '/scratch' },
      { name: 'AWS_ACCESS_KEY_ID', ...fromSecret(backupSecret, 'access-key-id', true) },
      { name: 'AWS_SECRET_ACCESS_KEY', ...fromSecret(backupSecret, 'secret-access-key', true) },
      ...env,
    ],
    resources: {
      requests: { cpu: '100m', memory: quantity(backupTool.memory / 2) },
      limits: { memory: quantity(backupTool.memory) },
    },
    securityContext: confined,
    volumeMounts: [
      ...mounts,
      { name: 'password', mountPath: '/run/fleetscope/backup', readOnly: true },
      { name: 'scratch', mountPath: '/scratch' },
    ],
  };
}

/** Those that are asked what they hold, for the drill to compare with. */
const counted = ['prometheus', 'tempo', 'loki'] as const satisfies readonly BackedUp[];

/** And who is told when a part was backed up. */
type Spoken = (typeof counted)[number] | 'collector';

function port(part: Spoken) {
  return tcp(parts[part].ports.http);
}

/** To the name service, to the parts that are asked or told, and to the store: HTTPS on the internet. One in a private network needs a policy of its own (k8s/example/network.yaml). */
function outward(all: readonly BackedUp[]): Manifest {
  return policy('backup', labels(), backupPods, {
    policyTypes: ['Ingress', 'Egress'],
    egress: [
      dns,
      ...spokenTo(all).map((part) => ({ to: [{ podSelector: { matchLabels: selector(part) } }], ports: [port(part)] })),
      { to: internet, ports: [tcp(443)] },
    ],
  });
}

function inward(all: readonly BackedUp[]): Manifest[] {
  return spokenTo(all).map((part) =>
    policy(`backup-${part === 'collector' ? 'tells' : 'asks'}-${part}`, labels(), selector(part), {
      policyTypes: ['Ingress'],
      ingress: [{ from: [{ podSelector: { matchLabels: backupPods } }], ports: [port(part)] }],
    }),
  );
}

function spokenTo(all: readonly BackedUp[]): Spoken[] {
  return [...counted.filter((part) => all.includes(part)), 'collector'];
}
