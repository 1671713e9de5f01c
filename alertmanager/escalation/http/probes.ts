import type { FastifyInstance } from 'fastify';
import type { ServerDeps } from './deps.ts';
import { Problem } from './problem.ts';

/** For supervisors, without a token: nothing but yes or no. */
export function probeRoutes(app: FastifyInstance, { store, policyInfo }: ServerDeps): void {
  app.get('/-/healthy', async (_, reply) => reply.type('text/plain').send('Healthy.\n'));

  app.get('/-/ready', async (_, reply) => {
    try {
      policyInfo();
      await store.openBySeverity();
    } catch (cause) {
      throw new Problem(503, 'Cannot take alerts: the store does not answer. The log of the service says why.', {
        cause,
      });
    }
    return reply.type('text/plain').send('Ready.\n');
  });
}
