import { describe, expect, test } from 'vitest';
import { Documents } from '../twin.ts';
import { fleetManifests } from './fleet.ts';
import { overlay, partsOf } from './overlay.ts';
import { sizes } from './size.ts';

interface Security {
  [key: string]: unknown;
  capabilities?: { add?: string[]; drop?: string[] };
  seccompProfile?: { type: string };
  appArmorProfile?: { type: string };
  seLinuxOptions?: Record<string, string>;
  windowsOptions?: { hostProcess?: boolean };
}

interface Container {
  name: string;
  image: string;
  ports?: { hostPort?: number }[];
  securityContext?: Security;
  livenessProbe?: Probe;
  readinessProbe?: Probe;
  lifecycle?: { preStop?: Probe };
}

interface Probe {
  httpGet?: { host?: string };
  tcpSocket?: { host?: string };
}

interface Pod {
  [key: string]: unknown;
  containers: Container[];
  initContainers?: Container[];
  securityContext?: Security & { sysctls?: { name: string }[] };
  volumes?: Record<string, unknown>[];
}

interface Control {
  /** As the Pod Security Standards name it. (kubernetes.io/docs/concepts/security/pod-security-standards) */
  readonly name: string;
  readonly keeps: (pod: Pod) => boolean;
  /** A pod that does not. */
  readonly broken: (pod: Pod) => void;
}

const containersOf = (pod: Pod) => [...pod.containers, ...(pod.initContainers ?? [])];
const each = (pod: Pod, keeps: (container: Container) => boolean) => containersOf(pod).every(keeps);
const first = (pod: Pod) => pod.containers[0] as Container;
const secure = (pod: Pod, more: Partial<Security>) => Object.assign(first(pod).securityContext as Security, more);
const securities = (pod: Pod) => [pod.securityContext, ...containersOf(pod).map((one) => one.securityContext)];

/** Every control of the profiles baseline and restricted. */
const controls: readonly Control[] = [
  {
    name: 'HostProcess',
    keeps: (pod) => securities(pod).every((one) => !one?.windowsOptions?.hostProcess),
    broken: (pod) => secure(pod, { windowsOptions: { hostProcess: true } }),
  },
  ...['hostNetwork', 'hostPID', 'hostIPC'].map((name) => ({
    name: `Host Namespaces: ${name}`,
    keeps: (pod: Pod) => !pod[name],
    broken: (pod: Pod) => Object.assign(pod, { [name]: true }),
  })),
  {
    name: 'Privileged Containers',
    keeps: (pod) => each(pod, ({ securityContext }) => !securityContext?.privileged),
    broken: (pod) => secure(pod, { privileged: true }),
  },
  {
    name: 'Capabilities: dropped all',
    keeps: (pod) => each(pod, ({ securityContext }) => !!securityContext?.capabilities?.drop?.includes('ALL')),
    broken: (pod) => secure(pod, { capabilities: { drop: ['NET_RAW'] } }),
  },
  {
    name: 'Capabilities: none added but NET_BIND_SERVICE',
    keeps: (pod) =>
      each(pod, ({ securityContext }) =>
        (securityContext?.capabilities?.add ?? []).every((name) => name === 'NET_BIND_SERVICE'),
      ),
    broken: (pod) => secure(pod, { capabilities: { drop: ['ALL'], add: ['CHOWN'] } }),
  },
  {
    name: 'HostPath Volumes',
    keeps: (pod) => (pod.volumes ?? []).every((volume) => !('hostPath' in volume)),
    broken: (pod) => pod.volumes?.push({ name: 'host', hostPath: { path: '/' } }),
  },
  {
    name: 'Volume Types',
    keeps: (pod) => (pod.volumes ?? []).every((volume) => volumeTypes.some((type) => type in volume)),
    broken: (pod) => pod.volumes?.push({ name: 'share', nfs: { server: 'share', path: '/' } }),
  },
  {
    name: 'Host Ports',
    keeps: (pod) => each(pod, ({ ports = [] }) => ports.every(({ hostPort }) => !hostPort)),
    broken: (pod) => first(pod).ports?.push({ hostPort: 80 }),
  },
  {
    name: 'Host Probes / Lifecycle Hooks',
    keeps: (pod) =>
      each(pod, ({ livenessProbe, readinessProbe, lifecycle }) =>
        [livenessProbe, readinessProbe, lifecycle?.preStop].every(
          (one) => !one?.httpGet?.host && !one?.tcpSocket?.host,
        ),
      ),
    broken: (pod) => Object.assign(first(pod), { livenessProbe: { httpGet: { host: '169.254.169.254' } } }),
  },
  {
    name: 'AppArmor',
    keeps: (pod) =>
      securities(pod).every((one) => [undefined, 'RuntimeDefault', 'Localhost'].includes(one?.appArmorProfile?.type)),
    broken: (pod) => secure(pod, { appArmorProfile: { type: 'Unconfined' } }),
  },
  {
    name: 'SELinux',
    keeps: (pod) =>
      securities(pod).every(
        (one) =>
          !one?.seLinuxOptions?.user &&
          !one?.seLinuxOptions?.role &&
          [undefined, '', 'container_t', 'container_init_t', 'container_kvm_t', 'container_engine_t'].includes(
            one?.seLinuxOptions?.type,
          ),
      ),
    broken: (pod) => secure(pod, { seLinuxOptions: { type: 'spc_t' } }),
  },
  {
    name: '/proc Mount Type',
    keeps: (pod) =>
      each(pod, ({ securityContext }) => [undefined, 'Default'].includes(securityContext?.procMount as never)),
    broken: (pod) => secure(pod, { procMount: 'Unmasked' }),
  },
  {
    name: 'Seccomp',
    keeps: (pod) =>
      each(pod, ({ securityContext }) =>
        ['RuntimeDefault', 'Localhost'].includes(
          (securityContext?.seccompProfile ?? pod.securityContext?.seccompProfile)?.type ?? 'none',
        ),
      ),
    broken: (pod) => secure(pod, { seccompProfile: { type: 'Unconfined' } }),
  },
  {
    name: 'Sysctls',
    keeps: (pod) => (pod.securityContext?.sysctls ?? []).length === 0,
    broken: (pod) => Object.assign(pod.securityContext as object, { sysctls: [{ name: 'kernel.msgmax' }] }),
  },
  {
    name: 'Privilege Escalation',
    keeps: (pod) => each(pod, ({ securityContext }) => securityContext?.allowPrivilegeEscalation === false),
    broken: (pod) => secure(pod, { allowPrivilegeEscalation: true }),
  },
  {
    name: 'Running as Non-root',
    keeps: (pod) =>
      each(pod, ({ securityContext }) => (securityContext?.runAsNonRoot ?? pod.securityContext?.runAsNonRoot) === true),
    broken: (pod) => secure(pod, { runAsNonRoot: false }),
  },
  {
    name: 'Running as Non-root user',
    keeps: (pod) => securities(pod).every((one) => one?.runAsUser !== 0),
    broken: (pod) => secure(pod, { runAsUser: 0 }),
  },
];

