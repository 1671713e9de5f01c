import type { FastifyInstance } from 'fastify';
import * as v from 'valibot';
import { bearer } from '../../../service/bearer.ts';
import type { ServerDeps } from './deps.ts';
import { openApi } from './openapi.ts';
import { type Operation, operations } from './operations.ts';
import { Problem } from './problem.ts';
import { read } from './read.ts';

const nothing = v.object({});

/** Serves the table of operations to programs. Every one needs the token; the description does not. */
export function apiRoutes(app: FastifyInstance, deps: ServerDeps): void {
  serve(app, deps, operations);
  const description = openApi(deps.publicUrl);
  app.get('/openapi.json', async () => description);
}

/** Those of them that change nothing. */
export function readingRoutes(app: FastifyInstance, deps: ServerDeps): void {
  serve(
    app,
    deps,
    operations.filter(({ method }) => method === 'GET'),
  );
}

function serve(app: FastifyInstance, deps: ServerDeps, some: readonly Operation[]): void {
  const onRequest = bearer(deps.tokens.api, 'the API token', (message) => {
    deps.onRefused('unauthenticated');
    return new Problem(401, message);
  });
  for (const { method, path: url, query, body, type, run } of some) {
    app.route({
      ...{ method, url, onRequest },
      async handler(request, reply) {
        const input = {
          params: request.params as Record<string, string>,
          query: read(query ?? nothing, request.query, 'the query', 'Look at /openapi.json.'),
          body: body && read(body, request.body, 'the request', 'Look at /openapi.json.'),
        };
        return reply.type(type ?? 'application/json; charset=utf-8').send(await run(input, deps));
      },
    });
  }
}
