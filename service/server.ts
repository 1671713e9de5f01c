/** What the HTTP side of every service has: how much and how slow a request may be, how it listens and closes, its probes. */
import type { FastifyInstance } from 'fastify';

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

/** Fastify's options for it. */
export function serverOptions(limits: Limits) {
  return {
    bodyLimit: limits.bodyBytes,
    requestTimeout: limits.requestTimeoutMs,
    http: { headersTimeout: limits.headersTimeoutMs, connectionsCheckingInterval: limits.checkEveryMs },
    // What X-Forwarded-* says is anybody's word.
    trustProxy: false,
    // A restart does not wait for idle connections.
    forceCloseConnections: 'idle',
    return503OnClosing: true,
  } as const;
}

/**
 * After a restart all senders come at once, each by a connection of its own. Beyond Node's 511 the system leaves them hanging
 * for seconds. It takes as many of these as it is set to (Linux: net.core.somaxconn, 4096).
 */
const backlog = 4096;

export async function listening(
  app: FastifyInstance,
  { bind, port, closingTimeoutMs }: { readonly bind: string; readonly port: number; readonly closingTimeoutMs: number },
): Promise<{ url: string; close(): Promise<void> }> {
  const url = await app.listen({ host: bind, port, backlog });
  return { url: url.replace('://0.0.0.0', '://127.0.0.1'), close: () => closeIn(app, closingTimeoutMs) };
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
