/** The certificates by which parts know each other: a Secret for each pod, and the files that name what is in it. (P06) */
import { dirname } from 'node:path';
import { partSecret, type TlsFile } from '../mutual.ts';
import { certificateName, type Place } from '../place.ts';
import { gossipName, type Part } from '../stack.ts';
import type { Program } from './program.ts';

/** What every pod has because of it. Without its Secret it does not start, and the pod names it. */
export function tlsSecretFiles({ tls }: Place, part: Part): NonNullable<Program['secretFiles']> {
  if (!tls) return {};
  return { [dirname(tls.certificate)]: { secret: partSecret(part), keys: ['ca.crt', 'tls.crt', 'tls.key'] } };
}

/** Those of mutual.ts's files that a program reads. */
export function tlsConfigs({ tls }: Place, ...names: TlsFile[]): NonNullable<Program['configs']> {
  return tls ? { [tls.configs]: names } : {};
}

/** By a program in the pod, which shows the pod's certificate: not so often, for it is started each time. */
export function askedFromInside({ tls }: Place, ready: readonly string[], alive = ready): Pick<Program, 'probes'> {
  if (!tls) return {};
  const exec = (command: readonly string[]) => ({
    exec: { command: [...command, `--http.config.file=${tls.configs}/${'probe-tls' satisfies TlsFile}.yaml`] },
  });
  return { probes: { ready: exec(ready), alive: exec(alive), everySeconds: 10, timeoutSeconds: 10 } };
}

/** By which a part is called: its own name first, by which parts ask for each other whatever they dial. */
export function certificateNames(part: Part | 'doctor', namespace: string): string[] {
  if (part === 'doctor') return [part];
  const name = certificateName(part);
  return [
    ...[name, `${name}.${namespace}.svc`, `*.${name}`, `*.${name}.${namespace}.svc.cluster.local`],
    // In the gossip each of Loki's is any other.
    ...(name.startsWith('loki') ? [gossipName('loki')] : []),
    // Beside it, and through a port that was forwarded.
    'localhost',
  ];
}
