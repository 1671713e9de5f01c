/** What Compose has made before its services start: whose their volumes are, and the secrets. */
import { type ChoiceSecret, choiceSecrets, type Secret, secrets } from '../place.ts';
import { parts, stack } from '../stack.ts';

/** As whom programs run, where something of theirs is made for them. */
export const userOf = {
  ...{ collector: 10001, tempo: 10001, loki: 10001 },
  ...{ escalation: stack.escalation.user, monitor: stack.monitor.user, memory: stack.memory.user },
  ...{ alertmanager: 65534, jaeger: parts.jaeger.user },
  ...{ grafana: stack.grafana.user, elasticsearch: parts.elasticsearch.user },
} as const;

/** By which group they read secrets of others. The memory's is not its user's own, which the ledger has as well. */
export const groupOf = { ...userOf, memory: 10005 };

/** Whose volumes that makes writable: the others' images have the folder. */
const { alertmanager: _, grafana: __, elasticsearch: ___, ...owners } = userOf;

export { owners };

type Reader = keyof typeof userOf;
const all = Object.entries({ ...secrets, ...choiceSecrets }) as [Secret | ChoiceSecret, readonly [Reader, Reader?]][];

/** Whoever is in one of them reads a secret. */
export const readingGroups: ReadonlySet<number> = new Set(
  all.flatMap(([, [reader, owner]]) => (owner ? [groupOf[reader]] : [])),
);

/** A secret is there whole or not at all; one that is there stays. Its group is whoever reads it beside the service; where nobody does, it may read nothing. */
export const prepare = [
  ...Object.entries(owners).map(([volume, user]) => `chown ${user}:${user} /mnt/${volume}`),
  'cd /mnt/secrets',
  'umask 0337',
  ...all.flatMap(([name, [reader, owner]]) => [
    `[ -s ${name} ] || { rm -f new; head -c 32 /dev/urandom | base64 > new; mv new ${name}; }`,
    // As its owner: this has no right to change what is another's. Once, for somebody may be reading.
    ...(owner ? [] : [`[ $(stat -c %a ${name}) = 400 ] || { chown 0:0 ${name}; chmod 400 ${name}; }`]),
    `chown ${userOf[owner ?? reader]}:${groupOf[reader]} ${name}`,
  ]),
].join('\n');
