/** A pod of a part as the restricted Pod Security Standard wants it: no root, no capability, nothing written outside its volumes. */
import { type Place, type Secret, secrets } from '../place.ts';
import { type Part, parts } from '../stack.ts';
import { confinedPod } from './confined.ts';
import { beside, configVolume, container, quantity, scratchVolume, sidecar, unkeptMib } from './container.ts';
import { labels, type Manifest, selector } from './manifest.ts';
import type { Program } from './program.ts';
import { hasSiblings, type Size } from './size.ts';
import { spread } from './spread.ts';
import { tlsSecretFiles } from './tls.ts';

/** The Secret that holds all of place.ts's secrets, a key each. */
export const secretName = 'fleetscope-secrets';

/** As long as some still send to a pod that is to end, because they have not heard of it. */
const lagSeconds = 5;

/** Before it hears of its end; it serves meanwhile. Where nobody else does, it would only be away for longer. */
const leaveLate = (seconds: number) => ({ lifecycle: { preStop: { sleep: { seconds } } } });

export function workload(part: Part, place: Place, size: Size, plain: Program): Manifest {
  const program = { ...plain, secretFiles: { ...tlsSecretFiles(place, part), ...plain.secretFiles } };
  const { kind = 'StatefulSet' } = program;
  // Whom `kubectl logs` and `exec` mean where nobody is named; of one container there is nothing to say.
  const main = program.sidecars && { annotations: { 'kubectl.kubernetes.io/default-container': part } };
  const template = { metadata: { labels: labels(part), ...main }, spec: pod(part, place, size, program) };
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name: part, labels: labels(part) },
    spec: {
      // Of what follows its load, whoever scales it says how many there are.
      ...(!size.most[part] && { replicas: size.replicas[part] }),
      selector: { matchLabels: selector(part) },
      ...(kind === 'StatefulSet' && stateful(part, size)),
      template,
    },
  };
}

function stateful(part: Part, { storage }: Size) {
  return {
    serviceName: part,
    podManagementPolicy: 'Parallel',
    // Data that nobody deleted by hand is kept, whatever becomes of the pods.
    persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
    ...(storage[part] && {
      volumeClaimTemplates: [
        {
          apiVersion: 'v1',
          kind: 'PersistentVolumeClaim',
          metadata: { name: 'data', labels: selector(part) },
          spec: {
            accessModes: ['ReadWriteOnce'],
            resources: { requests: { storage: storage[part] } },
            volumeMode: 'Filesystem',
          },
          // As the API server completes it: left out, each apply would find a difference in the list.
          status: { phase: 'Pending' },
        },
      ],
    }),
  };
}

function pod(part: Part, place: Place, size: Size, program: Program) {
  const {
    configs = {},
    secretFiles = {},
    scratch = [],
    sidecars = [],
    drainSeconds = lagSeconds,
    graceSeconds,
  } = program;
  const mine = secretsOf(part);
  const theirs = sidecars.filter((one) => secretsOf(one.part).length > 0);
  const several = hasSiblings(size, part);
  const hasClaim = size.storage[part] !== undefined;
  const volumes = [
    ...(mine.length > 0 ? [secretsVolume('secrets', mine)] : []),
    ...theirs.map((one) => secretsVolume(beside('secrets'), secretsOf(one.part))),
    ...Object.values(secretFiles).map(({ secret, keys, optional }) => ({
      name: secret,
      secret: {
        secretName: secret,
        items: keys.map((key) => ({ key, path: key })),
        defaultMode: 0o440,
        ...(optional && { optional }),
      },
    })),
    ...Object.values(configs).map((names, i) => ({
      name: configVolume(i),
      ...(typeof names === 'string'
        ? { configMap: { name: names } }
        : { projected: { sources: names.map((name) => ({ configMap: { name } })) } }),
    })),
    // What it keeps between two steps of its work, and can make again.
    ...(hasClaim ? [] : [{ name: 'data', emptyDir: { sizeLimit: quantity(unkeptMib.data) } }]),
    ...scratch.map((_, i) => ({ name: scratchVolume(i), emptyDir: { sizeLimit: quantity(unkeptMib.scratch) } })),
  ];
  return {
    ...confinedPod(part, parts[part].user),
    terminationGracePeriodSeconds: graceSeconds + (several ? drainSeconds : 0),
    ...(several && spread(part)),
    containers: [
      {
        ...container(part, place, program, { hasSecrets: mine.length > 0, hasClaim }),
        ...(several && leaveLate(drainSeconds)),
      },
      ...sidecars.map((one) => sidecar(one, place, program, { hasSecrets: theirs.includes(one) })),
    ],
    // An empty list is one that the API server has not: each apply would find a difference.
    ...(volumes.length > 0 && { volumes }),
  };
}

/** Those of others are not in its reach. */
function secretsVolume(name: string, mine: readonly Secret[]) {
  const items = mine.map((secret) => ({ key: secret, path: secret }));
  return { name, secret: { secretName, items, defaultMode: 0o440 } };
}

function secretsOf(part: Part): Secret[] {
  return (Object.keys(secrets) as Secret[]).filter((name) => (secrets[name] as readonly Part[]).includes(part));
}
