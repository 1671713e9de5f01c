/** Elasticsearch beside Loki, as Compose runs it: one node, with its users in files of its own. (P07) */
import { type ChoiceSecret, compose, elasticsearchUsers } from '../place.ts';
import { nodeHeapShare } from '../stack.ts';
import { twin } from '../twin.ts';

const { writer, reader } = elasticsearchUsers;

/** What its users may, by the names of their roles: `config/roles.yml` in its image. */
const roles = {
  [writer]: { indices: [{ names: ['logs-*'], privileges: ['create_doc', 'auto_configure'] }] },
  [reader]: {
    cluster: ['monitor'],
    indices: [{ names: ['logs-*'], privileges: ['read', 'view_index_metadata'] }],
  },
};

/** Its settings: the image makes of each name with a dot one of `elasticsearch.yml`. */
export const elasticsearchEnv = {
  'discovery.type': 'single-node',
  'xpack.security.enabled': 'true',
  // Inside Compose's own network, and on loopback of this machine. Whoever publishes it further sets this, and gives it a certificate.
  'xpack.security.http.ssl.enabled': 'false',
  'xpack.security.enrollment.enabled': 'false',
  // Neither of them is of use for logs; one needs much memory, the other goes to the internet.
  'xpack.ml.enabled': 'false',
  'ingest.geoip.downloader.enabled': 'false',
};

/** Of its memory limit in MiB. */
export function heapOptions(mib: number): string {
  const heap = Math.floor(mib * nodeHeapShare);
  return `-Xms${heap}m -Xmx${heap}m`;
}

const password = (name: ChoiceSecret) => `"$(cat ${compose.secret(name)})"`;

/** Before anything is made of it: `-e` does not see a `cat` that fails within another command. */
const there = (name: ChoiceSecret) =>
  `[ -s ${compose.secret(name)} ] || { echo "Cannot read ${compose.secret(name)}: it is missing or empty. Start the service volumes again, which makes it." >&2; exit 1; }`;

const need = (user: string, name: ChoiceSecret) =>
  `grep -qs '^${user}:' config/users || elasticsearch-users useradd ${user} -p ${password(name)} -r ${user}`;

/**
 * Its users are there before it serves: whom it does not know it answers with 401, and the Collector takes that for a refusal for good.
 * They are the container's, made with it and not changed while it is there. `useradd` takes a password as an argument or asks a
 * terminal: each stands in the host's `ps` for the seconds in which a new container makes its user.
 */
export const elasticsearchCommand = [
  ...(['elasticsearch-writer-password', 'elasticsearch-reader-password', 'elasticsearch-password'] as const).map(there),
  need(writer, 'elasticsearch-writer-password'),
  need(reader, 'elasticsearch-reader-password'),
  `ELASTIC_PASSWORD=${password('elasticsearch-password')} exec docker-entrypoint.sh eswrapper`,
].join('\n');

/** Well is a node that asks for a password. */
export function elasticsearchHealth(port: number): string {
  return `[ "$(curl --silent --output /dev/null --write-out '%{http_code}' http://127.0.0.1:${port}/)" = 401 ]`;
}

export default twin('yaml', roles);
