import Fastify, { type FastifyInstance } from 'fastify';
import { type Limits, listening, probes, serverOptions } from '../../../service/server.ts';
import { apiRoutes } from './api.ts';
import type { ServerDeps } from './deps.ts';
import { linkRoutes } from './link-routes.ts';
import { pageRoutes } from './page/routes.ts';
import { problemOf, sendProblem } from './problem.ts';
import { securityHeaders } from './security-headers.ts';
import { webhookRoutes } from './webhook.ts';

const limits: Limits = {
  bodyBytes: 1_048_576,
  requestTimeoutMs: 15_000,
  headersTimeoutMs: 10_000,
  checkEveryMs: 1_000,
  closingTimeoutMs: 3_000,
};

/** The HTTP side of the service: alerts in, people and programs that look and answer. */
export async function openServer(deps: ServerDeps): Promise<{ url: string; close(): Promise<void> }> {
  const { bind, port } = deps;
  return listening(serverOf(deps), { bind, port, ...limits, ...deps.limits });
}

/** Without a socket, for tests. */
export function serverOf(deps: ServerDeps): FastifyInstance {
  const app = Fastify({
    ...serverOptions({ ...limits, ...deps.limits }),
    // The signed token of a link is one part of its path.
    routerOptions: { maxParamLength: 300 },
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
  for (const routes of [webhookRoutes, apiRoutes, linkRoutes, pageRoutes])
    app.register(async (scope) => routes(scope, deps));
  const ready = async () => {
    deps.policyInfo();
    await deps.store.openBySeverity();
  };
  probes(app, ready, 'Cannot take alerts: the store does not answer. The log of the service says why.');
  return app;
}
