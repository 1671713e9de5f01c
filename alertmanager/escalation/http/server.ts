import Fastify, { type FastifyInstance } from 'fastify';
import type { Tls } from '../../../place.ts';
import { type Limits, type Listening, listening, probes, serverOptions } from '../../../service/server.ts';
import { apiRoutes, readingRoutes } from './api.ts';
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
export async function openServer(deps: ServerDeps): Promise<Listening> {
  const { bind, port, alerts } = deps;
  const { closingTimeoutMs } = { ...limits, ...deps.limits };
  const all = [await listening(serverOf(deps), { bind, port, closingTimeoutMs })];
  const close = async () => void (await Promise.all(all.map((one) => one.close())));
  try {
    if (alerts)
      // Parts alone: Alertmanager hands over alerts, the memory reads what became of them and changes nothing.
      all.push(
        await listening(serverFor(deps, [webhookRoutes, readingRoutes], alerts.tls), { ...alerts, closingTimeoutMs }),
      );
  } catch (error) {
    await close();
    throw error;
  }
  return { url: all[0]?.url as string, close };
}

/** Without a socket, for tests. */
export function serverOf(deps: ServerDeps): FastifyInstance {
  const forPeople = [apiRoutes, linkRoutes, pageRoutes];
  const app = serverFor(deps, deps.alerts ? forPeople : [webhookRoutes, ...forPeople]);
  const ready = async () => {
    deps.policyInfo();
    await deps.store.openBySeverity();
  };
  probes(app, ready, 'Cannot take alerts: the store does not answer. The log of the service says why.');
  return app;
}

function serverFor(deps: ServerDeps, all: readonly Routes[], tls?: Tls): FastifyInstance {
  const app = Fastify({
    ...serverOptions({ ...limits, ...deps.limits }, tls),
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
  for (const routes of all) app.register(async (scope) => routes(scope, deps));
  return app;
}

type Routes = (scope: FastifyInstance, deps: ServerDeps) => unknown;
