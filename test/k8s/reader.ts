/** The parts of a size in a cluster, each at a plain address of this machine, wherever their pods are at that moment. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { request as requestSecurely } from 'node:https';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { namespace } from '../../k8s/manifest.ts';
import type { Size } from '../../k8s/size.ts';
import { partSecret } from '../../mutual.ts';
import { certificateName, isMutual, kubernetes } from '../../place.ts';
import { type Part, type PortOf, parts } from '../../stack.ts';
import { hasClasses, tenantHeader } from '../../tempo/classes.ts';
import type { Cluster } from './cluster.ts';
import { type Pod, podsOf } from './shrunk.ts';

export interface Reader {
  /** Of one pod, or of whichever is ready. */
  url<P extends Part>(part: P, port: PortOf<P>, pod?: string): string;
  stop(): Promise<void>;
}

/** Asked `/<part>/<port>/<pod>/<path>`, it asks a pod for the path, as a part of the stack would. Of traces those of every span. */
export async function startReader(cluster: Pick<Cluster, 'kubectl'>, size: Size): Promise<Reader> {
  const place = kubernetes(size);

  // Each question to kubectl is a process.
  const known = new Map<Part, { atMs: number; pods: Promise<Pod[]> }>();
  const podsNow = (part: Part): Promise<Pod[]> => {
    const last = known.get(part);
    if (last && Date.now() - last.atMs < 2_000) return last.pods;
    const pods = podsOf(cluster, part);
    known.set(part, { atMs: Date.now(), pods });
    return pods;
  };

  // That of the doctor, who is no part and may ask them all.
  let files: Promise<Record<'ca' | 'cert' | 'key', string>> | undefined;
  const certificate = () => {
    files ??= certificateOf(cluster, 'doctor');
    return files;
  };

  async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const [, part, port, pod, ...rest] = (incoming.url as string).split('/') as [string, Part, never, string];
    const found = (await podsNow(part)).find(({ name }) => pod === anyPod || name === pod);
    if (!found) throw new Error(`no ready pod of ${part} is called ${pod}`);
    const { host: _, connection: __, ...headers } = incoming.headers;
    const asked = {
      ...{ host: found.ip, port: place.port(part, port), path: `/${rest.join('/')}`, method: incoming.method },
      headers: { ...(part === 'tempo' && hasClasses(place) && { [tenantHeader]: 'detailed' }), ...headers },
    };
    const outward = isMutual(place, part, port)
      ? requestSecurely({ ...asked, ...(await certificate()), servername: certificateName(part) })
      : request(asked);
    const [[response]] = (await Promise.all([once(outward, 'response'), pipeline(incoming, outward)])) as unknown as [
      [IncomingMessage],
    ];
    outgoing.writeHead(response.statusCode ?? 502, response.headers);
    await pipeline(response, outgoing);
  }

  const server = createServer((incoming, outgoing) => {
    answer(incoming, outgoing).catch((error: Error) => {
      if (!outgoing.headersSent) outgoing.writeHead(502);
      outgoing.end(error.message);
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port: own } = server.address() as AddressInfo;
  return {
    url: (part, port, pod = anyPod) => {
      if (!(port in parts[part].ports)) throw new RangeError(`Cannot read ${part}: it has no port ${port}.`);
      return `http://127.0.0.1:${own}/${part}/${port}/${pod}`;
    },
    stop: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

const anyPod = 'any';

/** By which a part is known to the others, in PEM. */
export async function certificateOf({ kubectl }: Pick<Cluster, 'kubectl'>, who: Part | 'doctor') {
  const text = await kubectl(['--namespace', namespace, 'get', `secret/${partSecret(who)}`, '--output=json']);
  const { data } = JSON.parse(text) as { data: Record<string, string> };
  const decoded = (name: string) => Buffer.from(data[name] as string, 'base64').toString();
  return { ca: decoded('ca.crt'), cert: decoded('tls.crt'), key: decoded('tls.key') };
}
