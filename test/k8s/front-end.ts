/** Questions to what stands before Thanos's queries, as those ask who read metrics in a size with certificates. */
import { once } from 'node:events';
import { request } from 'node:https';
import { namespace } from '../../k8s/manifest.ts';
import { certificateName } from '../../place.ts';
import { parts } from '../../stack.ts';
import type { Cluster } from './cluster.ts';
import { certificateOf } from './reader.ts';
import { podsOf } from './shrunk.ts';

const part = 'thanos-query-frontend';

export interface Answered {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: what Prometheus answers, of each kind of question another.
  readonly data: any;
}

/** As Grafana's data source asks: a form, with Grafana's certificate; or, without one, as a stranger does who trusts ours. */
export async function asGrafana(
  cluster: Pick<Cluster, 'kubectl'>,
  path: string,
  form: Record<string, string>,
  { isKnown = true } = {},
): Promise<Answered> {
  const [pod] = await podsOf(cluster, part);
  const { ca, cert, key } = await certificateOf(cluster, 'grafana');
  const asked = request({
    ...{ host: pod?.ip, port: parts[part].ports.http, path, method: 'POST', agent: false },
    ...{ ca, servername: certificateName(part), ...(isKnown && { cert, key }) },
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
  asked.end(String(new URLSearchParams(form)));
  const [answer] = await once(asked, 'response');
  const text = Buffer.concat(await answer.toArray()).toString();
  return { status: answer.statusCode, data: JSON.parse(text).data };
}

/** As the memory does: from its container, by what it was told there. */
export async function asMemory({ kubectl }: Pick<Cluster, 'kubectl'>, query: string): Promise<Answered> {
  const within = ['exec', 'monitor-0', '--container=memory', '--'];
  const said = await kubectl([
    ...['--namespace', namespace, ...within, 'node', '--input-type=module', '--eval', inMemory, query],
  ]);
  return JSON.parse(said);
}

const inMemory = `
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
const { env } = process;
const file = (which) => readFileSync(env['FLEETSCOPE_TLS_' + which + '_FILE']);
const shown = { ca: file('AUTHORITY'), cert: file('CERTIFICATE'), key: file('KEY') };
const asked = request(env.FLEETSCOPE_MEMORY_PROMETHEUS + '/api/v1/query', {
  ...{ ...shown, servername: env.FLEETSCOPE_MEMORY_PROMETHEUS_PART, method: 'POST', agent: false },
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
});
asked.end(String(new URLSearchParams({ query: process.argv.at(-1), dedup: 'true', partial_response: 'false' })));
const [answer] = await once(asked, 'response');
const text = Buffer.concat(await answer.toArray()).toString();
console.log(JSON.stringify({ status: answer.statusCode, data: JSON.parse(text).data }));
`;
