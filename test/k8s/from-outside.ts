/** Somebody outside a cluster who knows its names, and whose certificates to trust. */
import { writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { execa } from 'execa';

export interface Question {
  readonly method?: string;
  readonly token?: string | undefined;
  readonly body?: string;
  /** PEM; nobody else is trusted. */
  readonly authority: string;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
  /** By whose certificate, for which names: `DNS:otlp.example.org`. */
  readonly names: string;
}

/** @param address where every name leads, as a DNS server would say. */
export function asker(address: string): (url: string, question: Question) => Promise<Answer> {
  return (url, { method = 'GET', token, body, authority }) =>
    new Promise((resolve, reject) => {
      const options = {
        ...{ method, ca: authority, agent: false, timeout: 20_000 },
        headers: {
          'content-type': 'application/json',
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
        },
        lookup: lookupOf(address),
      };
      const asked = request(url, options, (answer) => {
        // Read while it is open.
        const { subjectaltname = '' } = (answer.socket as TLSSocket).getPeerCertificate();
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (chunk) => {
          text += chunk;
        });
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text, names: subjectaltname }));
      });
      asked.on('error', reject);
      asked.on('timeout', () => asked.destroy(new Error(`${url} does not answer in time`)));
      asked.end(body);
    });
}

/**
 * A program of ours on a machine whose /etc/hosts has these names, in a world of its own: nobody else sees it.
 * @param folder for the file.
 */
export function runWithNames(
  folder: string,
  { address, names }: { address: string; names: readonly string[] },
  args: readonly string[],
  env: NodeJS.ProcessEnv,
) {
  if (!isIP(address)) throw new RangeError(`Cannot give names to "${address}": it is no address.`);
  const hosts = join(folder, 'hosts');
  writeFileSync(hosts, `127.0.0.1 localhost\n${address} ${names.join(' ')}\n`);
  const script = 'mount --bind "$0" /etc/hosts && exec "$@"';
  const within = ['--mount', '--propagation', 'private', '--', 'sh', '-c', script, hosts];
  return execa('unshare', [...within, process.execPath, ...args], { env, reject: false });
}

function lookupOf(address: string): LookupFunction {
  return (_, { all }, found) => (all ? found(null, [{ address, family: 4 }]) : found(null, address, 4));
}
