/** What the HTTP side of every service has: how much and how slow a request may be, how it listens and closes, its probes. */
import type { Server as HttpServer } from 'node:http';
import type { Server as TlsServer } from 'node:tls';
import Fastify, { type FastifyHttpOptions, type FastifyInstance } from 'fastify';
import type { Tls } from '../place.ts';
import { mutual, type Renewal, renewed } from './tls.ts';

export interface Limits {
  readonly bodyBytes: number;
  /** Whoever sends its body drop by drop is cut off. */
  readonly requestTimeoutMs: number;
  readonly headersTimeoutMs: number;
  /** How often that is looked at. */
  readonly checkEveryMs: number;
  /** When it closes: for what is being asked and answered. */
  readonly closingTimeoutMs: number;
}

/** Fastify's options for it. @param tls with it, only whoever shows a certificate is answered. */
export function serverOptions(limits: Limits, tls?: Tls): ServerOptions {
  const http = { headersTimeout: limits.headersTimeoutMs, connectionsCheckingInterval: limits.checkEveryMs };
  return {
    bodyLimit: limits.bodyBytes,
    requestTimeout: limits.requestTimeoutMs,
    ...(tls ? { https: { ...http, handshakeTimeout: limits.headersTimeoutMs, ...mutual(tls) } } : { http }),
    // What X-Forwarded-* says is anybody's word.
    trustProxy: false,
    // A restart does not wait for idle connections.
    forceCloseConnections: 'idle',
    return503OnClosing: true,
  };
}

/** By TLS or not, what is served is the same: Fastify's types would tell the two apart everywhere. */
type ServerOptions = Omit<FastifyHttpOptions<HttpServer>, 'https'>;

/**
 * After a restart all senders come at once, each by a connection of its own. Beyond Node's 511 the system leaves them hanging
 * for seconds. It takes as many of these as it is set to (Linux: net.core.somaxconn, 4096).
 */
const backlog = 4096;

/** Where a server listens. */
export interface Door {
  readonly bind: string;
  /** 0: any free one. */
  readonly port: number;
}

export interface Listening {
  readonly url: string;
  close(): Promise<void>;
}

/** @param tls the files of `serverOptions`, whose renewals it follows. */
export async function listening(
  app: FastifyInstance,
  given: Door & { readonly closingTimeoutMs: number; readonly tls?: Tls } & Partial<Renewal>,
): Promise<Listening> {
  const { bind, port, closingTimeoutMs, tls, notice = () => undefined, lookEveryMs } = given;
  const url = await app.listen({ host: bind, port, backlog });
  const unfollow =
    tls && renewed(app.server as unknown as TlsServer, tls, { notice, ...(lookEveryMs && { lookEveryMs }) });
  return {
    url: url.replace('://0.0.0.0', '://127.0.0.1'),
    close: () => {
      unfollow?.();
      return closeIn(app, closingTimeoutMs);
    },
  };
}

/** Once a server closes, Node cuts nobody off for being slow: a connection without a whole request would be waited for, for ever. */
async function closeIn(app: FastifyInstance, ms: number): Promise<void> {
  const cut = setTimeout(() => app.server.closeAllConnections(), ms);
  try {
    await app.close();
  } finally {
    clearTimeout(cut);
  }
}

/** Nothing but the probes, in plain: for the kubelet, which has no certificate to show to the service itself. */
export function probesAlone(limits: Limits, ready: () => Promise<unknown>, unready: string): FastifyInstance {
  const app = Fastify(serverOptions(limits));
  probes(app, ready, unready);
  return app;
}

/** For supervisors, without a token: nothing but yes or no. `unready` is what is said where `ready` throws. */
export function probes(app: FastifyInstance, ready: () => Promise<unknown>, unready: string): void {
  app.get('/-/healthy', async (_, reply) => reply.type('text/plain').send('Healthy.\n'));
  app.get('/-/ready', async (_, reply) => {
    try {
      await ready();
    } catch {
      return reply.code(503).type('text/plain; charset=utf-8').send(`${unready}\n`);
    }
    return reply.type('text/plain').send('Ready.\n');
  });
}