const volumeTypes = [
  ...['configMap', 'csi', 'downwardAPI', 'emptyDir', 'ephemeral', 'persistentVolumeClaim', 'projected', 'secret'],
];

/** What the profile does not ask for, and this house does. */
const ours: readonly Control[] = [
  {
    name: 'its root is read-only',
    keeps: (pod) => each(pod, ({ securityContext }) => securityContext?.readOnlyRootFilesystem === true),
    broken: (pod) => secure(pod, { readOnlyRootFilesystem: false }),
  },
  {
    name: 'nobody in it is known to the API server',
    keeps: (pod) => pod.automountServiceAccountToken === false,
    broken: (pod) => delete pod.automountServiceAccountToken,
  },
  {
    name: 'its image has a tag that does not move',
    keeps: (pod) => each(pod, ({ image }) => /:v?\d+\.\d+\.\d+/.test(image)),
    broken: (pod) => Object.assign(first(pod), { image: 'grafana/grafana:latest' }),
  },
];

/** Of every object that makes pods. */
function pods(documents: Record<string, object>): { name: string; pod: Pod }[] {
  const all = Object.values(documents).flatMap((one) => (one instanceof Documents ? one.all : [one]));
  return all.flatMap((one) => {
    const { kind, metadata, spec } = one as { kind: string; metadata: { name: string }; spec: Record<string, never> };
    const name = `${kind} ${metadata?.name}`;
    if (['StatefulSet', 'Deployment', 'DaemonSet', 'Job'].includes(kind))
      return [{ name, pod: (spec as unknown as { template: { spec: Pod } }).template.spec }];
    if (kind === 'CronJob')
      return [
        {
          name,
          pod: (spec as unknown as { jobTemplate: { spec: { template: { spec: Pod } } } }).jobTemplate.spec.template
            .spec,
        },
      ];
    if (kind === 'Pod') return [{ name, pod: spec as unknown as Pod }];
    return [];
  });
}

const all = [...controls, ...ours];

describe.each(sizes)('P03 the pods of $name', (size) => {
  const made = pods(overlay(size));

  test('P03 every pod keeps every control of the restricted profile', () => {
    expect(made.length).toBeGreaterThanOrEqual(partsOf(size).length);
    const found = made.flatMap(({ name, pod }) =>
      all.filter(({ keeps }) => !keeps(pod)).map((control) => `${name}: ${control.name}`),
    );
    expect(found).toEqual([]);
  });

  test.each(all)('P03 it is seen when one does not: $name', ({ keeps, broken }) => {
    const pod = structuredClone(made[0]?.pod as Pod);
    expect(keeps(pod)).toBe(true);
    broken(pod);
    expect(keeps(pod)).toBe(false);
  });
});

test('P03 the pods of the demo fleet keep them as well', () => {
  const made = pods(fleetManifests());
  expect(made.map(({ name }) => name)).toEqual(['Deployment fleet']);
  for (const { pod } of made) expect(all.filter(({ keeps }) => !keeps(pod)).map(({ name }) => name)).toEqual([]);
});
