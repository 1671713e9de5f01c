import Fastify, { type FastifyInstance } from 'fastify';
import { apiRoutes } from './api.ts';
import type { Limits, ServerDeps } from './deps.ts';
import { linkRoutes } from './link-routes.ts';
import { pageRoutes } from './page/routes.ts';
import { probeRoutes } from './probes.ts';
import { problemOf, sendProblem } from './problem.ts';
import { securityHeaders } from './security-headers.ts';
import { webhookRoutes } from './webhook.ts';

const limits: Required<Limits> = {
  bodyBytes: 1_048_576,
  requestTimeoutMs: 15_000,
  headersTimeoutMs: 10_000,
  checkEveryMs: 1_000,
  closingTimeoutMs: 3_000,
};

/**
 * After a restart all groups come at once, each by a connection of its own. Beyond Node's 511 the system leaves them hanging
 * for seconds. It takes as many of these as it is set to (Linux: net.core.somaxconn, 4096).
 */
const backlog = 4096;

/** The HTTP side of the service: alerts in, people and programs that look and answer. */
export async function openServer(deps: ServerDeps): Promise<{ url: string; close(): Promise<void> }> {
  const app = serverOf(deps);
  const url = await app.listen({ host: deps.bind, port: deps.port, backlog });
  return {
    url: url.replace('://0.0.0.0', '://127.0.0.1'),
    close: () => closeIn(app, deps.limits?.closingTimeoutMs ?? limits.closingTimeoutMs),
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

/** Without a socket, for tests. */
export function serverOf(deps: ServerDeps): FastifyInstance {
  const { bodyBytes, requestTimeoutMs, headersTimeoutMs, checkEveryMs } = { ...limits, ...deps.limits };
  const app = Fastify({
    bodyLimit: bodyBytes,
    // Whoever sends its body drop by drop is cut off.
    requestTimeout: requestTimeoutMs,
    http: { headersTimeout: headersTimeoutMs, connectionsCheckingInterval: checkEveryMs },
    // The signed token of a link is one part of its path.
    routerOptions: { maxParamLength: 300 },
    // What X-Forwarded-* says is anybody's word.
    trustProxy: false,
    // A restart does not wait for idle connections.
    forceCloseConnections: 'idle',
    return503OnClosing: true,
    frameworkErrors: (error, request, reply) => void sendProblem(request, securityHeaders(reply), problemOf(error)),
  });
  app.addHook('onRequest', async (_, reply) => void securityHeaders(reply));
  app.setErrorHandler((error, request, reply) => {
    const problem = problemOf(error);
    if (problem.hidden) deps.onError(error);
    return sendProblem(request, reply, problem);
  });
  app.setNotFoundHandler((request, reply) => {
    const message =
      'Cannot find the page: there is none at this address. People start at /incidents, programs at /openapi.json.';
    return sendProblem(request, reply, { status: 404, message });
  });
  for (const routes of [webhookRoutes, apiRoutes, linkRoutes, pageRoutes, probeRoutes]) {
    app.register(async (scope) => routes(scope, deps));
  }
  return app;
}
