import type { FastifyInstance } from 'fastify';
import { bearer } from '../../../service/bearer.ts';
import { doctor, watchdog } from '../../routes.ts';
import type { Refusal, ServerDeps } from './deps.ts';
import { incidentId } from './incident-id.ts';
import { Problem, problemOf } from './problem.ts';
import { read } from './read.ts';
import { alertsReceived, webhookBody } from './webhook-body.ts';

class UnsupportedVersion extends Problem {}

/** POST /alerts: what Alertmanager's `webhook_configs` send. It is on disk before the 200: it will not be sent again. */
export function webhookRoutes(app: FastifyInstance, deps: ServerDeps): void {
  const { desk, tokens, now, onRefused, onHeartbeat, grafanaUrl } = deps;
  // Whatever it says that it is: an alert is not lost for a header.
  app.addHook('onRequest', async ({ raw }) => {
    raw.headers['content-type'] = 'application/json';
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_, body, done) => {
    try {
      done(null, JSON.parse(body as string));
    } catch {
      done(new Problem(400, "Cannot read the alerts: the body is no JSON. Send Alertmanager's webhook version 4."));
    }
  });

  app.addHook('onError', async (_request, _reply, error) => {
    const reason = refusalOf(error);
    if (reason) onRefused(reason);
  });

  app.post(
    '/alerts',
    { onRequest: bearer(tokens.webhook, "the token of Alertmanager's receivers", (why) => new Problem(401, why)) },
    async ({ body }) => {
      const version = (body as { version?: unknown } | null | undefined)?.version;
      if (version !== undefined && version !== '4')
        throw new UnsupportedVersion(
          400,
          `Cannot read the alerts: their version is ${shown(version)}. Send Alertmanager's webhook version 4.`,
        );
      const message = read(webhookBody, body, 'the alerts', "Send Alertmanager's webhook version 4.");
      if (message.receiver === watchdog) {
        // A switch that is released is no sign of life.
        if (message.alerts.some(({ status }) => status === 'firing')) onHeartbeat(now());
        return { accepted: message.alerts.length, incidents: [] };
      }
      if (message.receiver === doctor) return { accepted: message.alerts.length, incidents: [] };
      const group = alertsReceived(message, incidentId(now()), grafanaUrl);
      const incidents = group ? await desk.receive([group]) : [];
      return { accepted: message.alerts.length, incidents: incidents.map(({ id }) => id) };
    },
  );
}

function refusalOf(error: unknown): Refusal | undefined {
  if (error instanceof UnsupportedVersion) return 'unsupported_version';
  const { status } = problemOf(error);
  if (status === 401) return 'unauthenticated';
  if (status === 413) return 'oversize';
  return status >= 400 && status < 500 ? 'malformed' : undefined;
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? 'undefined').slice(0, 40);
}
